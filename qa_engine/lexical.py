"""The lexical lane: BM25 over the whole index, computed by PostgreSQL.

A query becomes a sparse vector of its words' rarities; a passage's score is the inner product
with its term weights (`PassageTerms`). These are kept for two fields apart, the article's head
(title and summary) and the passage, and the query says what each counts. The rarest words
propose the passages that are scored at all, and of the commoner ones two together: what holds
none of these cannot come near the top, and a question full of common words would otherwise look
at half the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations, groupby
from math import exp, log
from typing import Any

from django.db import connection
from django.utils import timezone

from knowledge.spelling import closest
from knowledge.types import Viewer
from qa_engine.lexical_models import TERMS
from qa_engine.models import Passage
from qa_engine.search_vectors import CONFIG
from qa_engine.text import indexed

#: How many passages the words of a query may propose, each by itself; what is left of them two
#: commoner words propose together. See docs/adr/0008 for what it was chosen on.
PROPOSED = 1_000
# Of the commoner words so many are paired, the rarer ones first.
PAIRED = 4
# Two words of one question meet in a passage more often than chance has it.
TOGETHER = 2.0
#: What the head counts for a query of so few words (stems), and for one of so many; between the
#: two along a line. A pointed question asks for what stands in a passage, a description of a
#: problem for the article about it. See docs/adr/0008.
POINTED, POINTED_HEAD = 8, 0.2
DESCRIBING, DESCRIBING_HEAD = 13, 0.65
#: No passage holds all words of a long description: it has its full share with so many of them.
DESCRIBING_WHOLE = 0.8
#: A description tells the problem first and its circumstances then: its words count up to twice
#: as much, less by a factor e every so many words.
EARLY = 10
#: A word in more passages than this proposes only so many of them.
MOST_OF_A_WORD = 5_000
# As many passages should be proposed as a lane has places.
FEW = 60
# Misspelt words of a query that are looked up.
MOST_MISSPELT = 5
LEAST_LETTERS = 5
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


@dataclass(frozen=True, slots=True)
class Word:
    """A stem of a query, its number in term weights, and in how many passages it stands."""

    lexeme: str
    number: int
    passages: int
    # Its positions in the query, counted from 1 with stop words.
    places: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A query as the index is asked."""

    # Rarest first, misspelt ones put right.
    words: tuple[Word, ...]
    # What was put right, as it was written: it may be too new to have been counted.
    unknown: tuple[Word, ...]
    # All passages that were counted.
    passages: int

    @property
    def vector(self) -> str:
        """A sparsevec literal of `weights`."""
        entries = ",".join(f"{number}:{value:.4f}" for number, value in self.weights.items())
        return f"{{{entries}}}/{TERMS}"

    @property
    def weights(self) -> dict[int, float]:
        """Number of the word in a field → its weight, times what the field counts."""
        head = self.head_share
        weights: dict[int, float] = {}
        for one in (*self.unknown, *self.words):
            weight = self.weight(one)
            weights[2 * one.number - 1] = head * weight
            weights[2 * one.number] = (1 - head) * weight
        return weights

    @property
    def head_share(self) -> float:
        """What the article's title and summary count, and not the passage."""
        return POINTED_HEAD + self.describes * (DESCRIBING_HEAD - POINTED_HEAD)

    @property
    def describes(self) -> float:
        """0 for a pointed question … 1 for a long description."""
        along = (len(self.words) - POINTED) / (DESCRIBING - POINTED)
        return min(max(along, 0.0), 1.0)

    @property
    def points(self) -> float:
        """1 for a pointed question … 0 for a long description."""
        return 1 - self.describes

    @property
    def total(self) -> float:
        """What a passage's score is a share of: the words' weights, of a description part."""
        whole = 1 - self.describes * (1 - DESCRIBING_WHOLE)
        return whole * sum(self.weight(word) for word in self.words)

    @property
    def any_of(self) -> str:
        """A tsquery of the words that propose: rare ones alone, commoner ones in pairs."""
        left = list(self.words)
        budget = float(PROPOSED)
        rare = [*self.unknown]
        while left and left[0].passages <= budget:
            budget -= left[0].passages
            rare.append(left.pop(0))
        pairs: list[tuple[Word, Word]] = []
        for pair in sorted(combinations(left[:PAIRED], 2), key=self._together):
            budget -= self._together(pair)
            if budget < 0 and (rare or pairs):
                break
            pairs.append(pair)
        # Rare words and pairs that hardly meet propose too little: then the next word does, too.
        if sum(word.passages for word in rare) + sum(map(self._together, pairs)) < FEW:
            rare += left[:1]
        alone = [_quoted(word.lexeme) for word in rare]
        both = [f"({_quoted(one.lexeme)} & {_quoted(other.lexeme)})" for one, other in pairs]
        return " | ".join(alone + both)

    def _together(self, pair: tuple[Word, Word]) -> float:
        """In about how many passages both words stand."""
        one, other = pair
        return TOGETHER * one.passages * other.passages / max(1, self.passages)

    def weight(self, word: Word) -> float:
        """Its rarity; of a description's first words up to twice as much."""
        early = exp(-word.places[0] / EARLY) if word.places else 0.0
        return self.rarity(word) * (1 + self.describes * early)

    def rarity(self, word: Word) -> float:
        """BM25's inverse document frequency, never negative."""
        count = min(word.passages, self.passages)
        return log(1 + (self.passages - count + 0.5) / (count + 0.5))


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
) -> list[list[tuple[int, float]]]:
    """For each query (passage, its BM25 score), best first."""
    lanes: list[list[tuple[int, float]]] = [[] for _ in queries]
    asked = [number for number, query in enumerate(queries) if query.words]
    if not asked:
        return lanes
    sql, params = visible
    statement = _PROPOSE.format(visible=sql, terms=TERMS, most=MOST_OF_A_WORD)
    with connection.cursor() as cursor:
        any_of = [queries[number].any_of for number in asked]
        vectors = [queries[number].vector for number in asked]
        cursor.execute(statement, [asked, any_of, vectors, *params, depth])
        for number, passage_id, score in cursor.fetchall():
            lanes[number].append((passage_id, float(score)))
    return lanes


def lexical_lane(
    queries: Sequence[str], viewer: Viewer, depth: int = 40
) -> list[list[tuple[int, float]]]:
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


def _quoted(lexeme: str) -> str:
    """For a tsquery: quotes and backslashes doubled."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
