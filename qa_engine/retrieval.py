"""Hybrid retrieval in PostgreSQL: words and meaning, each over the whole index, fused.

A batch of questions costs one statement a lane. Both lanes start from
`Passage.objects.visible_to`, so what a viewer may not read is never even a candidate.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from django.db import connection, transaction

from knowledge.types import Viewer
from qa_engine.embedding_indexes import EXACT_BELOW
from qa_engine.models import EmbeddingIndex, Passage
from qa_engine.protocols import ModelUnavailable, Vector
from qa_engine.registry import embedder_for
from qa_engine.search_vectors import CONFIG
from qa_engine.text import searchable
from qa_engine.types import Candidate

logger = logging.getLogger(__name__)

#: How many passages each lane proposes.
LANE_DEPTH = 40
#: How many of the passages that a question's words find are ranked by where the words stand.
RANKED = 250
# How much each lane's score counts. Measured on 182 questions of the demo shop (the passage
# with the answer comes first / among eight / MRR): words alone .637/.923/.750, meaning alone
# .648/.934/.759, reciprocal ranks at best .703/.962/.806, scores 1:3 as here .76/.96/.83.
LANE_WEIGHTS = {"lexical": 0.25, "dense": 0.75}

# Each word counts by how rare it is and by where it stands (title, headings, text). A
# single OR query ranked as a whole would let three common words beat the one that matters.
# `hit` asks the GIN index once for each word (OFFSET 0 keeps the planner from looking at all
# passages instead); only the passages with the rarest words are then ranked, which costs most.
_LEXICAL = """
WITH visible AS MATERIALIZED ({visible}),
term AS MATERIALIZED (
    SELECT DISTINCT number, lexeme
    FROM unnest(%s::int[], %s::text[]) AS given (number, words),
         unnest(to_tsvector('{config}', words)) AS found
),
hit AS MATERIALIZED (
    SELECT lexeme, found.id AS passage_id
    FROM (SELECT DISTINCT lexeme FROM term) AS asked
    CROSS JOIN LATERAL (
        SELECT id FROM qa_engine_passage
        WHERE search @@ quote_literal(lexeme)::tsquery OFFSET 0
    ) AS found
    JOIN visible ON visible.id = found.id
),
rarity AS MATERIALIZED (
    SELECT lexeme, ln(1 + (SELECT count(*) FROM visible)::float / count(*)) AS weight
    FROM hit GROUP BY lexeme
),
likely AS MATERIALIZED (
    SELECT number, passage_id FROM (
        SELECT number, passage_id, row_number() OVER (
            PARTITION BY number ORDER BY sum(weight) DESC, passage_id
        ) AS place
        FROM term JOIN hit USING (lexeme) JOIN rarity USING (lexeme)
        GROUP BY number, passage_id
    ) AS counted WHERE place <= {ranked}
),
scored AS (
    SELECT number, passage_id, sum(weight * sqrt(ts_rank(
        '{{0.1, 0.4, 0.7, 1.0}}', passage.search, quote_literal(lexeme)::tsquery
    ))) AS score
    FROM likely
    JOIN qa_engine_passage AS passage ON passage.id = passage_id
    JOIN term USING (number) JOIN rarity USING (lexeme)
    GROUP BY number, passage_id
)
SELECT number, passage_id, score FROM (
    SELECT *, row_number() OVER (PARTITION BY number ORDER BY score DESC, passage_id) AS place
    FROM scored
) AS placed WHERE place <= %s ORDER BY number, place
"""

_DENSE = """
SELECT question.number, found.passage_id, found.score
FROM unnest(%s::int[], %s::text[]) AS question (number, vector)
CROSS JOIN LATERAL (
    SELECT embedding.passage_id,
           1 - (embedding.vector::vector({dimension}) <=> question.vector::vector({dimension}))
               AS score
    FROM qa_engine_passageembedding AS embedding
    WHERE embedding.index_id = {index}
      AND embedding.passage_id IN ({visible})
    ORDER BY embedding.vector::vector({dimension}) <=> question.vector::vector({dimension})
    LIMIT %s
) AS found
ORDER BY question.number, found.score DESC, found.passage_id
"""

_RARITY = """
SELECT word, (
    SELECT count(*) FROM qa_engine_passage AS passage
    WHERE passage.search @@ plainto_tsquery('{config}', word)
      AND passage.id IN ({visible})
), (SELECT count(*) FROM ({visible}) AS every)
FROM unnest(%s::text[]) AS asked (word)
"""


@dataclass(frozen=True, slots=True)
class HybridRetriever:
    """Proposes passages by words, and by meaning where an embedding index is active."""

    def retrieve(
        self, queries: Sequence[str], *, viewer: Viewer, top_k: int
    ) -> list[list[Candidate]]:
        if not queries:
            return []
        lanes = {"lexical": lexical_lane(queries, viewer), "dense": dense_lane(queries, viewer)}
        fused = [
            fuse({name: lane[number] for name, lane in lanes.items()})[:top_k]
            for number in range(len(queries))
        ]
        passages = _fetch({passage_id for found in fused for passage_id, _, _ in found}, viewer)
        return [
            [
                _candidate(passages[passage_id], score, scores)
                for passage_id, score, scores in found
                if passage_id in passages
            ]
            for found in fused
        ]

    def rarity(self, words: Sequence[str], *, viewer: Viewer) -> dict[str, float]:
        """0 for a word in every passage … 1 for a word in none, by the logarithm."""
        if not words:
            return {}
        sql, params = _visible(viewer)
        statement = _RARITY.format(config=CONFIG, visible=sql)
        with connection.cursor() as cursor:
            cursor.execute(statement, [*params, *params, list(words)])
            return {word: _rarity(count, total) for word, count, total in cursor.fetchall()}


def lexical_lane(queries: Sequence[str], viewer: Viewer) -> list[list[tuple[int, float]]]:
    sql, params = _visible(viewer)
    statement = _LEXICAL.format(config=CONFIG, visible=sql, ranked=RANKED)
    asked = [searchable(query) for query in queries]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, list(range(len(asked))), asked, LANE_DEPTH])
        return _by_number(cursor.fetchall(), len(queries))


def dense_lane(queries: Sequence[str], viewer: Viewer) -> list[list[tuple[int, float]]]:
    """Empty where no index is active, or its model cannot be had."""
    index = EmbeddingIndex.objects.active()
    nothing: list[list[tuple[int, float]]] = [[] for _ in queries]
    if index is None:
        return nothing
    try:
        embedder = embedder_for(index.model)
        if embedder.fingerprint != index.fingerprint:
            logger.warning("%s no longer holds the model of index %s", index.model, index.pk)
            return nothing
        vectors = embedder.embed_queries(queries)
    except ModelUnavailable as exc:
        logger.warning("answering by words alone: %s", exc)
        return nothing
    return _nearest(index, vectors, viewer)


def fuse(
    lanes: dict[str, list[tuple[int, float]]],
) -> list[tuple[int, float, dict[str, float]]]:
    """(passage, score, lane → its score), best first, by the weighted sum of both scores.

    Lexical scores grow with the question, so they count as shares of the best; cosines are
    what they are, since a poor best must not look like a good one.
    """
    total: dict[int, float] = defaultdict(float)
    scores: dict[int, dict[str, float]] = defaultdict(dict)
    for name, hits in lanes.items():
        full = max((score for _, score in hits), default=1.0) if name == "lexical" else 1.0
        for passage_id, score in hits:
            total[passage_id] += LANE_WEIGHTS[name] * score / (full or 1.0)
            scores[passage_id][name] = score
    best = sorted(total, key=lambda passage_id: (-total[passage_id], passage_id))
    return [(passage_id, total[passage_id], scores[passage_id]) for passage_id in best]


def _nearest(
    index: EmbeddingIndex, vectors: Sequence[Vector], viewer: Viewer
) -> list[list[tuple[int, float]]]:
    sql, params = _visible(viewer)
    statement = _DENSE.format(index=int(index.pk), dimension=int(index.dimension), visible=sql)
    literals = ["[" + ",".join(f"{value:.6f}" for value in vector) + "]" for vector in vectors]
    with transaction.atomic(), connection.cursor() as cursor:
        if Passage.objects.count() >= EXACT_BELOW:
            # Filters may discard what HNSW finds first; it then has to look on.
            cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
        cursor.execute(statement, [list(range(len(vectors))), literals, *params, LANE_DEPTH])
        return _by_number(cursor.fetchall(), len(vectors))


def _visible(viewer: Viewer) -> tuple[str, tuple[Any, ...]]:
    """`visible_to` as SQL for a subquery: one definition for the ORM and for both lanes."""
    return Passage.objects.visible_to(viewer).order_by().values("id").query.sql_with_params()


def _by_number(
    rows: Iterable[tuple[int, int, float]], count: int
) -> list[list[tuple[int, float]]]:
    lanes: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for number, passage_id, score in rows:
        lanes[number].append((passage_id, float(score)))
    return lanes


def _fetch(ids: set[int], viewer: Viewer) -> dict[int, Passage]:
    passages = Passage.objects.visible_to(viewer).select_related("revision").defer("search")
    return passages.in_bulk(ids)


def _candidate(passage: Passage, score: float, lanes: dict[str, float]) -> Candidate:
    return Candidate(
        passage_id=passage.pk,
        article_id=passage.article_id,
        revision_id=passage.revision_id,
        title=passage.revision.title,
        heading_path=passage.heading_path,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        score=score,
        lanes=lanes,
        body=passage.revision.body,
    )


def _rarity(count: int, total: int) -> float:
    """An inverse document frequency, scaled so that a word nobody uses has rarity 1."""
    if not total:
        return 1.0
    return log((total + 1) / (count + 1)) / log(total + 1)
