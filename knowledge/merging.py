"""Carries an edit over to a text that has been edited by somebody else meanwhile.

A three-way merge: paragraph by paragraph (a line each), and where both sides changed the
same lines, word by word. Pure. Where both changed the same words there is no answer, and
none is invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from knowledge.types import ArticleText

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
#: Longer stretches are not compared word by word: the comparison is quadratic.
_MAX_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Hunk:
    """Tokens `start:end` of the base become `new`."""

    start: int
    end: int
    new: tuple[str, ...]


def merge(base: str, ours: str, theirs: str) -> str | None:
    """`theirs` with the changes that lead from `base` to `ours`; None where they collide."""
    if base == theirs or ours == theirs:
        return ours
    if base == ours:
        return theirs
    merged = _merged(base.split("\n"), ours.split("\n"), theirs.split("\n"), _word_by_word)
    return None if merged is None else "\n".join(merged)


def merge_texts(base: ArticleText, ours: ArticleText, theirs: ArticleText) -> ArticleText | None:
    """The same for a whole article; None where any part of it collides."""
    title = merge(base.title, ours.title, theirs.title)
    summary = merge(base.summary, ours.summary, theirs.summary)
    body = merge(base.body, ours.body, theirs.body)
    if title is None or summary is None or body is None:
        return None
    return ArticleText(title, body, summary)


def _word_by_word(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> list[str] | None:
    before, one, two = (_WORDS.findall("\n".join(lines)) for lines in (base, ours, theirs))
    if max(len(before), len(one), len(two)) > _MAX_WORDS:
        return None
    merged = _merged(before, one, two, None)
    return None if merged is None else "".join(merged).split("\n")


_Settle = Callable[[Sequence[str], Sequence[str], Sequence[str]], list[str] | None]


def _merged(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], settle: _Settle | None
) -> list[str] | None:
    """The tokens of both edits; `settle` is asked where the two touch."""
    left, right = _hunks(base, ours), _hunks(base, theirs)
    merged: list[str] = []
    at = 0
    while left or right:
        group_left, group_right = _next_group(left, right)
        group = [*group_left, *group_right]
        start, end = min(hunk.start for hunk in group), max(hunk.end for hunk in group)
        merged += base[at:start]
        one, two = _applied(base, group_left, start, end), _applied(base, group_right, start, end)
        if not group_left or one == two:
            merged += two
        elif not group_right:
            merged += one
        else:
            settled = settle(base[start:end], one, two) if settle else None
            if settled is None:
                return None
            merged += settled
        at = end
    return [*merged, *base[at:]]


def _hunks(base: Sequence[str], other: Sequence[str]) -> list[Hunk]:
    matcher = SequenceMatcher(None, base, other, False)
    return [
        Hunk(i1, i2, tuple(other[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _next_group(left: list[Hunk], right: list[Hunk]) -> tuple[list[Hunk], list[Hunk]]:
    """Take the first hunk and every one that touches it, on either side, from the lists."""
    taken: tuple[list[Hunk], list[Hunk]] = ([], [])
    sides = (left, right)
    first = 0 if left and (not right or left[0].start <= right[0].start) else 1
    taken[first].append(sides[first].pop(0))
    end = taken[first][0].end
    is_growing = True
    while is_growing:
        is_growing = False
        for side, hunks in enumerate(sides):
            while hunks and hunks[0].start <= end:
                end = max(end, hunks[0].end)
                taken[side].append(hunks.pop(0))
                is_growing = True
    return taken


def _applied(base: Sequence[str], hunks: Sequence[Hunk], start: int, end: int) -> list[str]:
    tokens: list[str] = []
    at = start
    for hunk in hunks:
        tokens += [*base[at : hunk.start], *hunk.new]
        at = hunk.end
    return [*tokens, *base[at:end]]
