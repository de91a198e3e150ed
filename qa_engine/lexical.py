"""The lexical lane: BM25 over the whole index, computed by PostgreSQL.

A query becomes a sparse vector of its words' rarities; a passage's score is the inner product
with its term weights (`PassageTerms`). `lexical_query` says what each word counts, and which words
propose the passages that are scored at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils import timezone

from knowledge.spelling import closest
from knowledge.types import Viewer
from qa_engine.lexical_models import TERMS
from qa_engine.lexical_query import LexicalQuery, Word
from qa_engine.models import Passage
from qa_engine.search_vectors import CONFIG
from qa_engine.text import indexed

#: A word in more passages than this proposes only so many of them.
MOST_OF_A_WORD = 5_000
# Misspelt words of a query that are looked up.
MOST_MISSPELT = 5
LEAST_LETTERS = 5
#: (passage, score), best first.
Lane = list[tuple[int, float]]
# Stands for the moment of asking in a statement that is kept.
_A_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)

_WORDS = f"""
SELECT asked.number, found.lexeme, qa_term(found.lexeme), coalesce(term.passages, 0),
    found.positions, (SELECT passages FROM qa_engine_lexicalstatistics)
FROM unnest(%s::int[], %s::text[]) AS asked (number, words)
CROSS JOIN LATERAL unnest(to_tsvector('{CONFIG}', asked.words)) AS found
LEFT JOIN qa_engine_term AS term ON term.lexeme = found.lexeme
ORDER BY asked.number, coalesce(term.passages, 0), found.lexeme
"""
_NEAR = """
SELECT asked.lexeme, near.lexeme, near.passages, qa_term(near.lexeme)
FROM unnest(%s::text[]) AS asked (lexeme)
CROSS JOIN LATERAL (
    SELECT lexeme, passages FROM qa_engine_term
    WHERE lexeme %% asked.lexeme
    ORDER BY similarity(lexeme, asked.lexeme) DESC, passages DESC LIMIT 30
) AS near
ORDER BY asked.lexeme, near.passages DESC, near.lexeme
"""
# OFFSET 0 keeps the planner from reading all passages where it should look up a few. Who may
# see a passage is asked from the best one down, until enough may be shown: what all of them
# are would cost more than everything else in a large index.
_PROPOSE = """
WITH query AS MATERIALIZED (
    SELECT number, any_of::tsquery AS any_of, weights::sparsevec({terms}) AS weights
    FROM unnest(%s::int[], %s::text[], %s::text[]) AS given (number, any_of, weights)
)
SELECT query.number, best.id, best.score
FROM query
CROSS JOIN LATERAL (
    SELECT scored.id, scored.score FROM (
        SELECT found.id, -(terms.weights <#> query.weights) AS score
        FROM (
            SELECT id FROM qa_engine_passage WHERE search @@ query.any_of LIMIT {most} OFFSET 0
        ) AS found
        JOIN qa_engine_passageterms AS terms ON terms.passage_id = found.id
        ORDER BY score DESC, found.id OFFSET 0
    ) AS scored
    WHERE EXISTS (SELECT 1 FROM ({visible}) AS shown WHERE shown.id = scored.id OFFSET 0)
    LIMIT %s
) AS best
ORDER BY query.number, best.score DESC, best.id
"""


def lexical_queries(queries: Sequence[str]) -> list[LexicalQuery]:
    """One statement for all, and one more where a word is not known."""
    counted = 0
    words: list[list[Word]] = [[] for _ in queries]
    with connection.cursor() as cursor:
        asked = [indexed(query) for query in queries]
        cursor.execute(_WORDS, [list(range(len(asked))), asked])
        for number, lexeme, term, passages, places, all_passages in cursor.fetchall():
            words[number].append(Word(lexeme, term, passages, tuple(places)))
            counted = all_passages or 0
    meant = _meant(words)
    return [
        LexicalQuery(
            words=_put_right(own, meant),
            unknown=tuple(word for word in own if word.lexeme in meant),
            passages=counted,
        )
        for own in words
    ]


def propose(
    queries: Sequence[LexicalQuery], visible: tuple[str, tuple[Any, ...]], depth: int
) -> list[Lane]:
    """For each query (passage, its BM25 score), best first."""
    with proposing(queries, visible, depth) as proposed:
        return proposed()


@contextmanager
def proposing(
    queries: Sequence[LexicalQuery], visible: tuple[str, tuple[Any, ...]], depth: int
) -> Iterator[Callable[[], list[Lane]]]:
    """As `propose`, which PostgreSQL does within the block while the caller does something else;
    what is yielded waits for it.

    The connection is in pipeline mode meanwhile: another statement would only wait for this one.
    """
    lanes: list[Lane] = [[] for _ in queries]
    asked = [number for number, query in enumerate(queries) if query.words]
    if not asked:
        yield lambda: lanes
        return
    sql, params = visible
    statement = _PROPOSE.format(visible=sql, terms=TERMS, most=MOST_OF_A_WORD)
    any_of = [queries[number].any_of for number in asked]
    vectors = [queries[number].vector for number in asked]

    def proposed() -> list[Lane]:
        for number, passage_id, score in cursor.fetchall():
            lanes[number].append((passage_id, float(score)))
        return lanes

    with connection.cursor() as cursor, connection.connection.pipeline():
        cursor.execute(statement, [asked, any_of, vectors, *params, depth])
        yield proposed


def lexical_lane(queries: Sequence[str], viewer: Viewer, depth: int = 40) -> list[Lane]:
    """For each query (passage, its share of the query's words), best first."""
    asked = lexical_queries(queries)
    found = propose(asked, visible_passages(viewer), depth)
    return [
        [(passage_id, score / (query.total or 1.0)) for passage_id, score in lane]
        for query, lane in zip(asked, found, strict=True)
    ]


def visible_passages(viewer: Viewer) -> tuple[str, tuple[Any, ...]]:
    """`visible_to` as SQL for a subquery: one definition for the ORM and for both lanes."""
    sql, params = _visible_sql(viewer)
    now = timezone.now()
    return sql, tuple(now if value == _A_MOMENT else value for value in params)


@lru_cache(maxsize=256)
def _visible_sql(viewer: Viewer) -> tuple[str, tuple[Any, ...]]:
    """Put together once: it costs more than what PostgreSQL does with it."""
    visible = Passage.objects.visible_to(viewer, at=_A_MOMENT)
    sql, params = visible.order_by().values("id").query.sql_with_params()
    return sql, tuple(params)


def _meant(words: Iterable[Sequence[Word]]) -> dict[str, Word]:
    """Unknown lexeme → the known word that was meant, where one is near enough."""
    unknown = {
        word.lexeme
        for own in words
        for word in [one for one in own if _may_be_misspelt(one)][:MOST_MISSPELT]
    }
    if not unknown:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [sorted(unknown)])
        rows = cursor.fetchall()
    meant: dict[str, Word] = {}
    for lexeme, near in groupby(rows, key=lambda row: row[0]):
        known = {other: Word(other, term, passages) for _, other, passages, term in near}
        if (found := closest(lexeme, known)) is not None:
            meant[lexeme] = known[found]
    return meant


def _may_be_misspelt(word: Word) -> bool:
    """Names and codes with digits are never put right: another code is another product."""
    letters = word.lexeme.isascii() and word.lexeme.isalpha()
    return not word.passages and letters and len(word.lexeme) >= LEAST_LETTERS


def _put_right(words: Sequence[Word], meant: dict[str, Word]) -> tuple[Word, ...]:
    right = {
        word.lexeme: replace(word, places=one.places)
        for one in words
        for word in [meant.get(one.lexeme, one)]
    }
    return tuple(sorted(right.values(), key=lambda word: (word.passages, word.lexeme)))
