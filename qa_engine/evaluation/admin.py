"""Evaluations in the admin: to read, with the history of what each measures.

`qa_engine.admin` registers the page, so that importing this module changes nothing.
"""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from knowledge.unfolding import ReadOnlyAdmin
from qa_engine.evaluation.charts import line_chart
from qa_engine.evaluation.records import lines_of, shown
from qa_engine.evaluation.targets import main_figure, targets_of
from qa_engine.evaluation_models import EvaluationRun

# More points than that are a smear.
HISTORY = 60
SHOWN = (
    "kind", "started_at", "seconds_taken", "host_cores", "figures", "history",
    "data", "data_digest", "fingerprints",
)  # fmt: skip


class EvaluationRunAdmin(ReadOnlyAdmin):
    list_help = _(
        "Figures of the engine on sets of questions, run after run; nothing is overwritten. Each "
        "page shows the targets, and the history on the same questions. docs/evaluation.md tells "
        "what each figure means."
    )
    empty_help = _("“manage.py evaluate” measures, and writes its figures here.")
    list_display = ["kind", "main", "started_at", "seconds_taken", "host_cores"]
    list_filter = ["suite", "variant"]
    date_hierarchy = "started_at"
    fields = SHOWN
    readonly_fields = SHOWN

    @admin.display(description=_("suite"), ordering="suite")
    def kind(self, run: EvaluationRun) -> str:
        return run.kind

    @admin.display(description=_("main figure"))
    def main(self, run: EvaluationRun) -> str:
        name, value = main_figure(run.suite, run.variant, run.metrics)
        return "–" if value is None else f"{name} {shown(value)}"

    @admin.display(description=_("seconds"), ordering="seconds")
    def seconds_taken(self, run: EvaluationRun) -> str:
        return f"{run.seconds:.0f}"

    @admin.display(description=_("figures"))
    def figures(self, run: EvaluationRun) -> SafeString:
        rows = format_html_join(
            "",
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (line.figure.replace("_", " "), line.shown, line.wanted, line.peer, line.source)
                for line in lines_of(run.suite, run.variant, run.metrics)
            ),
        )
        return format_html(
            "<div class='desk-scroll'><table class='desk-table'><thead><tr>"
            "<th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr>"
            "</thead><tbody>{}</tbody></table></div>",
            _("figure"), _("value"), _("target"), _("peer"), _("source"), rows,
        )  # fmt: skip

    @admin.display(description=_("history on the same questions"))
    def history(self, run: EvaluationRun) -> SafeString:
        """The main figure over every run on the same data, oldest first."""
        name, _value = main_figure(run.suite, run.variant, run.metrics)
        known = EvaluationRun.objects.comparable_to(run).values_list("metrics", flat=True)
        values = [metrics[name] for metrics in known if name in metrics][-HISTORY:]
        target = targets_of(run.suite, run.variant).get(name)
        chart = line_chart(
            [(float(number), value) for number, value in enumerate(values, start=1)],
            title=f"{name}, {len(values)} runs",
            target=target.wanted if target else None,
        )
        return mark_safe(chart)  # line_chart escapes what it is given
