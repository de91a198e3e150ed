"""What of an article tells whether another one may say the same, small enough to keep.

To read twenty neighbours of each article anew took nine tenths of the time of comparing them.
An outline has of each paragraph its name and its words as numbers, and counts as `duplicates`
does; only what it lets through is read. Imports no Django.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qa_engine.suggesting.duplicates import (
    ENOUGH,
    FEWEST_WORDS,
    FORMULA,
    SAYS_IT,
    Line,
    Page,
)


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """A paragraph's name and words."""

    key: int
    stems: frozenset[int]
    is_heading: bool


#: Of all the paragraphs of a page that say something.
Outline = tuple[OutlineLine, ...]


def outline(page: Page) -> Outline:
    return tuple(_outlined(line) for line in page.told)


def packed(lines: Outline) -> bytes:
    """To be kept: of each line its name, how many words, and whether it is a heading."""
    numbers: list[int] = []
    for line in lines:
        head = len(line.stems) << 1 | line.is_heading
        numbers += [line.key >> 32, line.key & 0xFFFFFFFF, head, *sorted(line.stems)]
    return struct.pack(f"<{len(numbers)}I", *numbers)


def unpacked(kept: bytes) -> Outline:
    numbers = struct.unpack(f"<{len(kept) // 4}I", kept)
    lines, at = [], 0
    while at < len(numbers):
        high, low, head = numbers[at : at + 3]
        end = at + 3 + (head >> 1)
        lines.append(
            OutlineLine(high << 32 | low, frozenset(numbers[at + 3 : end]), bool(head & 1))
        )
        at = end
    return tuple(lines)


def formulas(own: Outline, others: Iterable[Outline]) -> frozenset[int]:
    """As `duplicates.formulas`."""
    seen: Counter[int] = Counter()
    for other in others:
        seen.update({line.key for line in other})
    return frozenset(line.key for line in own if seen[line.key] >= FORMULA)


def keys_in(page: Page, chosen: frozenset[int]) -> frozenset[str]:
    """The names of those of the page's paragraphs that are among the chosen."""
    return frozenset(key for line in page.told if _number(key := line.paragraph.key) in chosen)


def may_be_twins(one: Outline, other: Outline, ignored: frozenset[int] = frozenset()) -> bool:
    """Whether so much of the shorter stands in the longer that `duplicates.twins` is to look.

    Of two as long as each other either may be the one that goes: both ways are tried.
    """
    mine, theirs = _length(one), _length(other)
    return (mine <= theirs and _is_said(one, other, ignored)) or (
        theirs <= mine and _is_said(other, one, ignored)
    )


def _is_said(gone: Outline, kept: Outline, ignored: frozenset[int]) -> bool:
    told = [line for line in gone if not line.is_heading and line.key not in ignored]
    total = sum(len(line.stems) for line in told)
    if total < FEWEST_WORDS:
        return False
    others = [line.stems for line in kept if not line.is_heading]
    may_lack = (1 - ENOUGH) * total
    for line in told:
        if not _stands_in(line.stems, others):
            may_lack -= len(line.stems)
            # Rounding must not lose what is exactly enough.
            if may_lack < -1e-6:
                return False
    return True


def _stands_in(stems: frozenset[int], others: Sequence[frozenset[int]]) -> bool:
    for other in others:
        both = len(stems & other)
        if both / len(stems) + 0.01 * both / len(other) >= SAYS_IT:
            return True
    return False


def _outlined(line: Line) -> OutlineLine:
    stems = frozenset(zlib.crc32(stem.encode()) for stem in line.stems)
    return OutlineLine(_number(line.paragraph.key), stems, line.is_heading)


def _number(key: str) -> int:
    return int(key, 16)


def _length(lines: Outline) -> int:
    return sum(len(line.stems) for line in lines)
