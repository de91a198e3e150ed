"""The newest figures as a page of Markdown, with charts beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from qa_engine.evaluation.charts import line_chart
from qa_engine.evaluation.records import lines_of, shown
from qa_engine.evaluation.targets import TARGETS
from qa_engine.evaluation_models import EvaluationRun

_AXES = {
    "risk_coverage": ("Risk against coverage", "share of questions answered", "share wrong"),
    "drafts_per_second": ("Drafts a second", "drafts a batch", "drafts/s"),
}
_HEAD = """\
# Evaluation

Written by `manage.py evaluate report` from the newest run of each suite. Formats, metrics and
what each figure means: see the page on evaluation in the documentation. Quality is comparable
between machines, speed is not: cores are those that the process could use, and CPU time
counts the process and its PostgreSQL backend. A peer's figure is the published or measured
one that its source names; a target without a peer is our own.
"""


def write_report(path: Path, runs: Iterable[EvaluationRun]) -> int:
    """Write the page and its charts; how many runs it tells of."""
    sections, told = [_HEAD], list(runs)
    for run in told:
        sections.append(_section(run))
        for name in run.curves:
            file = f"{path.stem}-{_slug(run)}-{name.replace('_', '-')}.svg"
            title, x_label, y_label = _AXES.get(name, (name, "", ""))
            points = [(point[0], point[1]) for point in run.curves[name]]
            chart = line_chart(points, title=title, x_label=x_label, y_label=y_label)
            path.with_name(file).write_text(chart + "\n", encoding="utf-8")
            sections.append(f"![{title}, {run.kind}]({file})\n")
    if not told:
        sections.append("Nothing has been measured yet.\n")
    else:
        sections.insert(1, _targets(told))
    path.write_text("\n".join(sections), encoding="utf-8")
    return len(told)


def _targets(runs: Sequence[EvaluationRun]) -> str:
    """Every target with what was reached, and those that nothing was measured for."""
    rows = []
    for target in TARGETS:
        found = [
            (run.kind, line)
            for run in runs
            for line in lines_of(run.suite, run.variant, run.metrics)
            if line.target == target
        ]
        wanted = "" if target.wanted is None else f"{target.sign} {shown(target.wanted)}"
        peer = "" if target.peer is None else shown(target.peer)
        rows += [
            f"| {kind} | {target.figure} | {line.shown} | {line.wanted} | {line.peer} |"
            for kind, line in found
        ] or [f"| {target.suite} | {target.figure} | not measured | {wanted} | {peer} |"]
    head = ["| suite | figure | value | target | peer |", "|---|---|---|---|---|"]
    return "\n".join(["## Targets", "", *head, *rows, ""])


def _section(run: EvaluationRun) -> str:
    rows = [
        f"| {line.figure} | {line.shown} | {line.wanted} | {line.peer} | {line.source} |"
        for line in lines_of(run.suite, run.variant, run.metrics)
    ]
    data = [
        f"{about.get('name', name)} ({about['sha256'][:12]})"
        for name, about in sorted(run.data.items())
        if "sha256" in about and name != "questions"
    ]
    names = ", ".join(f"{name} `{value}`" for name, value in sorted(run.fingerprints.items()))
    return "\n".join(
        [
            f"## {run.kind}",
            "",
            f"{run.started_at:%Y-%m-%d %H:%M} UTC, {run.seconds:.0f} s, "
            f"{run.host_cores} cores. Data: {'; '.join(data)}. {names}.",
            "",
            "| figure | value | target | peer | peer's source |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _slug(run: EvaluationRun) -> str:
    return "".join(char if char.isalnum() else "-" for char in run.kind).strip("-")
