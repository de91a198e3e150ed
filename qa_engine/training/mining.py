"""Hard negatives: passages that look right and are not. Needs numpy; imports no Django."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from qa_engine.protocols import Embedder
from qa_engine.training.pairs import Pair, Passage

#: Looked for among so many nearest passages.
DEPTH = 30
# A passage that is nearer than this share of the right one may well be right, too.
TOO_NEAR = 0.95
QUERIES_AT_ONCE = 256


def mined(
    pairs: Sequence[Pair], passages: Sequence[Passage], embedder: Embedder, *, each: int, seed: int
) -> list[tuple[Passage, ...]]:
    """For each pair up to `each` negatives: what people turned down first, then near misses.

    Near misses belong to other articles, and are left out where the present model finds them
    nearly as near as the right passage (the guard of NV-Retriever, arXiv:2407.15831).
    """
    import numpy as np

    random = Random(seed)  # no secret
    vectors = np.asarray(embedder.embed_passages([one.embedded for one in passages]), np.float32)
    found: list[tuple[Passage, ...]] = []
    for first in range(0, len(pairs), QUERIES_AT_ONCE):
        some = pairs[first : first + QUERIES_AT_ONCE]
        queries = np.asarray(embedder.embed_queries([one.query for one in some]), np.float32)
        right = np.asarray(
            embedder.embed_passages([one.positive.embedded for one in some]), np.float32
        )
        limits = TOO_NEAR * (queries * right).sum(axis=1)
        scores = queries @ vectors.T
        for pair, row, limit in zip(some, scores, limits, strict=True):
            near = _near(pair, row, float(limit), passages)
            drawn = random.sample(near, min(each, len(near)))
            found.append((*pair.turned_down, *drawn)[:each])
    return found


def _near(pair: Pair, row: Any, limit: float, passages: Sequence[Passage]) -> list[Passage]:
    import numpy as np

    depth = min(DEPTH, len(row) - 1)
    if depth < 1:
        return []
    nearest = np.argpartition(-row, depth)[:depth]
    return [
        passages[at]
        for at in nearest
        if passages[at].article != pair.group and float(row[at]) < limit
    ]
