"""How good is a routing that may also say "none of these"?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt


def matthews(golds: Sequence[str], predictions: Sequence[str]) -> float:
    """Matthews' correlation coefficient for any number of classes (Gorodkin 2004).

    0 where either side names one class only, as scikit-learn has it.
    """
    total = len(golds)
    right = sum(gold == found for gold, found in zip(golds, predictions, strict=True))
    wanted, named = Counter(golds), Counter(predictions)
    shared = sum(wanted[label] * named[label] for label in wanted)
    covariance = right * total - shared
    spread = (total**2 - sum(n * n for n in named.values())) * (
        total**2 - sum(n * n for n in wanted.values())
    )
    return covariance / sqrt(spread) if spread else 0.0


def in_scope_accuracy(golds: Sequence[str], predictions: Sequence[str], *, nothing: str) -> float:
    """Of the questions that have a label, the share that got it. Refusing one is wrong."""
    pairs = [pair for pair in zip(golds, predictions, strict=True) if pair[0] != nothing]
    return sum(gold == found for gold, found in pairs) / len(pairs) if pairs else 0.0


def out_of_scope_recall(
    golds: Sequence[str], predictions: Sequence[str], *, nothing: str
) -> float:
    """Of the questions that nothing answers, the share that was refused."""
    found = [one for gold, one in zip(golds, predictions, strict=True) if gold == nothing]
    return sum(one == nothing for one in found) / len(found) if found else 0.0
