"""Which known word a misspelt one meant. Pure; PostgreSQL proposes, this decides."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def edit_distance(one: str, other: str) -> int:
    """Letters added, dropped, replaced, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        previous, row = row, [i]
        for j, right in enumerate(other, start=1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = previous
    return row[-1]


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely meant, if any; `known` has the commonest first."""
    allowed = 1 if len(word) < 8 else 2
    plain = _plain(word)
    ranked = sorted(
        (edit_distance(plain, other), other[:1] != plain[:1], index, other)
        for index, other in enumerate(known)
    )
    return ranked[0][3] if ranked and ranked[0][0] <= allowed else None


def _plain(word: str) -> str:
    """Without accents, as the known words are kept."""
    letters = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
