"""Thresholds that admins put in force instead of the setting. One at most is in force."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ThresholdQuerySet(models.QuerySet["Threshold"]):
    def in_force(self) -> Self:
        return self.filter(state=Threshold.State.ACTIVE)


class Threshold(models.Model):
    """A confidence from which questions are answered, who put it in force, and when."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In force")
        REPLACED = "replaced", _("Replaced")
        TAKEN_BACK = "taken_back", _("Taken back")

    value = models.FloatField(_("threshold"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ACTIVE)
    # Of the app above, which knows what the threshold would have made of past tickets.
    replay_id = models.BigIntegerField(_("replay"))
    put_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    put_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("taken back by"),
    )  # fmt: skip
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = ThresholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("threshold")
        verbose_name_plural = _("thresholds")
        ordering = ["-put_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], name="threshold_one_in_force", condition=Q(state="active")
            ),
            models.CheckConstraint(
                name="threshold_is_a_probability", condition=Q(value__gte=0, value__lte=1)
            ),
            models.CheckConstraint(
                name="threshold_taken_back_by_somebody",
                condition=Q(
                    state="taken_back", taken_back_by__isnull=False, taken_back_at__isnull=False
                )
                | (
                    Q(state__in=["active", "replaced"]) & Q(taken_back_by=None, taken_back_at=None)
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.value)
