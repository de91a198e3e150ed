"""An embedder that embeds no text twice: one article's paragraphs meet many facts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qa_engine.protocols import Embedder, Vector

#: Vectors held; the oldest half goes when there are more (4,000 of 384 floats: 15 MB).
MOST = 4000


class RememberingEmbedder:
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._passages: dict[str, Vector] = {}
        self._queries: dict[str, Vector] = {}

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def warm_up(self) -> None:
        self._embedder.warm_up()

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return _remembered(self._passages, texts, self._embedder.embed_passages)

    def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return _remembered(self._queries, texts, self._embedder.embed_queries)

    def knows(self, texts: Sequence[str]) -> list[bool]:
        return self._embedder.knows(texts)


def _remembered(
    known: dict[str, Vector],
    texts: Sequence[str],
    embed: Callable[[Sequence[str]], list[Vector]],
) -> list[Vector]:
    todo = [text for text in dict.fromkeys(texts) if text not in known]
    fresh = dict(zip(todo, embed(todo), strict=True)) if todo else {}
    found = [known[text] if text in known else fresh[text] for text in texts]
    known.update(fresh)
    if len(known) > MOST:
        for text in list(known)[: len(known) - MOST // 2]:
            del known[text]
    return found
