"""An article as words with their places: what a fragment is laid into. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log1p

from qa_engine.sentences import split_sentences
from qa_engine.suggesting.locating import Paragraph, paragraphs
from qa_engine.suggesting.wording import Word, words_of
from qa_engine.text import STOP_WORDS, fold, stem

_SHAPES = (
    ("url", re.compile(r"https?://|mailto:|\S+@\S+\.|\w+(?:/[\w.-]+){2,}|www\.")),
    ("version", re.compile(r"v?\d+(?:\.\d+)+(?:[-.]\w+)*$")),
    ("code", re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.-]+$")),
    ("number", re.compile(r"\d+$")),
    ("name", re.compile(r"\w+(?:[._/-]\w+)+$")),
    ("capitals", re.compile(r"[A-Z]{2,}$")),
    ("capital", re.compile(r"[A-Z]")),
)


@dataclass(frozen=True, slots=True)
class Page:
    """`words[at]` stands in the paragraph `block_of[at]`; `gaps[at]` is what stands before it.

    `gaps` has one more than `words`: what stands after the last.
    """

    body: str
    words: tuple[Word, ...]
    paragraphs: tuple[Paragraph, ...]
    block_of: tuple[int, ...]
    gaps: tuple[str, ...]
    folded: tuple[str, ...]
    stems: tuple[str, ...]
    shapes: tuple[str, ...]
    # Of each paragraph, the logarithm of its words' number.
    lengths: tuple[float, ...]
    # Numbers of words that a sentence begins with.
    openers: frozenset[int]
    often: Counter[str]
    shape_often: Counter[str]
    pairs: Counter[tuple[str, str]]
    shaped_pairs: Counter[tuple[str, str]]

    def block_at(self, at: int, replaces: bool) -> int:
        """The paragraph of a spot: where nothing gives way, that of the word before."""
        if replaces:
            return self.block_of[at]
        return self.block_of[at - 1] if at else 0

    def follows(self, left: str, right: str, given: str) -> float:
        """How usual it is that words of these shapes meet, where one is given: a log share."""
        return log1p(self.shaped_pairs[left, right]) - log1p(self.shape_often[given])

    def stops_at(self, at: int) -> bool:
        """Whether a sentence or a paragraph ends before the word."""
        return (
            at in (0, len(self.words))
            or at in self.openers
            or self.block_of[at] != self.block_of[at - 1]
        )

    def sentence_at(self, at: int) -> str:
        """The sentence around a word."""
        first = at
        while first and not self.stops_at(first):
            first -= 1
        last = at + 1
        while last < len(self.words) and not self.stops_at(last):
            last += 1
        return self.body[self.words[first].start : self.words[last - 1].end]


@lru_cache(maxsize=64)
def page_of(body: str) -> Page:
    words, found = tuple(words_of(body)), paragraphs(body)
    folded = tuple(fold(word.text) for word in words)
    shapes = tuple(shape(word.text) for word in words)
    edges = [0, *(edge for word in words for edge in (word.start, word.end)), len(body)]
    block_of = _blocks(words, found)
    sizes = Counter(block_of)
    return Page(
        body=body,
        words=words,
        paragraphs=found,
        block_of=block_of,
        gaps=tuple(body[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)),
        folded=folded,
        stems=tuple(stem(word) for word in folded),
        shapes=shapes,
        lengths=tuple(log1p(sizes[number]) for number in range(len(found))),
        openers=_openers(words, found),
        often=Counter(folded),
        shape_often=Counter(shapes),
        pairs=Counter(pairwise(folded)),
        shaped_pairs=Counter(pairwise(shapes)),
    )


@lru_cache(maxsize=20_000)
def shape(word: str) -> str:
    """What kind of word it is: one can stand where another of its shape stands."""
    if fold(word) in STOP_WORDS:
        return "small"
    return next((name for name, pattern in _SHAPES if pattern.match(word)), "word")


def _blocks(words: tuple[Word, ...], found: tuple[Paragraph, ...]) -> tuple[int, ...]:
    numbers: list[int] = []
    at = 0
    for word in words:
        while at + 1 < len(found) and found[at + 1].start <= word.start:
            at += 1
        numbers.append(at)
    return tuple(numbers)


def _openers(words: tuple[Word, ...], found: tuple[Paragraph, ...]) -> frozenset[int]:
    starts = sorted(one.start + start for one in found for start, _ in split_sentences(one.text))
    openers: set[int] = set()
    at = 0
    for start in starts:
        while at < len(words) and words[at].start < start:
            at += 1
        openers.add(at)
    return frozenset(openers)
