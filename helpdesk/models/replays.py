"""What a change would have made of past tickets."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.querysets import ReplayedTicketQuerySet, ReplayQuerySet
from knowledge.models import Suggestion
from qa_engine.models import ModelVersion


class Replay(models.Model):
    """Past tickets asked again with one change.

    A suggestion accepted, another threshold, or a model version promoted.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Finished")
        FAILED = "failed", _("Failed")

    suggestion = models.ForeignKey(
        Suggestion, models.CASCADE, related_name="replays", null=True, blank=True
    )
    # Of confidence, instead of the one in use.
    threshold = models.FloatField(_("threshold"), null=True, blank=True)
    # Of a model, instead of the one that answers.
    version = models.ForeignKey(
        ModelVersion, models.CASCADE, related_name="replays", null=True, blank=True
    )
    # Names the engine, the change and the tickets: an equal one needs no second run.
    fingerprint = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    # The tickets that were opened in this time.
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    total = models.PositiveIntegerField(_("tickets"), default=0)
    # Fewer than there are where its time was up: the newest ones.
    done = models.PositiveIntegerField(_("done"), default=0)
    # Of those that are done, those for which the engine had no draft in fact.
    unanswered = models.PositiveIntegerField(_("unanswered"), default=0)
    # How far it is, newest first; None before the first.
    last_message_id = models.BigIntegerField(null=True, editable=False)
    seconds = models.FloatField(_("seconds"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = ReplayQuerySet.as_manager()

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="replay_of_one_change",
                condition=Q(suggestion__isnull=False, threshold=None, version=None)
                | Q(suggestion=None, threshold__isnull=False, version=None)
                | Q(suggestion=None, threshold=None, version__isnull=False),
            ),
            models.CheckConstraint(
                name="replay_threshold_is_a_probability",
                condition=Q(threshold__isnull=True) | Q(threshold__gte=0, threshold__lte=1),
            ),
            models.CheckConstraint(
                name="replay_done_at_most_total", condition=Q(done__lte=F("total"))
            ),
            models.UniqueConstraint(
                fields=["suggestion", "threshold", "version"],
                name="replay_open_once",
                condition=Q(state__in=["queued", "running"]),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="replay_known_state",
                condition=Q(state__in=["queued", "running", "done", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        if self.suggestion_id is not None:
            return str(_("Suggestion: %(title)s") % {"title": self.suggestion})
        if self.version_id is not None:
            return str(self.version)
        return str(_("Threshold %(value)s") % {"value": self.threshold})

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}

    @property
    def is_cut_short(self) -> bool:
        return self.state == self.State.DONE and self.done < self.total

    @property
    def percent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


class ReplayedTicket(models.Model):
    """A ticket that the change would have answered otherwise. It goes with its ticket.

    The drafts greet nobody and hold words of articles alone.
    """

    class Outcome(models.TextChoices):
        LOST = "lost", _("No longer answered")
        WORSE = "worse", _("Further from what was sent")
        ANSWERED = "answered", _("Newly answered")
        CHANGED = "changed", _("Answered otherwise")
        # The article read otherwise that day, just where the suggestion changes it.
        UNTOLD = "untold", _("Could not be told")

    LOSSES = frozenset({Outcome.LOST, Outcome.WORSE})

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="tickets")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    before = models.TextField(_("without the change"), blank=True)
    after = models.TextField(_("with the change"), blank=True)
    confidence_before = models.FloatField(default=0)
    confidence_after = models.FloatField(default=0)

    objects = ReplayedTicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("replayed ticket")
        verbose_name_plural = _("replayed tickets")
        ordering = ["replay", "-ticket__created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["replay", "message"], name="replayed_once_per_message"
            ),
            models.CheckConstraint(
                name="replayed_known_outcome",
                condition=Q(outcome__in=["lost", "worse", "answered", "changed", "untold"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.replay_id}: {self.ticket_id} {self.outcome}"
