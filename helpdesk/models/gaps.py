"""What requesters ask and the knowledge base does not answer, in groups that last."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from knowledge.models import Suggestion


class Gap(models.Model):
    """Questions that ask the same. It keeps its identity as more of them come."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        REOPENED = "reopened", _("Open again")

    # A question of one of its tickets, without personal data.
    name = models.CharField(_("name"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    # The mean of its questions' vectors; only vectors of the same embedder compare.
    centroid = VectorField()
    embedder = models.CharField(max_length=200)
    question_count = models.PositiveIntegerField(_("questions"), default=0)
    tickets_per_week = models.FloatField(_("tickets a week"), default=0)
    handling_minutes = models.FloatField(_("minutes a ticket"), default=0)
    weekly_minutes = models.GeneratedField(
        expression=F("tickets_per_week") * F("handling_minutes"),
        output_field=models.FloatField(),
        db_persist=True,
        verbose_name=_("minutes a week"),
    )
    suggestion = models.ForeignKey(
        Suggestion, models.SET_NULL, related_name="gaps", null=True, blank=True
    )
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered since"), null=True, blank=True)
    # When a proposal was last thought of, and for how many questions: with nothing new since,
    # there is nothing new to propose.
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        ordering = ["-weekly_minutes", "-question_count", "-pk"]
        indexes = [models.Index(fields=["-weekly_minutes"], name="gap_by_cost")]
        constraints = [
            models.CheckConstraint(
                name="gap_answered_at_iff_answered",
                condition=Q(state="answered", answered_at__isnull=False)
                | Q(state__in=["open", "reopened"], answered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GapQuestion(models.Model):
    """One question that was not answered well. It goes with its ticket."""

    class Why(models.TextChoices):
        ABSTAINED = "abstained", _("No draft")
        LATE = "late", _("Answered late")
        RATED_BADLY = "bad", _("Rated badly")
        # Asked in an answered gap, and answered: this is how a loop closes.
        ANSWERED = "answered", _("Answered")

    gap = models.ForeignKey(Gap, models.SET_NULL, related_name="questions", null=True, blank=True)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="gap_questions")
    message = models.ForeignKey(Message, models.CASCADE, related_name="gap_questions")
    # Which of the message's questions.
    number = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(_("why"), max_length=10, choices=Why)
    # Without personal data.
    text = models.CharField(_("question"), max_length=500)
    vector = VectorField(null=True)
    embedder = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("question of a gap")
        verbose_name_plural = _("questions of gaps")
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["gap", "-asked_at"], name="gap_question_of_gap")]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="gap_question_once"),
            models.CheckConstraint(
                name="gap_question_known_why",
                condition=Q(why__in=["abstained", "late", "bad", "answered"]),
            ),
        ]

    def __str__(self) -> str:
        return self.text
