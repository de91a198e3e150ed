"""Passages of an article in the place of those it had, and what an index keeps of each.

Called within the transaction that `indexing` opens for an article.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qa_engine import chunking
from qa_engine.models import EmbeddingIndex, Passage, PassageEmbedding
from qa_engine.plans import Plan
from qa_engine.protocols import Encoded
from qa_engine.search_vectors import write_search_vectors


def replace_passages(article_id: int, existing: list[Passage], wanted: Plan) -> list[Passage]:
    """New passages for old; what was embedded with the same words keeps its vector."""
    old: dict[tuple[int, str], Any] = {}
    if existing:
        kept = (
            PassageEmbedding.objects.filter(passage__in=existing)
            .exclude(index__state=EmbeddingIndex.State.RETIRED)
            .values_list("index_id", "passage__content_hash", "vector", "tokens")
        )
        old = {(index_id, digest): (vector, tokens) for index_id, digest, vector, tokens in kept}
        Passage.objects.filter(article_id=article_id).delete()
    revision_id = wanted.revision_id
    if revision_id is None:
        return []
    passages = Passage.objects.bulk_create(
        Passage(
            article_id=article_id,
            revision_id=revision_id,
            position=passage.position,
            heading_path=passage.heading_path,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            content_hash=passage.content_hash,
            recipe=chunking.RECIPE,
        )
        for passage in wanted.passages
    )
    write_search_vectors(passages, wanted.title, wanted.summary)
    _store(
        PassageEmbedding(index_id=index_id, passage=passage, vector=vector, tokens=tokens)
        for (index_id, content_hash), (vector, tokens) in old.items()
        for passage in passages
        if passage.content_hash == content_hash
    )
    return passages


def without_vector(passages: list[Passage], index: EmbeddingIndex) -> list[Passage]:
    has = set(
        PassageEmbedding.objects.whole_in(index)
        .filter(passage__in=passages)
        .values_list("passage_id", flat=True)
    )
    return [passage for passage in passages if passage.pk not in has]


def add_vectors(bare: list[Passage], index: EmbeddingIndex, vectors: dict[str, Encoded]) -> int:
    """Give each passage its vector and tokens: new ones, or those of equal words."""
    others = PassageEmbedding.objects.whole_in(index).filter(
        passage__content_hash__in={p.content_hash for p in bare} - vectors.keys()
    )
    stored = others.values_list("passage__content_hash", "vector", "tokens")
    known = {digest: (vector, tokens) for digest, vector, tokens in stored}
    known |= {digest: (one.vector, one.tokens) for digest, one in vectors.items()}
    return _store(
        PassageEmbedding(
            index=index,
            passage=passage,
            vector=known[passage.content_hash][0],
            tokens=known[passage.content_hash][1],
        )
        for passage in bare
        if passage.content_hash in known
    )


def _store(embeddings: Iterable[PassageEmbedding]) -> int:
    """What is there already gets the tokens that it was stored without."""
    rows = list(embeddings)
    if rows:
        PassageEmbedding.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["index", "passage"],
            update_fields=["vector", "tokens"],
        )
    return len(rows)
