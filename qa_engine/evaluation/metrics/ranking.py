"""How good is a ranking? Of one query each; the caller takes the mean over queries.

`ranked` holds what was proposed, best first, each once; `gains` what is relevant, with how
much it is worth (1 where relevance is a yes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

Gains = Mapping[str, float]


def hit_at(k: int, ranked: Sequence[str], gains: Gains) -> float:
    """Whether anything relevant is among the first k."""
    return float(any(one in gains for one in ranked[:k]))


def recall_at(k: int, ranked: Sequence[str], gains: Gains) -> float:
    """The share of what is relevant that is among the first k."""
    return sum(1 for one in ranked[:k] if one in gains) / len(gains)


def reciprocal_rank(k: int, ranked: Sequence[str], gains: Gains) -> float:
    """One over the place of the first relevant one; 0 where none is among the first k."""
    places = (place for place, one in enumerate(ranked[:k], start=1) if one in gains)
    first = next(places, None)
    return 1 / first if first else 0.0


def ndcg_at(k: int, ranked: Sequence[str], gains: Gains) -> float:
    """Gains discounted by place, over those of the best ranking there could be."""
    found = _discounted([gains.get(one, 0.0) for one in ranked[:k]])
    ideal = _discounted(sorted(gains.values(), reverse=True)[:k])
    return found / ideal


def _discounted(values: Sequence[float]) -> float:
    return sum(value / log2(place + 1) for place, value in enumerate(values, start=1))
