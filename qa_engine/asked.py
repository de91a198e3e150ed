"""A batch of queries as both lanes are asked: their words, what embeds them, and what that says.

Two steps, since the database can look for the words while the vectors are computed: what it has
to tell comes first (`lexical_queries`, `asked_index`), and `understood` asks it nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from qa_engine.late_interaction import Words
from qa_engine.lexical import lexical_queries
from qa_engine.lexical_query import LexicalQuery
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import ModelUnavailable
from qa_engine.questions_encoded import QuestionEncoder
from qa_engine.registry import embedder_for

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A batch of queries as both lanes are asked."""

    lexical: list[LexicalQuery]
    # None where no index is active, or its model cannot be had.
    index: EmbeddingIndex | None
    # pgvector literals, one a query; empty without an index. None for what the model has no
    # words for: an English one brings Chinese passages in no order at all.
    vectors: list[str | None] = field(default_factory=list)
    # The tokens of each query, as `Encoded`; empty where there is no vector either.
    tokens: list[bytes] = field(default_factory=list)

    @property
    def words(self) -> list[Words]:
        tokens = self.tokens or [b""] * len(self.lexical)
        return [Words(own, query.points) for own, query in zip(tokens, self.lexical, strict=True)]


def ask(queries: Sequence[str]) -> Asked:
    return understood(queries, lexical_queries(queries), asked_index())


def asked_index() -> tuple[EmbeddingIndex, QuestionEncoder] | None:
    """The index that answers, and what embeds questions to it; None where there is none."""
    index = EmbeddingIndex.objects.active()
    if index is None:
        return None
    try:
        if embedder_for(index.model).fingerprint == index.fingerprint:
            return index, QuestionEncoder.of(index)
    except ModelUnavailable as exc:
        logger.warning("answering by words alone: %s", exc)
        return None
    logger.warning("%s no longer holds the model of index %s", index.model, index.pk)
    return None


def understood(
    queries: Sequence[str],
    lexical: list[LexicalQuery],
    asked: tuple[EmbeddingIndex, QuestionEncoder] | None,
) -> Asked:
    """With the vectors; computes, and asks the database nothing."""
    if asked is None:
        return Asked(lexical, None)
    index, encoder = asked
    try:
        encoded = encoder.encode(queries, lexical)
        known = encoder.embedder.knows(queries)
    except ModelUnavailable as exc:
        logger.warning("answering by words alone: %s", exc)
        return Asked(lexical, None)
    form = f"[{','.join(['%.6f'] * index.dimension)}]"
    told = [
        (form % tuple(one.vector), one.tokens) if is_known else (None, b"")
        for one, is_known in zip(encoded, known, strict=True)
    ]
    return Asked(lexical, index, [vector for vector, _ in told], [tokens for _, tokens in told])
