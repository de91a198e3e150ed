"""An embedder without weights: hashed words and letter sequences, in pure Python.

Far behind a trained model on paraphrases, but it knows names, numbers and typing errors,
in any language, on any machine. For hosts without the worker extra, and for quick tests.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zlib import crc32

from qa_engine.protocols import Encoded, Vector
from qa_engine.text import STOP_WORDS, stem, words

DIMENSION = 512


class HashingEmbedder:
    """Signed feature hashing: a feature's hash chooses its dimension and its sign."""

    fingerprint = f"hashing/{DIMENSION}/1"
    dimension = DIMENSION
    token_width = 0

    def warm_up(self) -> None:
        """Nothing to load."""

    def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return [_embed(text) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return [_embed(text) for text in texts]

    def encode_queries(self, texts: Sequence[str]) -> list[Encoded]:
        return [Encoded(vector) for vector in self.embed_queries(texts)]

    def encode_passages(self, texts: Sequence[str]) -> list[Encoded]:
        return [Encoded(vector) for vector in self.embed_passages(texts)]

    def knows(self, texts: Sequence[str]) -> list[bool]:
        return [True for _ in texts]


def _embed(text: str) -> list[float]:
    vector = [0.0] * DIMENSION
    for (feature, weight), count in Counter(_features(text)).items():
        hashed = crc32(feature.encode())
        sign = 1.0 if hashed & 1 else -1.0
        # Logarithm: a passage that says "refund" ten times is not ten times about refunds.
        vector[(hashed >> 1) % DIMENSION] += sign * weight * (1 + math.log(count))
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        vector[0] = length = 1.0
    return [value / length for value in vector]


def _features(text: str) -> Iterator[tuple[str, float]]:
    kept = [word for word in words(text) if word not in STOP_WORDS]
    stems = [stem(word) for word in kept]
    for one in stems:
        yield f"w:{one}", 1.0
    for first, second in pairwise(stems):
        yield f"b:{first} {second}", 0.5
    for word in kept:
        marked = f"^{word}$"
        for at in range(len(marked) - 3):
            yield f"c:{marked[at : at + 4]}", 0.3
