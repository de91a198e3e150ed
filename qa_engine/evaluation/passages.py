"""Paragraphs as articles, to measure passage retrieval beside the peers. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from qa_engine.evaluation.articles import ArticleRecord, QueryRecord
from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.squad import SquadQuestion

# As the peers' set was cut: paragraphs of the articles in pieces of so many words.
FILL_WORDS = 120
MIN_FILL_WORDS = 12
#: Every article has a title; search finds no word in this one.
UNTITLED = "—"

_BLANK_LINE = re.compile(r"\n\s*\n")


def paragraphs(questions: Sequence[SquadQuestion], *, titled: bool) -> list[ArticleRecord]:
    """Each paragraph as an article of its own, titled after its page or not at all."""
    found = {
        one.paragraph: ArticleRecord(
            key=one.paragraph,
            title=one.title.replace("_", " ") if titled else UNTITLED,
            body=one.context,
        )
        for one in questions
    }
    return list(found.values())


def paragraph_queries(questions: Sequence[SquadQuestion]) -> list[QueryRecord]:
    return [QueryRecord(one.key, one.question, {one.paragraph: 1.0}) for one in questions]


def filled(
    found: Sequence[ArticleRecord],
    queries: Sequence[QueryRecord],
    fill: Sequence[ArticleRecord],
    *,
    passages: int,
    sample: int,
    seed: int,
) -> tuple[list[ArticleRecord], list[QueryRecord]]:
    """The peers' set: SQuAD's paragraphs among pieces of other articles, and a few questions.

    Shuffled and drawn in the order in which the peers' script does, so that equal numbers
    and an equal seed give the very same passages and questions.
    """
    pieces = list(dict.fromkeys(piece for article in fill for piece in _pieces(article.body)))
    random = Random(seed)  # no secret
    random.shuffle(pieces)
    every = [
        *found,
        *(ArticleRecord(f"fill {n}", UNTITLED, text) for n, text in enumerate(pieces)),
    ]
    if len(every) < passages:
        raise UnusableData(f"There are {len(every)} passages, not {passages}.")
    kept = every[:passages]
    keys = {article.key for article in kept}
    usable = [query for query in queries if query.articles.keys() <= keys]
    return kept, random.sample(usable, min(sample, len(usable)))


def _pieces(body: str) -> list[str]:
    pieces: list[str] = []
    for paragraph in _BLANK_LINE.split(body):
        words = paragraph.split()
        cut = (words[first : first + FILL_WORDS] for first in range(0, len(words), FILL_WORDS))
        pieces += [" ".join(part) for part in cut if len(part) >= MIN_FILL_WORDS]
    return pieces
