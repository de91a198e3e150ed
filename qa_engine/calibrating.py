"""Fits the confidence to questions whose answer is known. Imports no Django.

Plain logistic regression with a ridge, by Newton's method: a dozen features and some
hundred samples need no library. Judged by cross-validation over whole articles,
since the questions about one are no independent samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from math import exp, log

from qa_engine.confidence import Calibration, Features

#: (probability, whether it was right, how much it counts)
Judged = tuple[float, bool, float]

RIDGE = 1.0
STEPS = 25
FOLDS = 10
#: Which way each feature may speak. A coefficient of the other sign is a quirk of the sample.
POSITIVE = frozenset(
    {
        "score",
        "share",
        "passage",
        "words_in_span",
        "words_in_passage",
        "answer_type",
        "words_of_context",
        "share_of_section",
        "share_of_article",
    }
)
PRECEDENT = "precedent"
PRECEDENT_WEIGHTS = tuple(step / 4 for step in range(33))
# What precedents count is learnt by itself, from the same questions with others' answers.
NAMES = tuple(field.name for field in fields(Features) if field.name != PRECEDENT)


@dataclass(frozen=True, slots=True)
class Sample:
    # Samples of one group are in one fold.
    group: str
    features: Features
    is_right: bool
    weight: float = 1.0


def fit(samples: Sequence[Sample]) -> Calibration:
    """The most likely coefficients whose signs make sense."""
    names = list(NAMES)
    while True:
        weights = _newton(
            [_row(s, names) for s in samples],
            [s.is_right for s in samples],
            [s.weight for s in samples],
        )
        wrong = [
            name
            for name, weight in zip(names, weights[1:], strict=True)
            if (weight < 0) == (name in POSITIVE) and weight
        ]
        if not wrong:
            break
        names = [name for name in names if name not in wrong]
    chosen = dict(zip(names, weights[1:], strict=True))
    every = {name: round(chosen.get(name, 0.0), 3) for name in NAMES}
    return Calibration(round(weights[0], 3), every)


def with_precedents(samples: Sequence[Sample], fitted: Calibration) -> Calibration:
    """What precedents count, all else as it is: a shop without any is judged as before."""
    chosen = (
        Calibration(fitted.intercept, {**fitted.weights, PRECEDENT: weight})
        for weight in PRECEDENT_WEIGHTS
    )
    return min(
        chosen,
        key=lambda one: log_loss(
            [(one.probability(s.features), s.is_right, s.weight) for s in samples]
        ),
    )


def cross_validate(samples: Sequence[Sample]) -> list[Judged]:
    """(probability, right, weight) of each sample, by coefficients that never saw its group."""
    groups = sorted({sample.group for sample in samples})
    fold_of = {group: number * 7 % FOLDS for number, group in enumerate(groups)}
    judged: list[Judged] = []
    for fold in range(FOLDS):
        learnt = fit([s for s in samples if fold_of[s.group] != fold])
        judged += [
            (learnt.probability(s.features), s.is_right, s.weight)
            for s in samples
            if fold_of[s.group] == fold
        ]
    return judged


def log_loss(judged: Sequence[Judged]) -> float:
    total = sum(weight * log(max(1e-9, p if right else 1 - p)) for p, right, weight in judged)
    return -total / sum(weight for _, _, weight in judged)


def calibration_error(judged: Sequence[Judged], bins: int = 10) -> float:
    """ECE: how far, on average, the probability is from the share that was right."""
    total = 0.0
    for number in range(bins):
        inside = [(p - r) * w for p, r, w in judged if min(int(p * bins), bins - 1) == number]
        total += abs(sum(inside))
    return total / sum(weight for _, _, weight in judged)


def _row(sample: Sample, names: Sequence[str]) -> list[float]:
    values = asdict(sample.features)
    return [1.0, *(values[name] for name in names)]


def _newton(
    rows: Sequence[Sequence[float]], labels: Sequence[bool], counts: Sequence[float]
) -> list[float]:
    size = len(rows[0])
    weights = [0.0] * size
    for _ in range(STEPS):
        gradient = [-RIDGE * weight for weight in weights]
        hessian = [[RIDGE * (i == j) for j in range(size)] for i in range(size)]
        gradient[0], hessian[0][0] = 0.0, 1e-6  # the intercept is free
        for row, label, count in zip(rows, labels, counts, strict=True):
            z = sum(a * b for a, b in zip(weights, row, strict=True))
            p = 1 / (1 + exp(-max(-30.0, min(30.0, z))))
            for i in range(size):
                gradient[i] += count * (label - p) * row[i]
                for j in range(size):
                    hessian[i][j] += count * p * (1 - p) * row[i] * row[j]
        step = _solve(hessian, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    return weights


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination with pivoting."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda number: abs(rows[number][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for other in range(size):
            if other != at:
                factor = rows[other][at] / rows[at][at]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[at], strict=True)]
    return [rows[at][size] / rows[at][at] for at in range(size)]
