"""How alike two short texts are spelt: the cosine of their letter groups, rare ones weighing more.

Beside the nearness in meaning it forgives typing errors and tells names apart that an
embedder has never read. Pure Python: the few thousand texts of a routing need no library.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import log, sqrt

SIZES = (2, 3, 4)


class Spelling:
    """The texts to compare with, indexed by their letter groups."""

    def __init__(self, texts: Sequence[str]) -> None:
        counted = [_groups(text) for text in texts]
        self._size = len(texts)
        known = Counter(group for counts in counted for group in counts)
        self._rarity = {g: log((1 + self._size) / (1 + n)) + 1 for g, n in known.items()}
        self._places: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, counts in enumerate(counted):
            for group, weight in self._weighed(counts).items():
                self._places[group].append((place, weight))

    def likeness(self, text: str) -> list[float]:
        """To each of the texts, in their order: 0 … 1."""
        found = [0.0] * self._size
        for group, weight in self._weighed(_groups(text)).items():
            for place, other in self._places.get(group, ()):
                found[place] += weight * other
        return found

    def _weighed(self, counts: Counter[str]) -> dict[str, float]:
        """Of length one; a group that no text has counts for nothing."""
        weights = {
            group: (1 + log(count)) * self._rarity[group]
            for group, count in counts.items()
            if group in self._rarity
        }
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {group: weight / length for group, weight in weights.items()}


def _groups(text: str) -> Counter[str]:
    """Letters in twos, threes and fours, within words and their edges."""
    return Counter(
        word[start : start + size]
        for word in (f" {one} " for one in text.lower().split())
        for size in SIZES
        for start in range(max(1, len(word) - size + 1))
    )
