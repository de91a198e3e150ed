"""Which published passages say what an agent wrote: found by words, in PostgreSQL.

No model is asked, so that the evidence for training a retriever does not come from one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F

from knowledge.types import CUSTOMER
from qa_engine.models import Passage
from qa_engine.search_vectors import CONFIG
from qa_engine.text import content_stems, content_words, searchable
from qa_engine.training.examples import Source

#: Passages looked at for a sentence.
DEPTH = 20
#: A passage says a sentence that shares this part of its telling words with it, and
#: at least so many of them.
SHARED = 0.7
MIN_STEMS = 4
#: Of one reply.
MOST = 3

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def passages_that_say(sentences: Sequence[str]) -> tuple[Source, ...]:
    """The passages that bear out what the sentences say, the one with most of it first."""
    found: dict[int, tuple[float, Passage]] = {}
    for sentence in sentences:
        best = _best_for(sentence)
        if best is not None:
            score, passage = best
            found[passage.pk] = (score + found.get(passage.pk, (0.0, passage))[0], passage)
    ordered = sorted(found.values(), key=lambda one: (-one[0], one[1].pk))
    return tuple(_source(passage) for _, passage in ordered[:MOST])


def passage_that_says(sentence: str) -> Passage | None:
    """The published passage that bears out most of a sentence; None where none does."""
    best = _best_for(sentence)
    return best[1] if best else None


def _best_for(sentence: str) -> tuple[float, Passage] | None:
    stems = content_stems(sentence)
    words = content_words(searchable(sentence))
    if len(stems) < MIN_STEMS or not words:
        return None
    query = SearchQuery(" or ".join(words), config=CONFIG, search_type="websearch")
    near = (
        Passage.objects.visible_to(CUSTOMER)
        .filter(search=query)
        .order_by(SearchRank(F("search"), query).desc(), "pk")
        .select_related("revision__article")
    )
    numbers = set(_NUMBER.findall(sentence))
    best: tuple[float, Passage] | None = None
    for passage in near[:DEPTH]:
        above = f"{passage.revision.title} {passage.heading_path}"
        shared = len(stems & content_stems(f"{above} {passage.text}")) / len(stems)
        # A passage with another number says something else.
        if shared < SHARED or not numbers <= set(_NUMBER.findall(passage.text)):
            continue
        if best is None or shared > best[0]:
            best = shared, passage
    return best


def _source(passage: Passage) -> Source:
    revision = passage.revision
    return Source(revision.article.slug, revision.title, passage.heading_path, passage.text)
