"""What articles point to, and whether it is there."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from knowledge.linking.querysets import ArticleLinkQuerySet, LinkQuerySet
from knowledge.models.articles import Article
from knowledge.models.revisions import Revision


class Link(models.Model):
    """An address that published articles point to. Checked once, whoever points to it.

    What lies outside is called broken only after it failed on two different days; what lies
    inside is looked up, so that once is enough.
    """

    class Kind(models.TextChoices):
        INTERNAL = "internal", _("Inside")
        EXTERNAL = "external", _("Outside")

    class State(models.TextChoices):
        UNCHECKED = "unchecked", _("Not checked yet")
        WORKS = "works", _("Works")
        FAILING = "failing", _("Failed, will be tried again")
        BROKEN = "broken", _("Broken")
        SKIPPED = "skipped", _("Cannot be checked")

    class Reason(models.TextChoices):
        NONE = "", _("none")
        NO_ARTICLE = "no_article", _("there is no such article")
        NOT_SHOWN = "not_shown", _("readers do not see that article")
        NO_ANCHOR = "no_anchor", _("the page has no such heading")
        NO_PAGE = "no_page", _("there is no such page")
        STATUS = "status", _("the server refuses it")
        NO_HOST = "no_host", _("there is no such server")
        NO_ANSWER = "no_answer", _("the server does not answer")
        CERTIFICATE = "certificate", _("its certificate is not valid")
        REDIRECTS = "redirects", _("it leads round in circles")
        PRIVATE = "private", _("it is inside a private network")
        MALFORMED = "malformed", _("it is no address")

    # Without its anchor where it lies outside; percent-encoded, so one byte a character.
    url = models.CharField(_("address"), max_length=2000, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    host = models.CharField(max_length=255, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.UNCHECKED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    http_status = models.PositiveSmallIntegerField(_("status"), null=True)
    checked_at = models.DateTimeField(_("checked"), null=True)
    # When a server last answered at all, whatever it said.
    answered_at = models.DateTimeField(null=True)
    failing_since = models.DateField(_("failing since"), null=True)
    last_failed_on = models.DateField(null=True)

    # Present only on rows of `internal()`.
    is_for_readers: bool
    is_for_groups: bool

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["url"]
        indexes = [
            models.Index(
                fields=["host", "-answered_at"],
                name="link_host_answered",
                condition=Q(kind="external"),
            ),
            models.Index(
                fields=["state"],
                name="link_not_well",
                condition=Q(state__in=["failing", "broken"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="link_known_state",
                condition=Q(state__in=["unchecked", "works", "failing", "broken", "skipped"]),
            ),
            models.CheckConstraint(
                name="link_fails_with_a_reason_since_a_day",
                condition=Q(
                    state__in=["failing", "broken"],
                    reason__gt="",
                    failing_since__isnull=False,
                    last_failed_on__isnull=False,
                    last_failed_on__gte=F("failing_since"),
                )
                | Q(
                    state__in=["unchecked", "works", "skipped"],
                    failing_since=None,
                    last_failed_on=None,
                ),
            ),
            models.CheckConstraint(
                name="link_outside_is_broken_after_two_days",
                condition=~Q(kind="external", state="broken")
                | Q(last_failed_on__gt=F("failing_since")),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class ArticleLink(models.Model):
    """That an article's published text points to an address."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="links")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    link = models.ForeignKey(Link, models.CASCADE, related_name="uses")
    # What readers see of it.
    text = models.CharField(_("text"), max_length=200, blank=True)
    is_image = models.BooleanField(_("image"), default=False)

    objects = ArticleLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link of an article")
        verbose_name_plural = _("links of articles")
        default_permissions = ()
        ordering = ["article", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["article", "link"], name="link_once_per_article"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.text}"
