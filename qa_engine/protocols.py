"""What the pipeline asks of a model or an index. Any object of this shape will do.

A backend has a free constructor, an idempotent `warm_up()` and batch-first work.
Its `fingerprint` names the weights and everything else that changes the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.types import Viewer
from qa_engine.questions import Question
from qa_engine.types import (
    Candidate,
    ChatMessage,
    DraftRequest,
    Finding,
    Generation,
    Precedent,
    Rewritten,
    Sentence,
    Span,
)

#: A vector of length one. Plain floats, so that nothing needs numpy.
Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text's vector, and those of its tokens: `token_width` signed bytes each, one after
    another, of length 127; empty where the model tells none.
    """

    vector: Vector
    tokens: bytes = b""


class ModelUnavailable(Exception):
    """The weights are missing or cannot be used. The message names the setting."""


class Embedder(Protocol):
    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def warm_up(self) -> None:
        """Load the weights; a no-op once loaded. Raises ModelUnavailable."""

    def embed_queries(self, texts: Sequence[str]) -> list[Vector]: ...

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]: ...

    def knows(self, texts: Sequence[str]) -> list[bool]:
        """For each whether the model has words for what it says; else its vector means nothing."""


class Encoder(Embedder, Protocol):
    """An embedder that an index can be filled with: it tells of each token, or that it cannot."""

    @property
    def token_width(self) -> int:
        """Bytes of a token's vector; nought where the model tells none. Loads no weights."""

    def encode_queries(self, texts: Sequence[str]) -> list[Encoded]:
        """As `embed_queries`, with the tokens' vectors."""

    def encode_passages(self, texts: Sequence[str]) -> list[Encoded]:
        """As `embed_passages`, with the tokens' vectors."""


class Retriever(Protocol):
    def retrieve(
        self, queries: Sequence[str], *, viewer: Viewer, top_k: int
    ) -> list[list[Candidate]]:
        """For each query its candidates, best first, only of what `viewer` may read."""

    def rarity(self, words: Sequence[str], *, viewer: Viewer) -> dict[str, float]:
        """For each word how rare it is in the index: 0 everywhere … 1 nowhere at all."""


class Precedents(Protocol):
    def nearest(self, questions: Sequence[Question]) -> list[list[Precedent]]:
        """For each question the like ones that people answered, nearest first."""


class Reranker(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def warm_up(self) -> None:
        """Load the weights; a no-op once loaded. Raises ModelUnavailable."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each (question, passage) how well the one answers the other: higher is better.

        Comparable only among the passages of one question.
        """


class Reader(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def warm_up(self) -> None: ...

    def read(
        self, questions: Sequence[Question], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[Span]]:
        """For each question the spans that answer it, best first."""


class Writer(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def write(
        self, request: DraftRequest, findings: Sequence[Finding]
    ) -> tuple[str, tuple[Sentence, ...]]:
        """The draft's body and its sentences; an empty body where nothing was answered."""


class Entailment(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def warm_up(self) -> None:
        """Load the weights; a no-op once loaded. Raises ModelUnavailable."""

    def entail(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each (premise, hypothesis) the probability that the one entails the other."""


class Rewriter(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def rewrite(
        self, requests: Sequence[DraftRequest], findings: Sequence[Sequence[Finding]]
    ) -> list[Rewritten]:
        """For each request a letter with citations, unchecked, or why there is none."""


class Restater(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def restate(self, requests: Sequence[DraftRequest]) -> list[list[str]]:
        """For each message what it wants to know, in full questions; none where that fails."""


class Generator(Protocol):
    """A language model: conversations in, texts out, in one batch."""

    @property
    def fingerprint(self) -> str: ...

    def warm_up(self) -> None:
        """Load the weights; a no-op once loaded. Raises ModelUnavailable."""

    def generate(self, chats: Sequence[Sequence[ChatMessage]]) -> list[Generation]:
        """One answer for each conversation; a failure is told, never raised."""
