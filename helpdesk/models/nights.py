"""How far a night's work has come: where it goes on, and what admins see of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class GapNight(models.Model):
    """One night's look for gaps. A stopped one goes on at `stage`, after row `cursor`."""

    class Stage(models.TextChoices):
        DRAFTS = "drafts", _("Reading drafts")
        TICKETS = "tickets", _("Reading late and badly rated tickets")
        EMBED = "embed", _("Embedding questions")
        ASKED = "asked", _("Grouping what was not answered")
        ANSWERED = "answered", _("Grouping what was answered")
        SETTLE = "settle", _("Pricing gaps and proposing")
        DONE = "done", _("Done")

    # The job's: one night a day, however often it is tried.
    key = models.CharField(_("night"), max_length=100, unique=True)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.DRAFTS)
    cursor = models.BigIntegerField(default=0)
    # Of the stage it is at: rows seen, and about how many there are.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # Seconds and rows by stage.
    figures = models.JSONField(_("figures"), default=dict)
    embedder = models.CharField(max_length=200, blank=True)
    # The newest question that was grouped; the next night goes on after it.
    grouped_to = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    updated_at = models.DateTimeField(_("last step"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("night")
        verbose_name_plural = _("nights")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="gap_night_finished_iff_done",
                condition=Q(stage="done", finished_at__isnull=False)
                | ~Q(stage="done") & Q(finished_at=None),
            ),
            models.CheckConstraint(
                name="gap_night_done_within_total", condition=Q(done__lte=F("total"))
            ),
        ]

    def __str__(self) -> str:
        return self.key
