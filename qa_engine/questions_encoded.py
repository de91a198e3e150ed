"""How what an index is asked is embedded.

As the query encoder does where one is in force, else as the embedder. One that is for descriptions
of a problem alone leaves pointed questions to the embedder, and what is between the two comes out
in between (docs/adr/0029). Replays embed so, too.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_engine.indexable import mixed
from qa_engine.lexical_query import LexicalQuery
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import Encoded
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
        Encoded(mixed(tuned[text], own.vector, share), own.tokens) if share else own
        for text, share, own in zip(texts, shares, encoded, strict=True)
    ]
