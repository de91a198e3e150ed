"""Words with their places, and which of them a change touches. Imports no Django.

A version, an address and a hyphenated name are one word each: whoever changes 1.1.32 to
1.1.33 changes one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

_WORD = re.compile(r"https?://[^\s)>\]\"'|]+|\w+(?:[.\-'’/_]\w+)*")
#: Opcodes are quadratic: longer hunks are taken as replaced whole.
_MOST = 3000


@dataclass(frozen=True, slots=True)
class Word:
    """`text == body[start:end]`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hunk:
    """body[start:end] of the old text gives way to new[new_start:new_end]; in words.

    Word offsets count from the texts' first words; a pure insertion has first == last.
    """

    first: int
    last: int
    new_first: int
    new_last: int


def words_of(text: str) -> list[Word]:
    return [Word(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]


@lru_cache(maxsize=64)
def changed_words(old: str, new: str) -> tuple[Hunk, ...]:
    """What turns the old words into the new ones: lines first, then words within them.

    Marks and white space alone change nothing. Hunks are in order and never touch.
    """
    before, after = words_of(old), words_of(new)
    old_lines, new_lines = _lines(old, before), _lines(new, after)
    matcher = SequenceMatcher(
        None, [key for key, _, _ in old_lines], [key for key, _, _ in new_lines], autojunk=False
    )
    hunks: list[Hunk] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        first, last = _range(old_lines, i1, i2, len(before))
        new_first, new_last = _range(new_lines, j1, j2, len(after))
        hunks += _within(before, after, first, last, new_first, new_last)
    return tuple(hunks)


def _within(
    before: list[Word], after: list[Word], first: int, last: int, new_first: int, new_last: int
) -> list[Hunk]:
    if max(last - first, new_last - new_first) > _MOST:
        return [Hunk(first, last, new_first, new_last)]
    matcher = SequenceMatcher(
        None,
        [word.text for word in before[first:last]],
        [word.text for word in after[new_first:new_last]],
        autojunk=False,
    )
    return [
        Hunk(first + i1, first + i2, new_first + j1, new_first + j2)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    ]


def _lines(text: str, words: list[Word]) -> list[tuple[str, int, int]]:
    """For each line that holds words: the words, and the range of their numbers."""
    lines: list[tuple[str, int, int]] = []
    at = end = 0
    for line in text.splitlines(keepends=True):
        end += len(line)
        first = at
        while at < len(words) and words[at].end <= end:
            at += 1
        if at > first:
            lines.append((" ".join(word.text for word in words[first:at]), first, at))
    return lines


def _range(lines: list[tuple[str, int, int]], i: int, j: int, count: int) -> tuple[int, int]:
    if i < j:
        return lines[i][1], lines[j - 1][2]
    at = lines[i][1] if i < len(lines) else count
    return at, at
