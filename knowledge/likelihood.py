"""How much a few counts say. Pure."""

from __future__ import annotations

from math import sqrt

#: The 95th percentile of the normal distribution: one time in twenty the bound is too high.
_SURE = 1.645


def surely_above(count: int, of: int) -> float:
    """The lower bound of the share that `count` of `of` comes from, 0 … 1; 0 of nothing.

    Wilson (1927), one-sided at 95 %: unlike the share itself it is low while little is known,
    so 3 of 3 (.53) says less than 14 of 18 (.59).
    """
    if of <= 0:
        return 0.0
    share, square = count / of, _SURE**2
    centre = share + square / (2 * of)
    margin = _SURE * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (centre - margin) / (1 + square / of))
