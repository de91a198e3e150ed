"""What agents made of drafts, as data; and the error rates that admins promised from it."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.drafts import Draft
from helpdesk.models.tickets import Queue
from helpdesk.querysets import DraftDecisionQuerySet


class DraftDecision(models.Model):
    """One person's judgement of one draft, with what the engine knew when it wrote it.

    Written in the transaction of the decision and taken back with it. A rule that sends by
    itself decides nothing: only what a person judged is here.
    """

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved unchanged")
        LIGHT = "light", _("Edited lightly")
        HEAVY = "heavy", _("Edited heavily")
        REPLACED = "replaced", _("Replaced by an own reply")
        REJECTED = "rejected", _("Rejected")

    RIGHT = frozenset({Verdict.APPROVED, Verdict.LIGHT})

    draft = models.OneToOneField(Draft, models.CASCADE, related_name="decision")
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    # Of the words of draft and reply together, the part that stayed: 0 … 1.
    kept = models.FloatField(_("kept"), default=0)
    language = models.CharField(_("language"), max_length=15)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="+", verbose_name=_("queue"))
    fingerprint = models.CharField(max_length=200)
    # The engine's own confidence, and what was shown once decisions had been brought to bear.
    own_confidence = models.FloatField()
    confidence = models.FloatField()
    # For each question what its confidence was made of, by name.
    features = models.JSONField(default=list)
    # Whether a promised error rate may rest on it: while a rule sends by itself, only drafts
    # that were drawn for a check count, or those that nobody looked at would be missing.
    is_drawn = models.BooleanField(default=True)
    decided_at = models.DateTimeField(default=timezone.now)

    objects = DraftDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-decided_at", "-pk"]
        indexes = [
            models.Index(fields=["fingerprint", "queue", "-decided_at"], name="decision_of_engine")
        ]
        constraints = [
            models.CheckConstraint(
                name="decision_known_verdict",
                condition=Q(verdict__in=["approved", "light", "heavy", "replaced", "rejected"]),
            ),
            models.CheckConstraint(
                name="decision_confidences_are_probabilities",
                condition=Q(own_confidence__gte=0, own_confidence__lte=1)
                & Q(confidence__gte=0, confidence__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} {self.draft_id}"

    @property
    def is_right(self) -> bool:
        return self.verdict in self.RIGHT


class ErrorPromise(models.Model):
    """ "At most X % of the drafts shown as sure are wrong, with Y % confidence", for a queue.

    What the decisions prove of it is written by `services.promises.check_promise`. Where it is
    proven, an admin may switch on that sure drafts are sent by themselves.
    """

    queue = models.OneToOneField(
        Queue, models.CASCADE, related_name="promise", verbose_name=_("queue")
    )
    most_wrong = models.FloatField(
        _("at most so many are wrong"),
        default=0.05,
        validators=[MinValueValidator(0.005), MaxValueValidator(0.5)],
    )
    surety = models.FloatField(
        _("with this confidence"),
        default=0.95,
        validators=[MinValueValidator(0.5), MaxValueValidator(0.999)],
    )
    # As of the last check. Drafts with this own confidence or more are sure.
    threshold = models.FloatField(null=True, editable=False)
    fingerprint = models.CharField(max_length=200, blank=True, editable=False)
    sure = models.PositiveIntegerField(default=0, editable=False)
    wrong = models.PositiveIntegerField(default=0, editable=False)
    decisions = models.PositiveIntegerField(default=0, editable=False)
    # How many more would prove it; None where too many are wrong.
    needed = models.PositiveIntegerField(null=True, default=None, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)

    sends = models.BooleanField(_("sends sure drafts by itself"), default=False)
    sends_since = models.DateTimeField(null=True, blank=True, editable=False)
    switched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, editable=False
    )
    # Of the drafts it would send, so many are kept for a person, so that the proof goes on.
    checked_share = models.FloatField(
        _("kept for a check"),
        default=0.1,
        validators=[MinValueValidator(0.05), MaxValueValidator(1)],
    )
    # Who changed what, newest first: {"at", "who", "what"}.
    log = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("promised error rate")
        verbose_name_plural = _("promised error rates")
        ordering = ["queue__name"]
        constraints = [
            models.CheckConstraint(
                name="promise_makes_sense",
                condition=Q(most_wrong__gt=0, most_wrong__lte=0.5, surety__gte=0.5, surety__lt=1)
                & Q(checked_share__gte=0.05, checked_share__lte=1),
            ),
            models.CheckConstraint(
                name="promise_sends_only_if_proven",
                condition=Q(sends=False) | Q(threshold__isnull=False, sends_since__isnull=False),
            ),
            models.CheckConstraint(
                name="promise_wrong_are_among_sure", condition=Q(wrong__lte=F("sure"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.most_wrong:.1%}"

    @property
    def rule(self) -> str:
        """Names it in the audit trail: what approved a reply that no person did."""
        return f"promise:{self.pk}"
