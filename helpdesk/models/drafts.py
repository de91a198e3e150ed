"""Drafts that no one has approved yet, and the words of articles they rest on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.querysets import DraftQuerySet
from knowledge.models import Revision


class Draft(models.Model):
    """What the engine wrote for a requester's message, or why it wrote nothing."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved unchanged")
        EDITED = "edited", _("Edited and sent")
        REJECTED = "rejected", _("Rejected")
        STALE = "stale", _("Out of date")
        SUPERSEDED = "superseded", _("Replaced")

    class RejectReason(models.TextChoices):
        WRONG = "wrong", _("It is wrong")
        INCOMPLETE = "incomplete", _("It leaves something out")
        OUTDATED = "outdated", _("The article is out of date")
        TONE = "tone", _("Wrong tone")
        NOT_ASKED = "not_asked", _("It answers something else")
        OTHER = "other", _("Something else")

    SENT = frozenset({State.APPROVED, State.EDITED})

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="drafts")
    # The requester's message that it answers.
    message = models.ForeignKey(Message, models.CASCADE, related_name="drafts")
    # Counts "draft again"; a retried job writes the same number and is refused.
    attempt = models.PositiveIntegerField(default=1)
    fingerprint = models.CharField(max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    # Empty when the engine abstained; then `reason` says why.
    body = models.TextField(_("text"), blank=True)
    reason = models.CharField(_("reason"), max_length=30, blank=True)
    confidence = models.FloatField(_("confidence"))
    # The engine's own, before agents' decisions were brought to bear on it.
    own_confidence = models.FloatField(default=0)
    # As the queue's promised error rate has it; without one, by the confidence shown.
    is_sure = models.BooleanField(default=False)
    # One entry a question, as `qa_engine.types.QuestionOutcome`.
    questions = models.JSONField(default=list)
    # The check of its sentences, as `qa_engine.grounding.types.Grounding`.
    grounding = models.JSONField(_("grounding"), default=dict, blank=True)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reject_reason = models.CharField(max_length=20, choices=RejectReason, blank=True)
    reject_comment = models.CharField(max_length=500, blank=True)
    # Of a draft that no person approved: the rule that an admin had switched on.
    decided_rule = models.CharField(max_length=50, blank=True)
    # The reply that was sent from it; what the agent changed is the difference of the two.
    reply = models.OneToOneField(
        Message, models.SET_NULL, related_name="from_draft", null=True, blank=True
    )

    # Present only on rows of `with_first_claim()`.
    first_claim: int | None

    objects = DraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "-created_at"], name="draft_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "message", "fingerprint", "attempt"],
                name="draft_once_per_message_and_attempt",
            ),
            models.UniqueConstraint(
                fields=["ticket"], name="draft_one_waiting", condition=Q(state="waiting")
            ),
            models.CheckConstraint(
                name="draft_has_body_or_reason",
                condition=(~Q(body="") & Q(reason="")) | (Q(body="") & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="draft_confidence_is_a_probability",
                condition=Q(confidence__gte=0, confidence__lte=1),
            ),
            models.CheckConstraint(
                name="draft_sent_has_decider",
                condition=~Q(state__in=["approved", "edited", "rejected"])
                | Q(decided_by__isnull=False, decided_at__isnull=False)
                | Q(state="approved", decided_at__isnull=False) & ~Q(decided_rule=""),
            ),
            models.CheckConstraint(
                name="draft_rejected_has_reason",
                condition=Q(state="rejected", reject_reason__gt="")
                | (~Q(state="rejected") & Q(reject_reason="")),
            ),
            models.CheckConstraint(
                name="draft_abstained_is_never_sent",
                condition=~Q(state__in=["approved", "edited"]) | ~Q(body=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Draft {self.pk} for ticket {self.ticket_id}"

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def has_answer(self) -> bool:
        return bool(self.body)


class ShadowDraft(models.Model):
    """What a candidate would have written for the same message. Never shown, never sent."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="shadows")
    version = models.ForeignKey(
        "qa_engine.ModelVersion", models.CASCADE, related_name="shadow_drafts"
    )
    body = models.TextField(blank=True)
    reason = models.CharField(max_length=30, blank=True)
    confidence = models.FloatField()
    # But for spaces, the very words that the draft has.
    is_same = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("shadow draft")
        verbose_name_plural = _("shadow drafts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "version"], name="shadow_once_per_draft"),
            models.CheckConstraint(
                name="shadow_has_body_or_reason",
                condition=(~Q(body="") & Q(reason="")) | (Q(body="") & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"Shadow of draft {self.draft_id}"


class Citation(models.Model):
    """A sentence of a draft, and the words of a revision that support it.

    A trigger refuses a quote that is not `revision.body[start:end]`.
    """

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="citations")
    # The number in brackets behind the sentence; equal passages share one.
    number = models.PositiveSmallIntegerField()
    sentence_start = models.PositiveIntegerField()
    sentence_end = models.PositiveIntegerField()
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="citations")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    heading_path = models.CharField(max_length=400, blank=True)
    score = models.FloatField(default=0)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["draft", "sentence_start", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "sentence_start", "revision", "start", "end"],
                name="citation_once_per_sentence",
            ),
            models.CheckConstraint(
                name="citation_ranges_not_empty",
                condition=Q(start__lt=F("end"), sentence_start__lt=F("sentence_end")),
            ),
        ]

    def __str__(self) -> str:
        return f"[{self.number}] {self.revision_id}:{self.start}-{self.end}"
