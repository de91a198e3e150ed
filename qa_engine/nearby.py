"""Which articles say something near a statement, and how much each word of them all tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from knowledge.models import Article, Revision
from qa_engine.embedding_indexes import is_approximate
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import Vector
from qa_engine.retrieval import EF_SEARCH
from qa_engine.suggesting.contradictions import rarity_of

#: Passages asked for beside each statement, and articles of them at most.
BESIDE = 20
MOST_ARTICLES = 40
#: How rare words are is counted over so many articles; more would say the same.
COUNTED = 1_000

_NEAR = """
WITH asked AS MATERIALIZED (
    SELECT vector::vector({dimension}) AS vector FROM unnest(%(vectors)s::text[]) AS given (vector)
)
SELECT passage.article_id
  FROM asked
 CROSS JOIN LATERAL (
     SELECT embedding.passage_id,
            embedding.vector::vector({dimension}) <=> asked.vector AS distance
       FROM qa_engine_passageembedding AS embedding
      WHERE embedding.index_id = {index} AND embedding.passage_id <> ALL(%(own)s)
      ORDER BY embedding.vector::vector({dimension}) <=> asked.vector
      LIMIT %(beside)s
 ) AS found
  JOIN qa_engine_passage AS passage ON passage.id = found.passage_id
  JOIN knowledge_article AS article
    ON article.id = passage.article_id AND article.published_revision_id = passage.revision_id
 WHERE article.state = 'published' AND article.id <> %(article)s
   AND article.language = %(language)s AND article.visibility = %(visibility)s
   AND article.reader_groups = %(reader_groups)s::bigint[]
 GROUP BY passage.article_id
 ORDER BY min(found.distance), passage.article_id
 LIMIT %(limit)s
"""


def nearest(index: EmbeddingIndex, article: Article, asked: Sequence[Vector]) -> list[int]:
    statement = _NEAR.format(dimension=int(index.dimension), index=int(index.pk))
    values: dict[str, Any] = {
        "vectors": [f"[{','.join(f'{x:.6f}' for x in vector)}]" for vector in asked],
        "own": list(article.passages.values_list("pk", flat=True)),
        "article": article.pk,
        "language": article.language,
        "visibility": article.visibility,
        "reader_groups": article.reader_groups,
        "beside": BESIDE,
        "limit": MOST_ARTICLES,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        if is_approximate(index):
            cursor.execute(f"SET LOCAL hnsw.ef_search = {EF_SEARCH}")
            cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def rarity() -> dict[str, float]:
    """Over articles spread evenly, where there are too many to read all."""
    shown = Article.objects.published().exclude(published_revision=None)
    ids = list(shown.order_by("pk").values_list("published_revision", flat=True))
    revisions = Revision.objects.filter(pk__in=ids[:: len(ids) // COUNTED + 1])
    rows = revisions.values_list("title", "summary", "body")
    return rarity_of("\n".join(row) for row in rows.iterator(200))
