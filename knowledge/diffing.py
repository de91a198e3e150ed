"""What changed between two texts: line by line, and inside a changed line word by word.

Pure. Articles have a paragraph on each line, so a diff of lines alone says little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
#: Changed lines less alike than this are shown as one removed and one added.
_ALIKE = 0.4
#: Letters of a word that does not keep two changes apart.
_SHORT = 3
#: Above this many words, a line is compared as a whole: the comparison is quadratic.
_MAX_WORDS = 4000


class Kind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"
    #: Unchanged lines that are not shown.
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stayed, went or came."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the diff: the old one at the left, the new one at the right."""

    kind: Kind
    old_number: int | None = None
    new_number: int | None = None
    pieces: tuple[Piece, ...] = ()
    skipped: int = 0

    @property
    def old(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.kind is not Kind.ADDED)

    @property
    def new(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.kind is not Kind.REMOVED)


def diff_words(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces that turn `old` into `new`: removals before what replaces them."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) + len(after) > _MAX_WORDS:
        return tuple(_whole(old, new))
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Kind.SAME, "".join(before[i1:i2])))
            continue
        pieces += _whole("".join(before[i1:i2]), "".join(after[j1:j2]))
    return tuple(pieces)


def diff_lines(old: str, new: str, *, context: int | None = 3) -> list[Row]:
    """The rows of the diff; with `context`, only that many unchanged lines around changes."""
    before, after = old.split("\n"), new.split("\n")
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, False).get_opcodes():
        if tag == "equal":
            rows += [
                Row(Kind.SAME, i + 1, j + 1, (Piece(Kind.SAME, before[i]),))
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
        else:
            rows += _changed(before, after, range(i1, i2), range(j1, j2))
    return rows if context is None else list(_folded(rows, context))


def by_phrase(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Changes that only a short word keeps apart joined, so that they read as phrases.

    "7 to 10" that becomes "5 to 7" is one change, not two with a "to" between them.
    """
    joined: list[Piece] = []
    removed = added = ""
    for index, piece in enumerate(pieces):
        is_between = (
            piece.kind is Kind.SAME
            and bool(removed and added)
            and index + 1 < len(pieces)
            and len(piece.text.split()) <= 1
            and len(piece.text.strip()) <= _SHORT
            and "\n" not in piece.text
        )
        if piece.kind is not Kind.SAME or is_between:
            removed += piece.text if piece.kind is not Kind.ADDED else ""
            added += piece.text if piece.kind is not Kind.REMOVED else ""
            continue
        joined += [*_whole(removed, added), piece]
        removed = added = ""
    return (*joined, *_whole(removed, added))


def _whole(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece(Kind.REMOVED, old)
    if new:
        yield Piece(Kind.ADDED, new)


def _changed(before: Sequence[str], after: Sequence[str], old: range, new: range) -> Iterator[Row]:
    """Pair the lines of a hunk in order, as long as they are alike."""
    left, right = list(old), list(new)
    while left and right:
        pieces = diff_words(before[left[0]], after[right[0]])
        if _likeness(pieces) >= _ALIKE:
            yield Row(Kind.CHANGED, left.pop(0) + 1, right.pop(0) + 1, pieces)
        elif len(left) >= len(right):
            yield _removed(before, left.pop(0))
        else:
            yield _added(after, right.pop(0))
    yield from (_removed(before, i) for i in left)
    yield from (_added(after, j) for j in right)


def _likeness(pieces: Sequence[Piece]) -> float:
    kept = sum(len(piece.text) for piece in pieces if piece.kind is Kind.SAME)
    other = sum(len(piece.text) for piece in pieces if piece.kind is not Kind.SAME)
    return 2 * kept / (2 * kept + other) if kept + other else 1.0


def _removed(lines: Sequence[str], index: int) -> Row:
    return Row(Kind.REMOVED, index + 1, None, (Piece(Kind.REMOVED, lines[index]),))


def _added(lines: Sequence[str], index: int) -> Row:
    return Row(Kind.ADDED, None, index + 1, (Piece(Kind.ADDED, lines[index]),))


def _folded(rows: Sequence[Row], context: int) -> Iterator[Row]:
    near: set[int] = set()
    for index, row in enumerate(rows):
        if row.kind is not Kind.SAME:
            near.update(range(index - context, index + context + 1))
    skipped = 0
    for index, row in enumerate(rows):
        if index not in near:
            skipped += 1
            continue
        if skipped:
            yield Row(Kind.SKIPPED, skipped=skipped)
            skipped = 0
        yield row
    if skipped:
        yield Row(Kind.SKIPPED, skipped=skipped)
