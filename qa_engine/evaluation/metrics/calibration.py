"""Is a confidence worth its name? Ranking (risk and coverage) and level (calibration)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Answering only the surest `coverage` of the questions errs in `risk` of them."""

    coverage: float
    risk: float
    # The least confidence that is still answered.
    threshold: float


def risk_coverage(confidences: Sequence[float], correct: Sequence[bool]) -> list[RiskCoverage]:
    """A point for each question, the surest first.

    Of equal confidences none comes first: between them the expected risk of a random
    order is given, so that the curve does not depend on how the file is sorted.
    """
    total = len(confidences)
    ordered = sorted(zip(confidences, correct, strict=True), key=lambda pair: -pair[0])
    curve: list[RiskCoverage] = []
    answered, wrong = 0, 0.0
    for confidence, group in groupby(ordered, key=lambda pair: pair[0]):
        outcomes = [is_right for _, is_right in group]
        rate = outcomes.count(False) / len(outcomes)
        for place in range(1, len(outcomes) + 1):
            risk = (wrong + rate * place) / (answered + place)
            curve.append(RiskCoverage((answered + place) / total, risk, confidence))
        answered += len(outcomes)
        wrong += outcomes.count(False)
    return curve


def area_under_risk_coverage(curve: Sequence[RiskCoverage]) -> float:
    """The mean risk over all coverages (Geifman & El-Yaniv 2017); less is better."""
    return sum(point.risk for point in curve) / len(curve) if curve else 0.0


def expected_calibration_error(
    confidences: Sequence[float],
    correct: Sequence[bool],
    *,
    bins: int = 10,
    is_equal_mass: bool = False,
) -> float:
    """The mean distance between confidence and share right over bins, by their size.

    Bins of equal width follow Naeini et al. 2015; bins of equal mass hold equally many.
    """
    pairs = list(zip(confidences, correct, strict=True))
    groups = _equal_mass(pairs, bins) if is_equal_mass else _equal_width(pairs, bins)
    distance = 0.0
    for group in groups:
        sure = sum(confidence for confidence, _ in group)
        right = sum(is_right for _, is_right in group)
        distance += abs(sure - right)
    return distance / len(pairs) if pairs else 0.0


def refused_when_keeping(
    share: float, answerable: Sequence[float], unanswerable: Sequence[float]
) -> float:
    """The share of unanswerable questions below the highest threshold that still keeps
    `share` of the answerable ones. Confidences of both; equal to the threshold is kept.
    """
    if not answerable or not unanswerable:
        return 0.0
    ranked = sorted(answerable, reverse=True)
    kept = max(1, ceil(share * len(ranked) - 1e-9))  # 0.7 * 10 is 7.000000000000001
    threshold = ranked[kept - 1]
    return sum(one < threshold for one in unanswerable) / len(unanswerable)


_Pair = tuple[float, bool]


def _equal_width(pairs: list[_Pair], bins: int) -> list[list[_Pair]]:
    """(0, 1/n], (1/n, 2/n] …; 0 belongs to the first."""
    groups: list[list[_Pair]] = [[] for _ in range(bins)]
    for pair in pairs:
        groups[max(0, min(bins, ceil(pair[0] * bins)) - 1)].append(pair)
    return groups


def _equal_mass(pairs: list[_Pair], bins: int) -> list[list[_Pair]]:
    ordered = sorted(pairs, key=lambda pair: pair[0])
    edges = [len(ordered) * number // bins for number in range(bins + 1)]
    return [ordered[first:last] for first, last in pairwise(edges)]
