"""Which paragraph of an article a fact belongs to: by words, meaning, headings and values.

Pure: where an embedder is given, the paragraphs are compared by meaning too. A paragraph is
a block of Markdown: a heading, a paragraph, a list item, a table row, a block of code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log

from qa_engine.markdown import Kind, blocks, heading_text
from qa_engine.protocols import Embedder
from qa_engine.sentences import SEPARATOR, plain
from qa_engine.suggesting.values import values_of
from qa_engine.text import content_words, stem, words

# BM25's usual ones; paragraphs are short, so that their length counts little.
_K1, _B = 1.2, 0.4


@dataclass(frozen=True, slots=True)
class Paragraph:
    """body[start:end], and the headings it stands under."""

    number: int
    kind: Kind
    start: int
    end: int
    text: str
    heading_path: str


@dataclass(frozen=True, slots=True)
class Ranked:
    paragraph: Paragraph
    # 0 … 1: how sure it is that the fact belongs here.
    score: float
    lexical: float
    dense: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign counts. Chosen on one half of real edits: see docs/adr/0015."""

    lexical: float = 0.5
    dense: float = 0.5
    heading: float = 0.15
    values: float = 0.2
    neighbours: float = 0.15
    # Headings share words with all that stands under them, and are seldom what changes.
    headings: float = 0.6


@lru_cache(maxsize=256)
def paragraphs(body: str) -> tuple[Paragraph, ...]:
    found: list[Paragraph] = []
    path: list[tuple[int, str]] = []
    for number, block in enumerate(blocks(body)):
        text = body[block.start : block.end]
        if block.kind is Kind.HEADING:
            path = [entry for entry in path if entry[0] < block.level]
            path.append((block.level, plain(heading_text(text))))
        headings = SEPARATOR.join(words for _, words in path)
        found.append(Paragraph(number, block.kind, block.start, block.end, text, headings))
    return tuple(found)


def rank(
    body: str,
    fact: str,
    *,
    embedder: Embedder | None = None,
    title: str = "",
    weights: Weights | None = None,
) -> list[Ranked]:
    """All paragraphs, the likeliest first. Empty for an empty body."""
    weights = weights or Weights()
    found = paragraphs(body)
    if not found:
        return []
    terms = [stem(word) for word in content_words(fact)] or [stem(w) for w in words(fact)]
    lexical = _bm25(terms, [_stems(one.text) for one in found])
    headings = _bm25(terms, [_stems(one.heading_path) for one in found])
    dense = _cosines(fact, found, embedder, title)
    shared = _values(fact, found)
    scores = [
        (weights.headings if one.kind is Kind.HEADING else 1.0)
        * (
            weights.lexical * lexical[at]
            + weights.dense * dense[at]
            + weights.heading * headings[at]
            + weights.values * shared[at]
        )
        for at, one in enumerate(found)
    ]
    total = weights.lexical + weights.heading + weights.values
    total += weights.dense if embedder else 0.0
    spread = _with_neighbours(scores, weights.neighbours)
    ranked = [
        Ranked(one, min(1.0, spread[at] / total), lexical[at], dense[at])
        for at, one in enumerate(found)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.paragraph.number))


def _bm25(terms: Sequence[str], texts: Sequence[tuple[str, ...]]) -> list[float]:
    """As shares of what a text with all the terms once could score; terms weigh by rarity."""
    if not terms:
        return [0.0] * len(texts)
    average = sum(map(len, texts)) / len(texts) or 1.0
    counts = [Counter(text) for text in texts]
    rarity = {
        term: log(1 + len(texts) / (1 + sum(term in one for one in counts))) for term in terms
    }
    full = sum(rarity[term] for term in terms)
    scores = []
    for text, count in zip(texts, counts, strict=True):
        norm = _K1 * (1 - _B + _B * len(text) / average)
        score = sum(
            rarity[term] * count[term] * (_K1 + 1) / (count[term] + norm)
            for term in terms
            if term in count
        )
        scores.append(min(1.0, score / full) if full else 0.0)
    return scores


def _cosines(
    fact: str, found: Sequence[Paragraph], embedder: Embedder | None, title: str
) -> list[float]:
    if embedder is None:
        return [0.0] * len(found)
    query = embedder.embed_queries([fact])[0]
    texts = [f"{one.heading_path or title}\n{plain(one.text)}" for one in found]
    vectors = embedder.embed_passages(texts)
    return [
        max(0.0, float(sum(a * b for a, b in zip(query, vector, strict=True))))
        for vector in vectors
    ]


def _values(fact: str, found: Sequence[Paragraph]) -> list[float]:
    """1 where a value of the fact stands, a half where one of its kind does."""
    wanted = values_of(fact)
    if not wanted:
        return [0.0] * len(found)
    exact = {(value.kind, value.normal) for value in wanted}
    kinds = {value.kind for value in wanted}
    scores = []
    for one in found:
        mine = values_of(one.text)
        if any((value.kind, value.normal) in exact for value in mine):
            scores.append(1.0)
        else:
            scores.append(0.5 if any(value.kind in kinds for value in mine) else 0.0)
    return scores


def _with_neighbours(scores: Sequence[float], share: float) -> list[float]:
    """A paragraph among paragraphs that fit, fits better."""
    last = len(scores) - 1
    return [
        (1 - share) * score + share * (scores[max(0, at - 1)] + scores[min(last, at + 1)]) / 2
        for at, score in enumerate(scores)
    ]


@lru_cache(maxsize=20_000)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(plain(text)))


def shifted(ranked: Sequence[Ranked], towards: Sequence[Ranked], share: float) -> list[Ranked]:
    """One ranking drawn towards another of the same paragraphs."""
    other = {one.paragraph.number: one.score for one in towards}
    mixed = [
        replace(one, score=(1 - share) * one.score + share * other[one.paragraph.number])
        for one in ranked
    ]
    return sorted(mixed, key=lambda one: (-one.score, one.paragraph.number))
