"""How much of a difference is noise, and how bad an error rate may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, lgamma, log, log1p
from random import Random


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far b is above a, over the same questions."""

    difference: float
    low: float
    high: float
    # Share of the resamples in which b is not above a.
    p_value: float

    @property
    def is_better(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.low > 0


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def clopper_pearson_upper(errors: int, total: int, *, confidence: float = 0.95) -> float:
    """The error rate that is exceeded with probability 1 - `confidence` at most.

    One-sided and exact: the rate at which so few errors would be just that unlikely.
    """
    if not 0 <= errors <= total:
        raise ValueError(f"{errors} errors of {total}")
    if errors == total:
        return 1.0
    low, high = errors / total, 1.0
    for _ in range(100):
        middle = (low + high) / 2
        if _at_most(errors, total, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def paired_bootstrap(
    a: Sequence[float],
    b: Sequence[float],
    *,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Comparison:
    """Whether b beats a by more than the choice of questions explains.

    a[i] and b[i] score the same question; questions are drawn again with replacement.
    """
    differences = [second - first for first, second in zip(a, b, strict=True)]
    random, count = Random(seed), len(differences)  # no secret
    drawn = sorted(mean(random.choices(differences, k=count)) for _ in range(resamples))
    tail = (1 - confidence) / 2
    return Comparison(
        difference=mean(differences),
        low=percentile(drawn, tail),
        high=percentile(drawn, 1 - tail),
        p_value=sum(one <= 0 for one in drawn) / resamples,
    )


def _at_most(errors: int, total: int, rate: float) -> float:
    """Probability of `errors` or fewer at that rate (0 < rate < 1, or none at 0)."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return float(errors >= total)
    logs = [
        lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1)
        + k * log(rate) + (total - k) * log1p(-rate)
        for k in range(errors + 1)
    ]  # fmt: skip
    return min(1.0, sum(exp(one) for one in logs))
