"""How what an index is asked is embedded.

As the query encoder does where one is in force, else as the embedder. One that is for descriptions
of a problem alone leaves pointed questions to the embedder, and what is between the two comes out
in between (docs/adr/0029). Replays embed so, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from qa_engine.lexical_query import LexicalQuery
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import Encoded, Vector
from qa_engine.registry import asking_for, embedder_for


def encode(
    texts: Sequence[str], queries: Sequence[LexicalQuery], index: EmbeddingIndex
) -> list[Encoded]:
    """Of each text, with what it is as a lexical query. Raises ModelUnavailable."""
    encoded = embedder_for(index.model).encode_queries(texts)
    asking = asking_for(index.model, index.fingerprint)
    if asking is None:
        return encoded
    shares = [one.describes if asking.tuned.for_descriptions else 1.0 for one in queries]
    told = [text for text, share in zip(texts, shares, strict=True) if share]
    tuned = dict(zip(told, asking.embed_queries(told), strict=True))
    return [
        Encoded(_between(own.vector, tuned[text], share), own.tokens) if share else own
        for text, share, own in zip(texts, shares, encoded, strict=True)
    ]


def _between(one: Vector, other: Vector, share: float) -> Vector:
    """Of length one, so much nearer to the other."""
    mixed = [(1 - share) * a + share * b for a, b in zip(one, other, strict=True)]
    length = sqrt(sum(value * value for value in mixed)) or 1.0
    return [value / length for value in mixed]
