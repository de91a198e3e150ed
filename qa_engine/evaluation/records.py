"""From a result to the row that remembers it, and to the lines that tell it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qa_engine.evaluation.data import digest_of_texts
from qa_engine.evaluation.metering import cores
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.targets import Target, targets_of
from qa_engine.evaluation_models import EvaluationRun


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, what it should be, and what the best peer reaches."""

    figure: str
    value: float
    target: Target | None

    @property
    def shown(self) -> str:
        return shown(self.value)

    @property
    def wanted(self) -> str:
        if self.target is None or self.target.wanted is None:
            return ""
        mark = "" if self.target.is_met(self.value) else " (missed)"
        return f"{self.target.sign} {shown(self.target.wanted)}{mark}"

    @property
    def peer(self) -> str:
        known = self.target is not None and self.target.peer is not None
        return shown(self.target.peer) if known and self.target and self.target.peer else ""

    @property
    def source(self) -> str:
        return self.target.source if self.target else ""


def save_run(result: SuiteResult, *, started_at: datetime, seconds: float) -> EvaluationRun:
    return EvaluationRun.objects.create(
        suite=result.suite,
        variant=result.variant,
        data=dict(result.data),
        data_digest=data_digest(result),
        fingerprints=dict(result.fingerprints),
        metrics=dict(result.metrics),
        curves=dict(result.curves),
        started_at=started_at,
        seconds=seconds,
        host_cores=cores(),
    )


def data_digest(result: SuiteResult) -> str:
    """Equal for the same files and the same questions of them, whatever they are called."""
    said = {
        name: {key: value for key, value in about.items() if key != "name"}
        for name, about in result.data.items()
    }
    return digest_of_texts([json.dumps(said, sort_keys=True)])


def lines_of(suite: str, variant: str, metrics: dict[str, float]) -> list[Line]:
    """Figures with a target first, in the targets' order, then the others by name.

    PostgreSQL keeps no order of the keys of an object, so the order is made here.
    """
    targets = targets_of(suite, variant)
    names = [*(name for name in targets if name in metrics), *sorted(metrics, key=_by_number)]
    return [Line(name, metrics[name], targets.get(name)) for name in dict.fromkeys(names)]


def _by_number(name: str) -> tuple[str, int]:
    """hit@3 before hit@10."""
    figure, _, depth = name.partition("@")
    return figure, int(depth) if depth.isdigit() else 0


def shown(value: float) -> str:
    """Enough digits to compare, and no more."""
    if value == int(value) and abs(value) >= 2:
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def as_json(result: SuiteResult, *, started_at: datetime, seconds: float) -> dict[str, Any]:
    metrics = dict(result.metrics)
    return {
        "suite": result.suite,
        "variant": result.variant,
        "metrics": metrics,
        "targets": [
            {
                "figure": line.figure,
                "value": line.value,
                "wanted": line.target.wanted,
                "at_most": line.target.is_ceiling,
                "is_met": line.target.is_met(line.value),
                "peer": line.target.peer,
                "source": line.target.source,
            }
            for line in lines_of(result.suite, result.variant, metrics)
            if line.target
        ],
        "data": dict(result.data),
        "data_digest": data_digest(result),
        "fingerprints": dict(result.fingerprints),
        "curves": dict(result.curves),
        "started_at": started_at.isoformat(),
        "seconds": seconds,
        "host_cores": cores(),
    }


def as_table(lines: list[Line]) -> list[str]:
    """Aligned columns of plain text."""
    rows = [("figure", "value", "target", "peer", "source")]
    rows += [(one.figure, one.shown, one.wanted, one.peer, one.source) for one in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
