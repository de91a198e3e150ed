"""Work that must not be lost. The row is the queue; a Celery message is only a nudge."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.querysets import JobQuerySet


class Job(models.Model):
    """One piece of work, claimed under a lease and tried a few times."""

    class Kind(models.TextChoices):
        DRAFT = "draft", _("Draft a reply")
        MAIL = "mail", _("Send a mail")
        NOTICE = "notice", _("Tell staff about articles")
        LINKS = "links", _("Check links of articles")
        INDEX = "index", _("Index an article")
        TRAIN = "train", _("Train a model")
        FORGET = "forget", _("Forget training data")
        LEARN = "learn", _("Learn from a reply")
        GAPS = "gaps", _("Find what nobody answers")
        CALIBRATE = "calibrate", _("Learn from decisions")
        REPLAY = "replay", _("Replay past tickets")
        SOURCE = "source", _("Follow a source")
        SHADOW = "shadow", _("Draft in the shadow")
        REVIEW = "review", _("Review the articles")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")

    kind = models.CharField(max_length=10, choices=Kind)
    # What it is about, for example a message's id. One queued job a key.
    key = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    run_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Whoever holds the lease works on it; past `leased_until` anybody may take it.
    leased_by = models.CharField(max_length=100, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["kind", "run_at"], name="job_due", condition=Q(state="queued")),
            models.Index(fields=["leased_until"], name="job_leased", condition=Q(state="running")),
            models.Index(
                fields=["finished_at"],
                name="job_finished",
                condition=Q(state__in=["done", "dead"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], name="job_queued_once", condition=Q(state="queued")
            ),
            models.UniqueConstraint(
                fields=["kind", "key"], name="job_running_once", condition=Q(state="running")
            ),
            models.CheckConstraint(
                name="job_leased_iff_running",
                condition=Q(state="running", leased_until__isnull=False)
                | (~Q(state="running") & Q(leased_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="job_finished_at_iff_finished",
                condition=Q(state__in=["done", "dead"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Heartbeat(models.Model):
    """A worker process says that it lives, and what it has loaded."""

    name = models.CharField(max_length=100, unique=True)
    task_queues = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
