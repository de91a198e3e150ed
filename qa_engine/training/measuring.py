"""How well a model ranks: questions against passages, in memory. Needs numpy; no Django."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qa_engine.evaluation import metrics
from qa_engine.protocols import Embedder
from qa_engine.training.pairs import Pair, Passage

#: More questions make a measurement slow, not better.
MOST = 500
QUERIES_AT_ONCE = 128
#: Candidates that a reranker is given.
RERANKED = 20

#: Scores a question's passages; higher is better.
Score = Callable[[str, Sequence[Passage]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Reciprocal ranks (of ten places) of the right article, question by question."""

    ranks: tuple[float, ...]
    hits: tuple[float, ...]

    def figures(self) -> dict[str, float]:
        return {
            "questions": float(len(self.ranks)),
            "hit@1": round(metrics.mean(self.hits), 4),
            "mrr@10": round(metrics.mean(self.ranks), 4),
        }


def by_meaning(pairs: Sequence[Pair], passages: Sequence[Passage], embedder: Embedder) -> Measured:
    """The encoder alone; an article is as near as its nearest passage."""
    return _measured(
        [
            (pair, list(dict.fromkeys(passages[at].article for at in nearest)))
            for pair, nearest in zip(
                pairs, nearest_of(pairs, passages, embedder, len(passages)), strict=True
            )
        ]
    )


def reranked(
    pairs: Sequence[Pair], passages: Sequence[Passage], nearest: Sequence[Any], score: Score
) -> Measured:
    """The encoder's first candidates, in the order that `score` gives them."""
    rankings = []
    for pair, near in zip(pairs, nearest, strict=True):
        found = [passages[at] for at in near[:RERANKED]]
        scores = score(pair.query, found)
        order = sorted(range(len(found)), key=lambda at: -scores[at])
        rankings.append((pair, list(dict.fromkeys(found[at].article for at in order))))
    return _measured(rankings)


def nearest_of(
    pairs: Sequence[Pair], passages: Sequence[Passage], embedder: Embedder, depth: int
) -> list[Any]:
    """For each pair positions of the nearest passages, nearest first."""
    import numpy as np

    vectors = np.asarray(embedder.embed_passages([one.embedded for one in passages]), np.float32)
    found: list[Any] = []
    for first in range(0, len(pairs), QUERIES_AT_ONCE):
        some = [one.query for one in pairs[first : first + QUERIES_AT_ONCE]]
        scores = np.asarray(embedder.embed_queries(some), np.float32) @ vectors.T
        found += list(np.argsort(-scores, axis=1, kind="stable")[:, :depth])
    return found


def _measured(rankings: Sequence[tuple[Pair, list[str]]]) -> Measured:
    gains = [{pair.group: 1.0} for pair, _ in rankings]
    ranked = [articles for _, articles in rankings]
    return Measured(
        tuple(metrics.reciprocal_rank(10, *one) for one in zip(ranked, gains, strict=True)),
        tuple(metrics.hit_at(1, *one) for one in zip(ranked, gains, strict=True)),
    )
