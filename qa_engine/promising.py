"""From which confidence on may drafts be called sure, if so many of them may be wrong? Pure.

"At most 5 % of the drafts shown as sure are wrong, with 95 % confidence": the threshold is
chosen on the very decisions that have to prove it, so testing one threshold after the other
until one fits would be too bold. Learn then Test (Angelopoulos, Bates, Candès, Jordan, Lei
2021, arXiv:2110.01052) makes it valid for any number of decisions and any distribution:

- thresholds are fixed beforehand, and each is the hypothesis "too many are wrong from here on";
- a hypothesis is refused by the exact binomial test (Clopper and Pearson 1934);
- they are tested downwards from a few starting points, each chain ending with its first
  failure (fixed-sequence testing), and the chains share the error budget (Bonferroni).

The confidences must not depend on the decisions: they are the engine's own, before anything
was fitted to what agents decided.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, exp, lgamma, log, log1p

#: Downwards in steps of a hundredth, from each of the starting points.
STARTS = (0.9, 0.8, 0.7, 0.6)
STEP = 0.01
LOWEST = 0.5
#: More decisions than that are never asked for: rather say that the rate is out of reach.
MOST_NEEDED = 20_000

#: The engine's confidence in a draft, and whether an agent found it right.
Judged = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """At most `most_wrong` of the drafts shown as sure are wrong, with this `surety`."""

    most_wrong: float
    surety: float

    def __post_init__(self) -> None:
        if not (0 < self.most_wrong < 1 and 0.5 <= self.surety < 1):
            raise ValueError(f"{self.most_wrong} wrong with {self.surety} surety")

    @property
    def budget(self) -> float:
        """How probable a wrong promise may be in each of the chains."""
        return (1 - self.surety) / len(STARTS)

    @property
    def fewest(self) -> int:
        """So many sure drafts, none of them wrong, prove it; fewer never do."""
        return ceil(log(self.budget) / log1p(-self.most_wrong))


@dataclass(frozen=True, slots=True)
class Proof:
    """What the decisions prove. Without a threshold, how many more would be needed."""

    # Drafts with this confidence or more are sure.
    threshold: float | None
    # At the threshold; without one, where most was tried.
    sure: int
    wrong: int
    decisions: int
    # At least so many more decisions on drafts that would be sure; None where too many of
    # them are wrong for any number to prove it.
    needed: int | None = 0

    @property
    def is_proven(self) -> bool:
        return self.threshold is not None


def prove(judged: Sequence[Judged], rate: ErrorRate) -> Proof:
    """The lowest threshold that the decisions prove, all chains taken together."""
    counts = _Counts(judged)
    proven: list[float] = []
    for start in STARTS:
        threshold = start
        while threshold >= LOWEST - 1e-9 and _holds(*counts.above(threshold), rate):
            proven.append(threshold)
            threshold = round(threshold - STEP, 2)
    if proven:
        found = counts.above(min(proven))
        # Where no decision lies between two of them, the higher one: nothing was seen below.
        best = max(one for one in proven if counts.above(one) == found)
        return Proof(best, *found, len(judged))
    return _refusal(counts, rate)


def holds_at(judged: Sequence[Judged], threshold: float, rate: ErrorRate) -> bool:
    """Whether the decisions prove the rate at this threshold, chosen before them."""
    return _holds(*_Counts(judged).above(threshold), rate)


def _holds(sure: int, wrong: int, rate: ErrorRate) -> bool:
    """Whether so few wrong ones would be that unlikely, were the rate too high."""
    return sure >= rate.fewest and at_most(wrong, sure, rate.most_wrong) <= rate.budget


def at_most(wrong: int, total: int, rate: float) -> float:
    """The probability of `wrong` or fewer of `total` at that rate (0 < rate < 1)."""
    if wrong >= total:
        return 1.0
    term = exp(
        lgamma(total + 1) - lgamma(wrong + 1) - lgamma(total - wrong + 1)
        + wrong * log(rate) + (total - wrong) * log1p(-rate)
    )  # fmt: skip
    found = 0.0
    for k in range(wrong, -1, -1):  # each from the one above it, until they no longer count
        found += term
        term *= k * (1 - rate) / ((total - k + 1) * rate)
        if term < found * 1e-17:
            break
    return min(1.0, found)


class _Counts:
    """Of drafts from a confidence on: how many, and how many of them wrong."""

    def __init__(self, judged: Sequence[Judged]) -> None:
        ordered = sorted(judged, key=lambda one: -one[0])
        self.size = len(ordered)
        self._below = [-confidence for confidence, _ in ordered]
        self._wrong = [0, *accumulate(not is_right for _, is_right in ordered)]

    def above(self, threshold: float) -> tuple[int, int]:
        sure = bisect_right(self._below, -threshold + 1e-9)
        return sure, self._wrong[sure]


def _refusal(counts: _Counts, rate: ErrorRate) -> Proof:
    """For the starting point that is nearest to a proof."""
    nearest: tuple[int, int, int] | None = None
    for start in STARTS:
        sure, wrong = counts.above(start)
        needed = _needed(sure, wrong, rate)
        if needed is not None and (nearest is None or needed < nearest[0]):
            nearest = needed, sure, wrong
    if nearest is None:
        return Proof(None, *counts.above(STARTS[0]), counts.size, None)
    return Proof(None, nearest[1], nearest[2], counts.size, nearest[0])


def _needed(sure: int, wrong: int, rate: ErrorRate) -> int | None:
    """How many more would do if they turned out as those so far; none wrong at the least."""
    share = wrong / sure if sure else 0.0
    if share >= rate.most_wrong:
        return None
    low, high = max(sure + 1, rate.fewest), MOST_NEEDED
    if not _holds(high, ceil(share * high), rate):
        return None
    while low < high:
        middle = (low + high) // 2
        if _holds(middle, ceil(share * middle), rate):
            high = middle
        else:
            low = middle + 1
    return low - sure
