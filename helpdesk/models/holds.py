"""Drafts that must not be sent yet, because what they rest on may no longer be true."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.drafts import Draft
from knowledge.models import FactPlace


class DraftHold(models.Model):
    """A draft quotes words of an article that a source now says otherwise.

    While a hold is open a trigger refuses to let the draft be sent. It ends when the
    suggestion is decided, or when an agent who has read the reason sends it all the same.
    """

    class Outcome(models.TextChoices):
        SETTLED = "settled", _("Settled")
        OVERRIDDEN = "overridden", _("Sent all the same")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="holds")
    place = models.ForeignKey(FactPlace, models.CASCADE, related_name="+")
    # In words for the agent.
    reason = models.CharField(_("reason"), max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["draft", "pk"]
        indexes = [
            models.Index(fields=["draft"], name="hold_open", condition=Q(released_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["draft", "place"], name="hold_once_per_place"),
            models.CheckConstraint(
                name="hold_released_has_outcome",
                condition=Q(released_at=None, outcome="", released_by=None)
                | Q(released_at__isnull=False, outcome="settled")
                | Q(released_at__isnull=False, outcome="overridden", released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
