"""How what an index is asked is embedded.

As the query encoder does where one is in force, else as the embedder. One that is for descriptions
of a problem alone leaves pointed questions to the embedder, and what is between the two comes out
in between (docs/adr/0029). Replays embed so, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_engine.backends.tuned_embedder import TunedEmbedder
from qa_engine.indexable import mixed
from qa_engine.lexical_query import LexicalQuery
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import Encoded, Encoder
from qa_engine.registry import asking_for, embedder_for


@dataclass(frozen=True, slots=True)
class QuestionEncoder:
    """What embeds questions to an index now: that is settled, the database is not asked again."""

    embedder: Encoder
    asking: TunedEmbedder | None

    @classmethod
    def of(cls, index: EmbeddingIndex) -> QuestionEncoder:
        """Raises ModelUnavailable."""
        return cls(embedder_for(index.model), asking_for(index.model, index.fingerprint))

    def encode(self, texts: Sequence[str], queries: Sequence[LexicalQuery]) -> list[Encoded]:
        """Of each text, with what it is as a lexical query. Raises ModelUnavailable."""
        encoded = self.embedder.encode_queries(texts)
        if self.asking is None:
            return encoded
        is_partial = self.asking.tuned.for_descriptions
        shares = [one.describes if is_partial else 1.0 for one in queries]
        told = [text for text, share in zip(texts, shares, strict=True) if share]
        tuned = dict(zip(told, self.asking.embed_queries(told), strict=True))
        return [
            Encoded(mixed(tuned[text], own.vector, share), own.tokens) if share else own
            for text, share, own in zip(texts, shares, encoded, strict=True)
        ]
