"""Who did what with an article, and what is to happen to it at a moment to come."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article
from knowledge.models.revisions import Revision
from knowledge.publication_querysets import ScheduledPublicationQuerySet


class ArticleEvent(models.Model):
    """A step of an article on its way to readers. Written by the services, never changed."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Asked for a review")
        WITHDRAWN = "withdrawn", _("Took the review back")
        APPROVED = "approved", _("Approved")
        SENT_BACK = "sent_back", _("Sent back")
        PUBLISHED = "published", _("Published")
        UNPUBLISHED = "unpublished", _("Took it back into drafts")
        ARCHIVED = "archived", _("Archived")
        RESTORED = "restored", _("Restored from the archive")
        SCHEDULED = "scheduled", _("Planned")
        CANCELLED = "cancelled", _("Cancelled the plan")
        REFUSED = "refused", _("Plan not carried out")
        CONFIRMED = "confirmed", _("Found it still right")
        UP_TO_DATE = "up_to_date", _("Found the translation up to date")

    article = models.ForeignKey(Article, models.CASCADE, related_name="events")
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    # None: the program did it, as an import, or a plan whose moment had come.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True)
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+", null=True)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("step of an article")
        verbose_name_plural = _("steps of articles")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["article", "-created_at"], name="article_event_newest")]
        constraints = [
            models.CheckConstraint(
                name="article_event_sent_back_says_why",
                condition=~Q(kind="sent_back") | ~Q(comment=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.article_id}"


class ScheduledPublication(models.Model):
    """A text that is to show from one moment, to another, or both; carried out by the beat.

    One plan is open for an article at a time. Each of its moments is carried out in the
    transaction that says so on the row: once, whatever stops in between.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        REFUSED = "refused", _("Not carried out")

    article = models.ForeignKey(Article, models.CASCADE, related_name="plans")
    # The text that will show; what is saved after the plan was made does not slip in.
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+", null=True)
    publish_at = models.DateTimeField(_("publish at"), null=True)
    unpublish_at = models.DateTimeField(_("unpublish at"), null=True)
    # The next moment at which there is something to do; None once it is closed.
    due_at = models.DateTimeField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    # Why it was not carried out.
    reason = models.CharField(max_length=300, blank=True)

    objects = ScheduledPublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned publication")
        verbose_name_plural = _("planned publications")
        ordering = ["due_at", "-pk"]
        indexes = [
            models.Index(fields=["due_at"], name="plan_due", condition=Q(state="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["article"], name="plan_one_open_per_article", condition=Q(state="waiting")
            ),
            models.CheckConstraint(
                name="plan_is_in_the_future",
                condition=(Q(publish_at=None) | Q(publish_at__gt=F("created_at")))
                & (Q(unpublish_at=None) | Q(unpublish_at__gt=F("created_at"))),
            ),
            models.CheckConstraint(
                name="plan_publishes_before_it_unpublishes",
                condition=Q(publish_at=None)
                | Q(unpublish_at=None)
                | Q(publish_at__lt=F("unpublish_at")),
            ),
            models.CheckConstraint(
                name="plan_has_a_moment",
                condition=Q(publish_at__isnull=False) | Q(unpublish_at__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_publishes_a_revision",
                condition=Q(publish_at=None, revision=None)
                | Q(publish_at__isnull=False, revision__isnull=False),
            ),
            models.CheckConstraint(
                name="plan_due_iff_waiting",
                condition=Q(state="waiting", due_at__isnull=False, closed_at=None)
                | Q(
                    state__in=["done", "cancelled", "refused"],
                    due_at=None,
                    closed_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.publish_at} – {self.unpublish_at}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def next_moment(self) -> datetime | None:
        """The publication, until it is carried out; then the end."""
        if self.publish_at is not None and self.published_at is None:
            return self.publish_at
        return self.unpublish_at
