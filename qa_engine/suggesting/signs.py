"""Signs that a fragment belongs at a spot of an article, in place of the words there. Pure.

A spot is (at, size): the fragment goes before word `at`, and `size` words give way. The signs of
a place do not depend on `size`; together they are weighed by coefficients that were learnt from
real edits (`qa_engine.suggesting.laying`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log1p

from qa_engine.markdown import Kind
from qa_engine.suggesting.locating import Ranked
from qa_engine.suggesting.pages import Page, shape
from qa_engine.suggesting.wording import words_of
from qa_engine.text import STOP_WORDS, fold, stem

#: Fragments from so many words on are phrases, and go between sentences sooner than into them.
_LONG = 6
#: How far around a spot the words are compared with the fragment's.
_NEAR = 8
VALUES = frozenset({"url", "version", "code", "number", "name"})

PLACE_SIGNS = (
    "words", "meaning", "fit", "share", "rank",
    "words_of_all", "meaning_of_all", "fit_of_all", "share_of_all", "rank_of_all",
    "section_of_all", "length",
    "heading", "code", "item", "row", "long_in_heading", "long_in_code", "long_in_item",
    "long_in_row", "shaped_in_code",
    "long_at_end", "short_at_end", "lines_at_end", "sentence_at_end", "value_at_end",
    "long_at_opener", "short_at_opener", "sentence_at_opener", "long_inside", "lines_inside",
    "capital_after_stop", "small_after_stop", "capital_inside",
    "left_pair", "left_shapes", "twice", "near", "near_long", "lead_fits", "lead_alone",
    "plain_gap", "list_gap", "value_in_list", "first_block", "top",
)  # fmt: skip
SPAN_SIGNS = (
    "right_pair", "right_shapes", "right_twice", "tail_fits", "tail_alone", "before_capital",
    "stop_before_small",
    "replaces", "one_more", "shorter", "longer", "even", "alike", "case_only", "opens_alike",
    "first_shape", "last_shape", "small_for_small", "word_for_word", "value_for_value",
    "capital_for_capital", "shared", "exact_shared", "crosses", "to_stop", "whole_sentence",
    "whole_block", "long_replaces", "moved", "often", "marks_within", "same_ends",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fragment:
    """Words that come in together, with the marks around them."""

    text: str
    folded: tuple[str, ...]
    raw: tuple[str, ...]
    stems: tuple[str, ...]
    shapes: tuple[str, ...]
    lead: str
    tail: str

    @property
    def is_long(self) -> bool:
        return len(self.folded) >= _LONG

    @property
    def has_lines(self) -> bool:
        return "\n" in self.text.strip()

    @property
    def is_sentence(self) -> bool:
        return self.raw[0][:1].isupper() and bool(re.search(r"[.:!?]\W*$", self.text.rstrip()))


@lru_cache(maxsize=2_000)
def fragment_of(text: str) -> Fragment | None:
    """None where there are no words."""
    found = words_of(text)
    if not found:
        return None
    raw = tuple(word.text for word in found)
    folded = tuple(map(fold, raw))
    return Fragment(
        text=text,
        folded=folded,
        raw=raw,
        stems=tuple(map(stem, folded)),
        shapes=tuple(map(shape, raw)),
        lead=text[: found[0].start].strip(),
        tail=text[found[-1].end :].strip(),
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """What the ranking of paragraphs says, by paragraph."""

    words: Sequence[float]
    meaning: Sequence[float]
    fit: Sequence[float]
    # The fit as a share of the best one's, and one over the place in the ranking.
    share: Sequence[float]
    rank: Sequence[float]
    # The best fit under the same headings.
    section: Sequence[float]

    @classmethod
    def of(cls, ranked: Sequence[Ranked]) -> Placed:
        ordered = sorted(ranked, key=lambda one: one.paragraph.number)
        best = max((one.score for one in ranked), default=0.0) or 1.0
        place = {one.paragraph.number: at for at, one in enumerate(ranked)}
        sections: dict[str, float] = {}
        for one in ranked:
            sections.setdefault(one.paragraph.heading_path, one.score)
        return cls(
            words=[one.lexical for one in ordered],
            meaning=[one.dense for one in ordered],
            fit=[one.score for one in ordered],
            share=[one.score / best for one in ordered],
            rank=[1 / (1 + place[one.paragraph.number]) for one in ordered],
            section=[sections[one.paragraph.heading_path] for one in ordered],
        )


def place_signs(
    page: Page, fragment: Fragment, at: int, replaces: bool, alone: Placed, joint: Placed
) -> tuple[float, ...]:
    block = page.block_at(at, replaces)
    kind = page.paragraphs[block].kind
    long, lines, sentence = fragment.is_long, fragment.has_lines, fragment.is_sentence
    count = len(page.words)
    ends = not replaces and (at == count or page.block_of[at] != block)
    opens = not ends and at in page.openers
    inside = not ends and not opens
    left = page.folded[at - 1] if at else ""
    left_shape = page.shapes[at - 1] if at else ""
    gap = page.gaps[at].strip()
    capital = fragment.raw[0][:1].isupper()
    value = fragment.shapes[0] in VALUES
    in_row = kind in {Kind.TABLE_ROW, Kind.TABLE_HEAD}
    near = _near(page, fragment, at)
    lead = fragment.lead
    stopped = ends or opens
    in_list = gap in {",", ", ", "/", "|"} or gap.startswith(",")
    return (
        alone.words[block], alone.meaning[block], alone.fit[block], alone.share[block],
        alone.rank[block], joint.words[block], joint.meaning[block], joint.fit[block],
        joint.share[block], joint.rank[block], joint.section[block], page.lengths[block],
        kind is Kind.HEADING, kind is Kind.CODE, kind is Kind.ITEM, in_row,
        long and kind is Kind.HEADING, long and kind is Kind.CODE, long and kind is Kind.ITEM,
        long and in_row, kind is Kind.CODE and fragment.shapes[0] in {"name", "url"},
        long and ends, not long and ends, lines and ends, sentence and ends, value and ends,
        long and opens, not long and opens, sentence and opens, long and inside,
        lines and not ends,
        capital and stopped, not capital and stopped, capital and inside,
        log1p(page.pairs[left, fragment.folded[0]]),
        page.follows(left_shape, fragment.shapes[0], left_shape) if at else 0.0,
        left == fragment.folded[0], near, near if long else 0.0,
        bool(lead) and _marks_meet(gap, lead), bool(lead) and not gap, not gap,
        in_list, in_list and value, block == 0, 1.0 - block / max(1, len(page.paragraphs)),
    )  # fmt: skip


def span_signs(
    page: Page, fragment: Fragment, at: int, size: int, elsewhere: Collection[str]
) -> tuple[float, ...]:
    end = at + size
    count = len(page.words)
    right = page.folded[end] if end < count else ""
    right_shape = page.shapes[end] if end < count else ""
    gap = page.gaps[end].strip() if end <= count else ""
    capital_next = end < count and page.words[end].text[:1].isupper()
    tail = fragment.tail
    stop = tail[-1:] in {".", ":", "?", "!"}
    around = (
        log1p(page.pairs[fragment.folded[-1], right]),
        page.follows(fragment.shapes[-1], right_shape, right_shape) if right else 0.0,
        right == fragment.folded[-1],
        bool(tail) and _marks_meet(tail, gap), bool(tail) and not gap,
        stop and capital_next, stop and not capital_next,
    )  # fmt: skip
    if not size:
        return (*around, *_NOTHING)
    return (*around, *_replacing(page, fragment, at, end, elsewhere))


_NOTHING = (0.0,) * (len(SPAN_SIGNS) - 7)


def _replacing(
    page: Page, fragment: Fragment, at: int, end: int, elsewhere: Collection[str]
) -> tuple[float, ...]:
    size, long = end - at, len(fragment.folded)
    gone, shapes = page.folded[at:end], page.shapes[at:end]
    removed = page.body[page.words[at].start : page.words[end - 1].end]
    alike = _alike(removed.lower(), fragment.text.strip("*[]()`_ ").lower())
    stems = set(page.stems[at:end])
    telling = stems - STOP_WORDS
    shared = len(telling & set(fragment.stems)) / len(telling) if telling else 0.0
    exact = len({word.text for word in page.words[at:end]} & set(fragment.raw)) / size
    crosses = any(number in page.openers for number in range(at + 1, end))
    to_stop = page.stops_at(end)
    from_start = at in page.openers
    values = shapes[0] == fragment.shapes[0] and shapes[0] in VALUES
    moved = len(telling & set(elsewhere)) / len(telling) if telling else 0.0
    return (
        1.0, float(min(size - 1, 6)), log1p(max(0, long - size)), log1p(max(0, size - long)),
        size == long, alike, gone == fragment.folded,
        gone[0][:3] == fragment.folded[0][:3],
        shapes[0] == fragment.shapes[0], shapes[-1] == fragment.shapes[-1],
        size == 1 and shapes[0] == "small" and fragment.shapes[0] == "small",
        size == 1 and long == 1 and shapes[0] == fragment.shapes[0],
        values, shapes[0] == fragment.shapes[0] == "capital",
        shared, exact, crosses, to_stop, from_start and to_stop and not crosses,
        from_start and to_stop and (not at or page.block_of[at] != page.block_of[at - 1]),
        fragment.is_long, moved, log1p(max(0, min(page.often[word] for word in gone) - 1)),
        bool(re.search(r"[*`\[\](|]", removed)),
        gone[0] == fragment.folded[0] or gone[-1] == fragment.folded[-1],
    )  # fmt: skip


def _near(page: Page, fragment: Fragment, at: int) -> float:
    around = set(page.stems[max(0, at - _NEAR) : at + _NEAR]) - STOP_WORDS
    mine = set(fragment.stems) - STOP_WORDS
    return len(around & mine) / len(mine) if mine else 0.0


def _marks_meet(before: str, after: str) -> bool:
    """Whether one side's marks end as the other's begin: "**" and "*["."""
    return bool(before) and bool(after) and (before.endswith(after[:1]) or after in before)


def _alike(one: str, other: str) -> float:
    """Dice's coefficient of letter pairs."""
    ours, theirs = _letter_pairs(one), _letter_pairs(other)
    total = len(ours) + len(theirs)
    return 2 * len(ours & theirs) / total if total else 0.0


@lru_cache(maxsize=50_000)
def _letter_pairs(text: str) -> frozenset[str]:
    padded = f" {text[:400]} "
    return frozenset(padded[at : at + 2] for at in range(len(padded) - 1))
