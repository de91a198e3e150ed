"""Groups of customers, who read articles that are not for everybody.

Not Django's groups: those say what staff may do, and each of them is a role. A customer in a
group may do nothing more than before, and reads more.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.readers import ReaderGroupQuerySet


class ReaderGroup(models.Model):
    """Customers for whom articles are written, such as those who buy wholesale."""

    name = models.CharField(
        _("name"),
        max_length=100,
        help_text=_("Such as Wholesale customers. Customers never see it."),
    )
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("Who is in it, and why.")
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="ReaderGroupMember",
        related_name="reader_groups",
        verbose_name=_("members"),
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Present only on rows of `with_counts()`.
    member_count: int
    article_count: int

    objects = ReaderGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("group of readers")
        verbose_name_plural = _("groups of readers")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="reader_group_name_once",
                violation_error_message=_("There is a group of this name already."),
            ),
            # Files name groups one after another, with commas between them.
            models.CheckConstraint(
                name="reader_group_name_has_no_comma",
                condition=~Q(name="") & ~Q(name__contains=","),
                violation_error_message=_("Please name it without a comma."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReaderGroupMember(models.Model):
    """Somebody in a group, from now until the row is gone."""

    group = models.ForeignKey(
        ReaderGroup, models.CASCADE, related_name="memberships", verbose_name=_("group")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="reader_memberships",
        verbose_name=_("person"),
    )
    added_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["person__email"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "group"],
                name="reader_group_member_once",
                violation_error_message=_("They are in this group already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)
