"""Versions of the calibration that agents' decisions have taught. One at most is in force."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CalibrationVersionQuerySet(models.QuerySet["CalibrationVersion"]):
    def in_force(self) -> Self:
        return self.filter(state=CalibrationVersion.State.ACTIVE)


class CalibrationVersion(models.Model):
    """Scales by scope, what they were fitted on, and what they changed."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In force")
        RETIRED = "retired", _("Replaced")
        REFUSED = "refused", _("No better than what was in force")

    state = models.CharField(_("state"), max_length=10, choices=State)
    # Of the engine whose drafts were decided on; for another engine it says nothing.
    fingerprint = models.CharField(_("engine"), max_length=200)
    # Scope → [offset, slope, decisions]; see `qa_engine.recalibrating`.
    scales = models.JSONField(_("scales"), default=dict)
    decisions = models.PositiveIntegerField(_("decisions"))
    decisions_digest = models.CharField(_("digest of the decisions"), max_length=64)
    # Log loss and calibration error before and after, on tickets it had not seen.
    figures = models.JSONField(_("figures"), default=dict)
    created_at = models.DateTimeField(_("fitted"), default=timezone.now, editable=False)
    activated_at = models.DateTimeField(_("in force since"), null=True, editable=False)
    # None: the nightly job. Else who rolled back to it.
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, editable=False
    )

    objects = CalibrationVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], name="calibration_one_in_force", condition=Q(state="active")
            ),
            models.CheckConstraint(
                name="calibration_in_force_since",
                condition=~Q(state="active") | Q(activated_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
