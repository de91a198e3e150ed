"""Exact match and F1 of the configured reader on a file in SQuAD's format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_engine.evaluation import metrics
from qa_engine.evaluation.reading import Readings


def measure_reader(
    read: Readings, *, min_confidence: float
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """Figures by the script of 1.1 where every question has an answer, else of 2.0."""
    golds = read.golds
    if all(golds.values()):
        figures = metrics.score_v1(golds, read.predictions())
    else:
        figures = metrics.score_v2(golds, read.predictions(least=min_confidence))
        figures |= metrics.best_thresholds(golds, read.predictions(), read.no_answer)
        figures["threshold"] = min_confidence
    figures["examples_per_second"] = len(read.readings) / read.seconds
    return figures, _misses(read)


def _misses(read: Readings) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "id": one.question.key,
            "question": one.question.question,
            "answers": list(dict.fromkeys(one.question.answers)),
            "read": one.text,
            "confidence": round(one.confidence, 4),
            "context": one.question.context,
        }
        for one in read.readings
        if not any(metrics.exact_match(one.text, gold) for gold in one.question.answers)
    )
