"""Does it know when it does not know? Routing with a way out, and risk against coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import mul
from typing import Any

from qa_engine.evaluation import metrics
from qa_engine.evaluation.outcome import Say, thinned
from qa_engine.evaluation.reading import read_squad
from qa_engine.evaluation.squad import NOTHING, LabelledQuestion, SquadQuestion
from qa_engine.protocols import Embedder, Reader, Vector

# How many thresholds are tried on the training split.
THRESHOLDS = 200
#: An answer with this much of F1 is right enough to count as no risk.
RIGHT_F1 = 50.0
KEPT = 0.70

#: Nearest label and how near it is.
Nearest = tuple[str, float]


def measure_routing(
    train: Sequence[LabelledQuestion],
    test: Sequence[LabelledQuestion],
    *,
    embedder: Embedder,
    say: Say,
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """The label of the nearest training question, or nothing where none is near enough."""
    known = [one for one in train if one.label != NOTHING]
    vectors = embedder.embed_queries([one.text for one in known])
    threshold = choose_threshold([one.label for one in known], vectors)
    say(f"threshold {threshold:.3f} from {len(known)} training questions")
    asked = embedder.embed_queries([one.text for one in test])
    labels = [one.label for one in known]
    nearest = [_nearest(vector, vectors, labels) for vector in asked]
    golds = [one.label for one in test]
    routed = route(nearest, threshold)
    figures = _figures(golds, routed) | {
        "threshold": threshold,
        "questions": float(len(test)),
        # Picked on the test questions themselves: what a better threshold could bring.
        "oracle_mcc": max(
            metrics.matthews(golds, route(nearest, one)) for one in _candidates(nearest)
        ),
        "accuracy_without_refusing": metrics.in_scope_accuracy(
            golds, route(nearest, -1.0), nothing=NOTHING
        ),
    }
    misses = tuple(
        {
            "question": one.text,
            "wanted": one.label,
            "routed": found,
            "nearest": near[0],
            "similarity": round(near[1], 4),
        }
        for one, found, near in zip(test, routed, nearest, strict=True)
        if one.label != found
    )
    return figures, misses


def choose_threshold(labels: Sequence[str], vectors: Sequence[Vector]) -> float:
    """The best for the training questions, each asked twice.

    Once as it is, with the others to be found; and once as if its intent did not exist,
    when refusing it is right. The test split plays no part.
    """
    golds: list[str] = []
    nearest: list[Nearest] = []
    for place, (label, vector) in enumerate(zip(labels, vectors, strict=True)):
        scores = [sum(map(mul, vector, other)) for other in vectors]
        others = [number for number in range(len(labels)) if number != place]
        foreign = [number for number in others if labels[number] != label]
        for wanted, allowed in ((label, others), (NOTHING, foreign)):
            if allowed:
                best = max(allowed, key=scores.__getitem__)
                golds.append(wanted)
                nearest.append((labels[best], scores[best]))
    return max(_candidates(nearest), key=lambda one: metrics.matthews(golds, route(nearest, one)))


def route(nearest: Sequence[Nearest], threshold: float) -> list[str]:
    return [label if score >= threshold else NOTHING for label, score in nearest]


def _nearest(vector: Vector, known: Sequence[Vector], labels: Sequence[str]) -> Nearest:
    scores = [sum(map(mul, vector, other)) for other in known]
    best = max(range(len(scores)), key=scores.__getitem__)
    return labels[best], scores[best]


def _candidates(nearest: Sequence[Nearest]) -> list[float]:
    scores = sorted({score for _, score in nearest})
    step = max(1, len(scores) // THRESHOLDS)
    return scores[::step]


def _figures(golds: Sequence[str], routed: Sequence[str]) -> dict[str, float]:
    inside = ["in" if one != NOTHING else NOTHING for one in golds]
    kept = ["in" if one != NOTHING else NOTHING for one in routed]
    return {
        # Over all labels, of which "nothing" is one.
        "mcc": metrics.matthews(golds, routed),
        # Only whether a question was answered at all.
        "mcc_in_or_out": metrics.matthews(inside, kept),
        "in_scope_accuracy": metrics.in_scope_accuracy(golds, routed, nothing=NOTHING),
        "out_of_scope_recall": metrics.out_of_scope_recall(golds, routed, nothing=NOTHING),
    }


def measure_risk(
    questions: Sequence[SquadQuestion],
    *,
    reader: Reader,
    embedder: Embedder,
    min_confidence: float,
    say: Say,
) -> tuple[dict[str, float], dict[str, list[list[float]]]]:
    """Risk against coverage, and whether the confidence is a probability, on SQuAD 2.0.

    An answer is right when it shares half of the words (F1) with a gold answer; any answer
    to an unanswerable question is wrong.
    """
    read = read_squad(questions, reader, embedder, say).readings
    sure = [one.confidence for one in read]
    right = [
        any(100 * metrics.f1(one.text, gold) >= RIGHT_F1 for gold in one.question.answers)
        for one in read
    ]
    curve = metrics.risk_coverage(sure, right)
    answerable = [one.confidence for one in read if one.question.answers]
    unanswerable = [one.confidence for one in read if not one.question.answers]
    figures = {
        "questions": float(len(read)),
        "aurc": metrics.area_under_risk_coverage(curve),
        "risk_at_full_coverage": curve[-1].risk,
        "ece_equal_mass": metrics.expected_calibration_error(sure, right, is_equal_mass=True),
        "ece_equal_width": metrics.expected_calibration_error(sure, right),
        "refused_keeping_70": metrics.refused_when_keeping(KEPT, answerable, unanswerable),
        "refused_at_threshold": metrics.mean([s < min_confidence for s in unanswerable]),
        "kept_at_threshold": metrics.mean([s >= min_confidence for s in answerable]),
        "threshold": min_confidence,
    }
    points = [[point.coverage, point.risk] for point in curve]
    return figures, {"risk_coverage": thinned(points)}
