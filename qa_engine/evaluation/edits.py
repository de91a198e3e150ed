"""Real edits of articles, and how like them a proposed edit is. Imports no Django."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_engine.evaluation.data import Loaded, Refused, collect, jsonl, text
from qa_engine.markdown import blocks
from qa_engine.suggesting.wording import Hunk, Word, changed_words, words_of

_FRONT_MATTER = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
# Where in a word's neighbourhood a run of added words ends: nothing but marks in between.
_MARKS_BEFORE = re.compile(r"[^\w\s]*$")
_MARKS_AFTER = re.compile(r"^[^\w\s]*")


@dataclass(frozen=True)
class EditRecord:
    """One content edit of one article. The bodies are Markdown without front matter."""

    key: str
    article: str
    title: str
    date: str
    before: str
    after: str

    @property
    def group(self) -> str:
        """Edits of one article are never on both sides of a split."""
        return self.article

    @cached_property
    def change(self) -> Change:
        return Change.between(self.before, self.after)

    @cached_property
    def fact(self) -> str:
        """The added words, each run of them as it stands afterwards, one a line."""
        return "\n".join(self.runs)

    @cached_property
    def lines(self) -> str:
        """The whole lines that hold added words: what somebody who knows would write."""
        words = words_of(self.after)
        wanted = {
            self.after.rfind("\n", 0, words[at].start) + 1
            for hunk in changed_words(self.before, self.after)
            for at in range(hunk.new_first, hunk.new_last)
        }
        return "\n".join(self.after[at:].split("\n", 1)[0].strip() for at in sorted(wanted))

    @cached_property
    def spots(self) -> list[tuple[int, int]]:
        """Of each run: before which word of the old body it came, and how many gave way."""
        return [
            (hunk.first, hunk.last - hunk.first)
            for hunk in changed_words(self.before, self.after)
            if hunk.new_first < hunk.new_last
        ]

    @cached_property
    def runs(self) -> list[str]:
        words = words_of(self.after)
        runs: list[str] = []
        for hunk in changed_words(self.before, self.after):
            if hunk.new_first == hunk.new_last:
                continue
            start, end = words[hunk.new_first].start, words[hunk.new_last - 1].end
            if found := _MARKS_BEFORE.search(self.after[max(0, start - 8) : start]):
                start -= len(found[0])
            if found := _MARKS_AFTER.search(self.after[end : end + 8]):
                end += len(found[0])
            runs.append(self.after[start:end])
        return runs


@dataclass(frozen=True)
class Change:
    """Which words went, and which came in which block. Blocks are numbered as they stand."""

    # Numbers of the old body's words.
    removed: frozenset[int]
    # (block, word) → how often.
    added: Mapping[tuple[int, str], int]
    # Of the old body: each word, and the block it stands in.
    words: tuple[tuple[int, str], ...]

    @classmethod
    def between(cls, before: str, after: str) -> Change:
        old, new = words_of(before), words_of(after)
        starts = [block.start for block in blocks(before)]
        removed: set[int] = set()
        added: Counter[tuple[int, str]] = Counter()
        for hunk in changed_words(before, after):
            removed.update(range(hunk.first, hunk.last))
            block = _block(starts, old, hunk)
            added.update((block, word.text) for word in new[hunk.new_first : hunk.new_last])
        placed = tuple((_at(starts, word.start), word.text) for word in old)
        return cls(frozenset(removed), added, placed)

    @property
    def blocks(self) -> frozenset[int]:
        """Those that the change touches."""
        return frozenset(self.words[at][0] for at in self.removed) | {
            block for block, _ in self.added
        }

    def text_of(self, touched: frozenset[int]) -> Counter[tuple[int, str]]:
        """The words that stand in these blocks afterwards."""
        found = Counter(
            word
            for at, word in enumerate(self.words)
            if word[0] in touched and at not in self.removed
        )
        found.update({word: n for word, n in self.added.items() if word[0] in touched})
        return found


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the real change a proposed one is; all shares are 0 … 1."""

    # F1 over the words that went (at their very places) and that came (in their block).
    changed_f1: float
    # F1 over all words of the paragraphs that either of the two touches.
    region_f1: float
    # Of the words that the real edit kept, how many the proposal takes away.
    unrelated: float


def compare(real: Change, proposed: Change) -> Likeness:
    shared = len(real.removed & proposed.removed) + _overlap(real.added, proposed.added)
    changed = _f1(
        shared,
        len(real.removed) + sum(real.added.values()),
        len(proposed.removed) + sum(proposed.added.values()),
    )
    region = real.blocks | proposed.blocks
    wanted, given = real.text_of(region), proposed.text_of(region)
    region_f1 = _f1(_overlap(wanted, given), sum(wanted.values()), sum(given.values()))
    kept = len(real.words) - len(real.removed)
    return Likeness(changed, region_f1, len(proposed.removed - real.removed) / max(kept, 1))


def load_edits(path: Path) -> Loaded[EditRecord]:
    """JSONL with `path`, `date`, `before`, `after`."""
    places = iter(range(1, 10**9))

    def build(row: Mapping[str, Any]) -> EditRecord:
        number = next(places)
        before, after = text(row, "before"), text(row, "after")
        head = _FRONT_MATTER.match(before)
        title = _TITLE.search(head[1]) if head else None
        body, new = _FRONT_MATTER.sub("", before), _FRONT_MATTER.sub("", after)
        if body == new:
            raise Refused("it changes nothing but the front matter")
        return EditRecord(
            key=str(number),
            article=text(row, "path", "article"),
            title=title[1].strip().strip("\"'") if title else "",
            date=text(row, "date", required=False),
            before=body,
            after=new,
        )

    return collect(path, jsonl(path), build)


def _block(starts: list[int], words: list[Word], hunk: Hunk) -> int:
    """Of the words that give way; of an insertion, the block that it stands in or after."""
    if hunk.first < hunk.last:
        return _at(starts, words[hunk.first].start)
    return _at(starts, words[hunk.first - 1].start) if hunk.first else 0


def _at(starts: list[int], offset: int) -> int:
    return max(0, bisect_right(starts, offset) - 1)


def _overlap(one: Mapping[Any, int], other: Mapping[Any, int]) -> int:
    return sum(min(count, other.get(key, 0)) for key, count in one.items())


def _f1(shared: int, wanted: int, given: int) -> float:
    return 2 * shared / (wanted + given) if wanted + given else 1.0
