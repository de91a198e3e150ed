"""What was measured, on what, with what, and when. A row is written once and kept."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EvaluationRunQuerySet(models.QuerySet["EvaluationRun"]):
    def comparable_to(self, run: EvaluationRun) -> Self:
        """The same suite on the very same questions, oldest first."""
        same = self.filter(suite=run.suite, variant=run.variant, data_digest=run.data_digest)
        return same.order_by("started_at", "pk")

    def newest(self) -> Self:
        """The last run of each suite and variant."""
        ordered = self.order_by("suite", "variant", "-started_at", "-pk")
        return ordered.distinct("suite", "variant")


class EvaluationRun(models.Model):
    """One suite, measured once. Never changed or deleted: a trigger refuses it."""

    class Suite(models.TextChoices):
        RETRIEVAL = "retrieval", _("Retrieval")
        READER = "reader", _("Reader")
        ABSTAIN = "abstain", _("Abstaining")
        DRAFTS = "drafts", _("Drafts")
        GROUNDING = "grounding", _("Grounding")
        PROPAGATION = "propagation", _("Propagation")
        CONTRADICTIONS = "contradictions", _("Contradictions")
        THROUGHPUT = "throughput", _("Throughput")
        EDITS = "edits", _("Edits of articles")
        GAPS = "gaps", _("Gaps")

    suite = models.CharField(_("suite"), max_length=20, choices=Suite)
    # Which kind of it: "from-issues", "squad". Figures of different kinds do not compare.
    variant = models.CharField(_("variant"), max_length=60, blank=True)
    # Name, sha256 and counts of each file, and how questions were chosen from them.
    data = models.JSONField(_("data"), default=dict)
    # Of all that: equal digests were measured on the very same questions.
    data_digest = models.CharField(_("data digest"), max_length=64)
    # What was measured: embedding index, reader, code, settings.
    fingerprints = models.JSONField(_("fingerprints"), default=dict)
    metrics = models.JSONField(_("metrics"), default=dict)
    # Name of a curve → its points.
    curves = models.JSONField(_("curves"), default=dict, blank=True)
    started_at = models.DateTimeField(_("started at"))
    seconds = models.FloatField(_("seconds"))
    host_cores = models.PositiveSmallIntegerField(_("cores of the host"))

    objects = EvaluationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["suite", "variant", "-started_at"], name="evaluation_history"),
        ]
        constraints = [
            models.CheckConstraint(
                name="evaluation_run_known_suite",
                condition=Q(
                    suite__in=[
                        "retrieval",
                        "reader",
                        "abstain",
                        "drafts",
                        "propagation",
                        "contradictions",
                        "grounding",
                        "throughput",
                        "edits",
                        "gaps",
                    ]
                ),
            ),
            models.CheckConstraint(name="evaluation_run_took_time", condition=Q(seconds__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def kind(self) -> str:
        return f"{self.suite} {self.variant}".strip()
