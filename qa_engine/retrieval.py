"""Hybrid retrieval in PostgreSQL: words and meaning, each over the whole index, fused.

Each lane proposes passages; then every proposed passage gets both its scores, so that what one
lane alone found is weighed by the other too. A batch of questions costs as many statements as
one. All of it starts from `Passage.objects.visible_to`: what a viewer may not read is never
even a candidate.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from django.db import connection, transaction

from knowledge.types import Viewer
from qa_engine.arrays import literal
from qa_engine.asked import Asked, ask, asked_index, understood
from qa_engine.embedding_indexes import approximate_name
from qa_engine.fetching import fetch
from qa_engine.late_interaction import word_by_word
from qa_engine.lexical import Lane, lexical_queries, proposing, visible_passages
from qa_engine.lexical_models import TERMS
from qa_engine.proximity import LOOKED_AT, Ranked, closest_first
from qa_engine.search_vectors import CONFIG
from qa_engine.types import Candidate

#: How many passages each lane proposes.
LANE_DEPTH = 60
# How long HNSW's list of nearest neighbours is; at least what is asked of it.
EF_SEARCH = 120
# How much each lane's score counts: a cosine, and the passage's share of the question's words
# weighed by rarity. Both are what they are, since a poor best must not look like a good one.
# See docs/adr/0008 for what they were chosen on.
LANE_WEIGHTS = {"lexical": 0.5, "dense": 0.5}

# The query's vector is cast once; a cast for each passage costs more than the distances do.
_ASKED = """
WITH question AS MATERIALIZED (
    SELECT number, vector::vector({dimension}) AS vector
    FROM unnest(%s::int[], %s::text[]) AS given (number, vector)
)"""
# An exact scan asks once who may see what, and looks up each vector once, whatever is asked.
_EXACT = f"""{_ASKED}, shown AS MATERIALIZED (
    SELECT passage_id, vector::vector({{dimension}}) AS vector
    FROM qa_engine_passageembedding
    WHERE index_id = {{index}} AND passage_id IN ({{visible}})
)
SELECT question.number, found.passage_id, found.score
FROM question
CROSS JOIN LATERAL (
    SELECT shown.passage_id, 1 - (shown.vector <=> question.vector) AS score
    FROM shown
    ORDER BY shown.vector <=> question.vector
    LIMIT %s
) AS found
ORDER BY question.number, found.score DESC, found.passage_id
"""
# HNSW asks for the few that it comes across.
_NEAR = f"""{_ASKED}
SELECT question.number, found.passage_id, found.score
FROM question
CROSS JOIN LATERAL (
    SELECT embedding.passage_id,
           1 - (embedding.vector::vector({{dimension}}) <=> question.vector) AS score
    FROM qa_engine_passageembedding AS embedding
    WHERE embedding.index_id = {{index}} AND EXISTS (
        SELECT 1 FROM ({{visible}}) AS shown WHERE shown.id = embedding.passage_id OFFSET 0
    )
    ORDER BY embedding.vector::vector({{dimension}}) <=> question.vector
    LIMIT %s
) AS found
ORDER BY question.number, found.score DESC, found.passage_id
"""

# Filters may discard what HNSW finds first; it then has to look on. One statement says so, and
# tells whether HNSW serves the index.
_LOOK_ON = """
SELECT set_config('hnsw.ef_search', %s, true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true),
       EXISTS (SELECT 1 FROM pg_index WHERE indisvalid AND indexrelid = to_regclass(%s))
