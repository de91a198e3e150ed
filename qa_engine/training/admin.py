"""Training in the admin: data, runs, versions and pinned cases.

`qa_engine.admin` registers the read-only pages; what starts a run or changes what answers is
added by the app above, which owns the queue.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from knowledge.unfolding import ExplainedAdmin, ReadOnlyAdmin, display
from qa_engine.evaluation.charts import line_chart
from qa_engine.training.datasheet import advice
from qa_engine.training_models import PinnedCase, TrainingRun, TrainingSet

LOG_SHOWN = 25
#: What a training was told, for people; the others keep their names.
OPTIONS = {
    "epochs": _("times through the examples"),
    "minutes": _("minutes at most"),
    "use_articles": _("learns from the articles"),
    "seed": _("random seed"),
}


class TrainingSetAdmin(ReadOnlyAdmin):
    list_help = _(
        "What agents wrote, changed and rejected, without personal data and without customers "
        "who objected. Drafts that were sent unchanged are left out: a model learns nothing from "
        "its own echo."
    )
    empty_help = _("Export one under Trainings.")
    list_display = ["name", "examples", "held_out", "state_label", "removed", "worth"]
    list_filter = ["state"]
    fields = (
        "name", "state", "worth", "examples", "held_out", "removed", "removed_at", "created_by",
        "trained", "digest", "folder", "sheet",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("made"), ordering="created_at")
    def name(self, row: TrainingSet) -> str:
        return str(row)

    @display(
        description=_("state"),
        ordering="state",
        label={"ready": "success", "purging": "warning", "unusable": "danger"},
    )
    def state_label(self, row: TrainingSet) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.display(description=_("enough?"))
    def worth(self, row: TrainingSet) -> str:
        return advice(row.counts.get("with_positives", 0), row.held_out)

    @admin.display(description=_("models trained on it"))
    def trained(self, row: TrainingSet) -> str:
        return ", ".join(str(one) for one in row.versions.all()) or "–"

    @admin.display(description=_("datasheet"))
    def sheet(self, row: TrainingSet) -> SafeString:
        return _preformatted(row.datasheet)


class TrainingRunAdmin(ReadOnlyAdmin):
    list_help = _(
        "The models can learn from what agents wrote. A training makes a candidate; what answers "
        "customers changes only when its version is promoted."
    )
    list_display = ["name", "state_label", "done", "loss_now", "left", "created_by", "created_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["created_by"]
    fields: ClassVar[tuple[str, ...]] = (
        "kind", "state", "doing", "done", "left", "error", "curve_chart", "log_tail", "made",
        "training_set", "settings_used", "created_by", "created_at", "started_at", "finished_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("training"))
    def name(self, run: TrainingRun) -> str:
        return f"{run.pk} · {run.get_kind_display()}"

    @display(
        description=_("state"),
        ordering="state",
        label={
            "queued": "warning",
            "running": "info",
            "done": "success",
            "failed": "danger",
        },
    )
    def state_label(self, run: TrainingRun) -> tuple[str, str]:
        return run.state, run.get_state_display()

    @admin.display(description=_("doing"))
    def doing(self, run: TrainingRun) -> str:
        return run.phase or "–"

    @admin.display(description=_("done"))
    def done(self, run: TrainingRun) -> SafeString | str:
        if not run.steps:
            return run.phase or "–"
        return format_html(
            '<progress max="{}" value="{}" aria-label="{}"></progress> {}/{} ({})',
            run.steps, run.step, _("done"), run.step, run.steps, f"{run.share_done:.0%}",
        )  # fmt: skip

    @admin.display(description=_("loss"))
    def loss_now(self, run: TrainingRun) -> str:
        return "–" if run.loss is None else f"{run.loss:.3f}"

    @admin.display(description=_("time left"))
    def left(self, run: TrainingRun) -> str:
        if run.seconds_left is None:
            return "–"
        minutes, seconds = divmod(round(run.seconds_left), 60)
        return f"{minutes}:{seconds:02d}"

    @admin.display(description=_("loss curve"))
    def curve_chart(self, run: TrainingRun) -> SafeString | str:
        points = [(float(step), float(loss)) for step, loss in run.curve]
        if len(points) < 2:
            return "–"
        chart = line_chart(points, title=f"{run}", x_label=str(_("step")), y_label=str(_("loss")))
        return mark_safe(chart)  # line_chart escapes what it is given

    @admin.display(description=_("log"))
    def log_tail(self, run: TrainingRun) -> SafeString:
        return _preformatted("\n".join(run.log.splitlines()[-LOG_SHOWN:]))

    @admin.display(description=_("came of it"))
    def made(self, run: TrainingRun) -> str:
        return ", ".join(str(one) for one in run.versions.all()) or "–"

    @admin.display(description=_("options"))
    def settings_used(self, run: TrainingRun) -> str:
        return ", ".join(
            f"{OPTIONS.get(name, name)}: {_in_words(value)}"
            for name, value in run.options.items()
            if value != ""
        )


class PinnedCaseAdmin(ExplainedAdmin):
    list_help = _(
        "Questions whose answers must never get lost. A model version that gets one of them wrong "
        "cannot be promoted."
    )
    list_display = ["question", "expected", "is_active", "note"]
    list_filter = ["is_active", "is_unanswerable"]
    search_fields = ["question", "answer", "note"]
    fields = ["question", "article", "answer", "is_unanswerable", "note", "is_active"]
    autocomplete_fields = ["article"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PinnedCase]:
        rows: QuerySet[PinnedCase] = super().get_queryset(request)
        return rows.select_related("article__published_revision", "article__head")

    @admin.display(description=_("expected"))
    def expected(self, case: PinnedCase) -> str:
        if case.is_unanswerable:
            return str(_("no answer"))
        return " · ".join(str(one) for one in (case.article, case.answer) if one)

    def save_model(
        self, request: HttpRequest, obj: PinnedCase, form: object, change: bool
    ) -> None:
        if not change:
            obj.created_by_id = request.user.pk
        super().save_model(request, obj, form, change)


def _in_words(value: object) -> object:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value


def _preformatted(text: str) -> SafeString:
    return format_html('<pre class="desk-log">{}</pre>', text or "–")
