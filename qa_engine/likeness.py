"""What like questions that people answered say for a sentence. Imports no Django.

A shop's customers ask the same in ever new words. Where an agent has answered one of them with
what an article says, that speaks for the same sentence when the next one asks, however little the
words look like the article's. See docs/adr/0033.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from qa_engine.told import telling_stems
from qa_engine.types import Candidate, Precedent

#: Questions less alike say nothing of each other.
UNLIKE = 0.3
#: The share of telling words, numbers aside, that makes two sentences one: an article is edited, a
#: price changes, and of a table's rows another one may be the right one now.
SAME_SENTENCE = 0.6


def with_precedents(
    candidates: Sequence[Candidate], found: Sequence[Precedent]
) -> list[Candidate]:
    """The candidates, each with what speaks for its article."""
    articles = {one.article_id for one in found}
    return [
        replace(one, precedents=tuple(some for some in found if some.article_id == one.article_id))
        if one.article_id in articles
        else one
        for one in candidates
    ]


def likeness(precedents: Sequence[Precedent], stems: frozenset[str]) -> float:
    """0 … .7: how like the nearest question is that was answered with a sentence of the stems."""
    said = _without_numbers(stems)
    return max(
        (
            one.similarity - UNLIKE
            for one in precedents
            if one.similarity > UNLIKE and _is_same(_telling(one.quote), said)
        ),
        default=0.0,
    )


@lru_cache(maxsize=10_000)
def _telling(quote: str) -> frozenset[str]:
    return _without_numbers(telling_stems(quote))


def _without_numbers(stems: frozenset[str]) -> frozenset[str]:
    return frozenset(one for one in stems if not one.isdigit())


def _is_same(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_SENTENCE * len(one | other) > 0