"""

_SCORE = """
WITH asked AS MATERIALIZED (
    SELECT number, weights::sparsevec({terms}) AS weights, vector::vector AS vector
    FROM unnest(%s::int[], %s::text[], %s::text[]) AS given (number, weights, vector)
)
SELECT pair.number, pair.passage_id, -(terms.weights <#> asked.weights),
       1 - (embedding.vector <=> asked.vector)
FROM unnest(%s::int[], %s::bigint[]) AS pair (number, passage_id)
JOIN asked USING (number)
LEFT JOIN qa_engine_passageterms AS terms ON terms.passage_id = pair.passage_id
LEFT JOIN qa_engine_passageembedding AS embedding
    ON embedding.passage_id = pair.passage_id AND embedding.index_id = %s
"""

# A word that stands in more passages than this is as common as the statistics say, whoever asks:
# to look up who may read each of them costs more than the whole question.
COUNTED = 100
_RARITY = """
SELECT asked.word, CASE WHEN known.passages > {counted} THEN known.passages ELSE (
    SELECT count(*) FROM qa_engine_passage AS passage
    WHERE passage.search @@ plainto_tsquery('{config}', asked.word)
      AND EXISTS (SELECT 1 FROM ({visible}) AS shown WHERE shown.id = passage.id OFFSET 0)
) END, (SELECT passages FROM qa_engine_lexicalstatistics)
FROM unnest(%s::text[]) AS asked (word)
CROSS JOIN LATERAL (
    SELECT coalesce(min(coalesce(term.passages, 0)), 0) AS passages
    FROM unnest(to_tsvector('{config}', asked.word)) AS found
    LEFT JOIN qa_engine_term AS term ON term.lexeme = found.lexeme
) AS known
"""


@dataclass(frozen=True, slots=True)
class HybridRetriever:
    """Proposes passages by words, and by meaning where an embedding index is active."""

    def retrieve(
        self, queries: Sequence[str], *, viewer: Viewer, top_k: int
    ) -> list[list[Candidate]]:
        if not queries:
            return []
        visible = visible_passages(viewer)
        lexical, index = lexical_queries(queries), asked_index()
        # Words propose while meaning is computed.
        with proposing(lexical, visible, LANE_DEPTH) as proposed:
            asked = understood(queries, lexical, index)
            by_words = proposed()
        return _find(asked, by_words, visible, top_k)

    def rarity(self, words: Sequence[str], *, viewer: Viewer) -> dict[str, float]:
        """0 for a word in every passage … 1 for a word in none, by the logarithm."""
        if not words:
            return {}
        sql, params = visible_passages(viewer)
        statement = _RARITY.format(config=CONFIG, visible=sql, counted=COUNTED)
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, list(words)])
            rows = cursor.fetchall()
        # Statistics may be older than a word.
        return {word: _rarity(count, max(total or 0, count)) for word, count, total in rows}


def _find(
    asked: Asked, by_words: Sequence[Lane], visible: tuple[str, tuple[Any, ...]], top_k: int
) -> list[list[Candidate]]:
    """For each query its candidates, best first."""
    lanes = [by_words, _nearest(asked, visible)]
    proposed = [
        {passage_id for lane in lanes for passage_id, _ in lane[number]}
        for number in range(len(asked.lexical))
    ]
    fused = [fuse(scores)[: max(top_k, LOOKED_AT)] for scores in _score(asked, proposed)]
    ranked = closest_first(asked.lexical, fused, LANE_WEIGHTS["lexical"])
    ranked = word_by_word(asked.words, ranked, asked.index)
    fused = [own[:top_k] for own in ranked]
    passages = fetch({passage_id for found in fused for passage_id, _, _ in found}, visible)
    return [
        [
            passages[passage_id].candidate(score, scores)
            for passage_id, score, scores in found
            if passage_id in passages
        ]
        for found in fused
    ]


def dense_lane(queries: Sequence[str], viewer: Viewer) -> list[Lane]:
    """Empty where no index is active, or its model cannot be had."""
    return _nearest(ask(queries), visible_passages(viewer))


def fuse(scores: dict[int, dict[str, float]]) -> Ranked:
    """By the weighted sum of both scores."""
    total = [
        (-sum([LANE_WEIGHTS[lane] * score for lane, score in own.items()]), passage_id)
        for passage_id, own in scores.items()
    ]
    return [(passage_id, -score, scores[passage_id]) for score, passage_id in sorted(total)]


def _nearest(asked: Asked, visible: tuple[str, tuple[Any, ...]]) -> list[Lane]:
    index = asked.index
    numbers = [number for number, vector in enumerate(asked.vectors) if vector is not None]
    if index is None or not numbers:
        return [[] for _ in asked.lexical]
    sql, params = visible
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOOK_ON, [str(EF_SEARCH), approximate_name(index)])
        near = cursor.fetchone()[2]
        statement = (_NEAR if near else _EXACT).format(
            index=int(index.pk), dimension=int(index.dimension), visible=sql
        )
        vectors = [asked.vectors[number] for number in numbers]
        cursor.execute(statement, [numbers, vectors, *params, LANE_DEPTH])
        return _by_number(cursor.fetchall(), len(asked.vectors))


def _score(asked: Asked, proposed: Sequence[set[int]]) -> list[dict[int, dict[str, float]]]:
    """For each query: passage → lane → score, of all that either lane proposed."""
    found: list[dict[int, dict[str, float]]] = [{} for _ in proposed]
    numbers = list(range(len(proposed)))
    pairs = [(number, passage_id) for number in numbers for passage_id in sorted(proposed[number])]
    if not pairs:
        return found
    vectors: list[str | None] = [*asked.vectors] or [None for _ in numbers]
    parameters: list[Any] = [
        numbers,
        [query.vector for query in asked.lexical],
        vectors,
        literal(number for number, _ in pairs),
        literal(passage_id for _, passage_id in pairs),
        asked.index.pk if asked.index else None,
    ]
    totals = [query.total or 1.0 for query in asked.lexical]
    with connection.cursor() as cursor:
        cursor.execute(_SCORE.format(terms=TERMS), parameters)
        for number, passage_id, words, cosine in cursor.fetchall():
            scores = {"lexical": float(words or 0.0) / totals[number]}
            if cosine is not None:
                scores["dense"] = float(cosine)
            found[number][passage_id] = scores
    return found


def _by_number(rows: Iterable[tuple[int, int, float]], count: int) -> list[Lane]:
    lanes: list[Lane] = [[] for _ in range(count)]
    for number, passage_id, score in rows:
        lanes[number].append((passage_id, float(score)))
    return lanes


def _rarity(count: int, total: int) -> float:
    """An inverse document frequency, scaled so that a word nobody uses has rarity 1."""
    if not total:
        return 1.0
    return log((total + 1) / (count + 1)) / log(total + 1)
