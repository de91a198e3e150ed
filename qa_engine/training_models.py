"""What the models learn from, how a training went, and which version answers."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article

#: Points of a loss curve that are kept; more are thinned out.
CURVE_POINTS = 300


class Trained(models.TextChoices):
    """What can be trained. A version of each may answer at a time."""

    RETRIEVER = "retriever", _("Retriever")
    RERANKER = "reranker", _("Reranker")
    READER = "reader", _("Reader")
    QUERIES = "queries", _("Query encoder")
    WRITER = "writer", _("Writer")


class Work(models.TextChoices):
    """What a run does: train one of the models, or what comes before and after."""

    EXPORT = "export", _("Export of training data")
    RETRIEVER = "retriever", _("Retriever")
    RERANKER = "reranker", _("Reranker")
    READER = "reader", _("Reader")
    QUERIES = "queries", _("Query encoder")
    CHECK = "check", _("Comparison")


class TrainingSet(models.Model):
    """An export of what people wrote, in a folder of its own below DATA_DIR/training/sets."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        PURGING = "purging", _("Something is being taken out")
        UNUSABLE = "unusable", _("Unusable")

    # Of the examples as they were exported; a model keeps it as what it was trained on.
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    folder = models.CharField(_("folder"), max_length=300)
    examples = models.PositiveIntegerField(_("examples"))
    held_out = models.PositiveIntegerField(_("held out"))
    # What it holds and what was left out, by reason.
    counts = models.JSONField(_("counts"), default=dict)
    datasheet = models.TextField(_("datasheet"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READY)
    # Examples that were taken out later, because somebody was erased or objected.
    removed = models.PositiveIntegerField(_("taken out since"), default=0)
    removed_at = models.DateTimeField(_("last taken out"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("training set")
        verbose_name_plural = _("training sets")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="training_set_held_out_is_a_part", condition=Q(held_out__lte=F("examples"))
            ),
            models.CheckConstraint(
                name="training_set_removed_has_date",
                condition=Q(removed=0) | Q(removed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d} {self.digest[:8]}"

    @property
    def is_usable(self) -> bool:
        return self.state == self.State.READY and self.examples > 0


class TrainingSource(models.Model):
    """Whose words a set holds, as the app above names them ("ticket:12"), to find them again."""

    training_set = models.ForeignKey(TrainingSet, models.CASCADE, related_name="sources")
    source = models.CharField(max_length=60)
    # Erased, or objected to: still in the file until it is rewritten.
    is_forgotten = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["source"], name="training_source")]
        constraints = [
            models.UniqueConstraint(
                fields=["training_set", "source"], name="training_source_once_per_set"
            ),
        ]

    def __str__(self) -> str:
        return self.source


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def open(self) -> Self:
        return self.filter(state__in=["queued", "running"])


class TrainingRun(models.Model):
    """One training: what was asked for, how far it is, and what came of it."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = frozenset({State.QUEUED, State.RUNNING})

    kind = models.CharField(_("what"), max_length=10, choices=Work)
    training_set = models.ForeignKey(
        TrainingSet, models.PROTECT, related_name="runs", null=True, blank=True,
        verbose_name=_("training set"),
    )  # fmt: skip
    # As `qa_engine.training.recipes.Options`.
    options = models.JSONField(_("options"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    # What it is doing now, in words.
    phase = models.CharField(_("doing"), max_length=100, blank=True)
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    loss = models.FloatField(_("loss"), null=True, blank=True)
    seconds_left = models.FloatField(null=True, blank=True)
    # [step, loss], oldest first.
    curve = models.JSONField(default=list)
    log = models.TextField(_("log"), blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    is_cancel_asked = models.BooleanField(default=False)
    # How often a process took it up; after a few times it is given up.
    sittings = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    # The process writes this every few seconds; one that is silent is dead.
    seen_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("training")
        verbose_name_plural = _("trainings")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="training_run_finished_at_iff_finished",
                condition=Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="training_run_failed_says_why", condition=~Q(state="failed") | ~Q(error="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def share_done(self) -> float:
        return self.step / self.steps if self.steps else 0.0


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def answering(self, kind: str) -> ModelVersion | None:
        """The version in use; None where the configured model is."""
        return self.filter(kind=kind, state="active").first()

    def shadowing(self) -> ModelVersion | None:
        return self.filter(state="shadow").order_by("-pk").first()


class ModelVersion(models.Model):
    """Trained weights: where they lie, what they are worth, and whether they answer."""

    class State(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        SHADOW = "shadow", _("In the shadow")
        ACTIVE = "active", _("Answers")
        RETIRED = "retired", _("Retired")
        DISCARDED = "discarded", _("Discarded")

    kind = models.CharField(_("model"), max_length=10, choices=Trained)
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.CANDIDATE)
    run = models.ForeignKey(
        TrainingRun, models.PROTECT, related_name="versions", null=True, blank=True,
        verbose_name=_("training"),
    )  # fmt: skip
    training_set = models.ForeignKey(
        TrainingSet, models.PROTECT, related_name="versions", null=True, blank=True,
        verbose_name=_("training set"),
    )  # fmt: skip
    # Of everything it learnt from, training set or not.
    data_digest = models.CharField(_("data digest"), max_length=64)
    base = models.CharField(_("made from"), max_length=300)
    path = models.CharField(_("directory"), max_length=500)
    fingerprint = models.CharField(_("fingerprint"), max_length=200)
    # {"before": {name: value}, "after": {…}, "about": {…}}
    figures = models.JSONField(_("figures"), default=dict)
    # Against the model that answered at the time, question by question: see `promotion`.
    comparison = models.JSONField(_("comparison"), default=dict, blank=True)
    pinned = models.JSONField(_("pinned cases"), default=dict, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    promoted_at = models.DateTimeField(_("promoted"), null=True, blank=True)
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True,
        verbose_name=_("promoted by"),
    )  # fmt: skip

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["kind", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["kind"], name="version_one_active", condition=Q(state="active")
            ),
            models.UniqueConstraint(
                fields=["state"], name="version_one_shadow", condition=Q(state="shadow")
            ),
            models.CheckConstraint(
                name="version_active_has_promoter",
                condition=~Q(state="active")
                | Q(promoted_by__isnull=False, promoted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE


class VersionEvent(models.Model):
    """Who did what with a version, and when. Written once."""

    class Kind(models.TextChoices):
        MADE = "made", _("made it")
        PROMOTED = "promoted", _("promoted it")
        REPLACED = "replaced", _("replaced it with another")
        ROLLED_BACK = "rolled_back", _("rolled back to it")
        SHADOWED = "shadowed", _("let it draft in the shadow")
        UNSHADOWED = "unshadowed", _("took it out of the shadow")
        DISCARDED = "discarded", _("discarded it")

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    # None: the helpdesk itself.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True
    )
    data: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("version event")
        verbose_name_plural = _("version events")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class PinnedCase(models.Model):
    """A question whose answer must never get worse, whatever is promoted."""

    question = models.TextField(_("question"))
    # Any passage of it may be quoted first.
    article = models.ForeignKey(
        Article, models.CASCADE, related_name="pinned_cases", null=True, blank=True,
        verbose_name=_("article that must be quoted"),
    )  # fmt: skip
    answer = models.CharField(_("words that the answer must contain"), max_length=300, blank=True)
    is_unanswerable = models.BooleanField(_("must not be answered"), default=False)
    is_active = models.BooleanField(_("counts"), default=True)
    note = models.CharField(_("why"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True,
        editable=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("pinned case")
        verbose_name_plural = _("pinned cases")
        ordering = ["question"]
        constraints = [
            models.CheckConstraint(name="pinned_case_has_question", condition=~Q(question="")),
            models.CheckConstraint(
                name="pinned_case_expects_an_answer_or_none",
                condition=Q(is_unanswerable=True, article=None, answer="")
                | (Q(is_unanswerable=False) & (Q(article__isnull=False) | ~Q(answer=""))),
                violation_error_message=_(
                    "Name an article or words of the answer, or say that it must not be answered."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.question[:80]
