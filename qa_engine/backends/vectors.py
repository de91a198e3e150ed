"""Vectors that are kept and compared: four bytes a number, and numpy where it is installed.

As a list of Python floats a vector of 384 numbers takes 12 KB, as these it takes 1.5.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import mul
from threading import Lock

from qa_engine.protocols import Vector

Embed = Callable[[Sequence[str]], list[Vector]]


class VectorCache:
    """Vectors by text, the `most` that were used last. Threads may share it."""

    def __init__(self, embed: Embed, most: int) -> None:
        self._embed = embed
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[str, array[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, texts: Iterable[str]) -> dict[str, array[float]]:
        """The vector of each text; those that are missing are embedded in one call."""
        wanted = set(texts)
        with self._lock:
            found = {text: self._kept[text] for text in wanted if text in self._kept}
        todo = sorted(wanted - found.keys())
        if todo:
            new = self._embed(todo)
            found |= {text: array("f", vector) for text, vector in zip(todo, new, strict=True)}
        with self._lock:
            for text, vector in found.items():
                self._kept[text] = vector
                self._kept.move_to_end(text)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


def cosines(
    query: Vector, vectors: Mapping[str, array[float]], texts: Sequence[str]
) -> list[float]:
    """Of the query with the vector of each text; all of length one."""
    try:
        import numpy as np
    except ImportError:  # a host without the worker extra: `hashing`
        return [float(sum(map(mul, query, vectors[text]))) for text in texts]
    if not texts:
        return []
    kept = b"".join(vectors[text] for text in texts)
    matrix = np.frombuffer(kept, dtype=np.float32).reshape(len(texts), len(query))
    found: list[float] = (matrix @ np.asarray(query, dtype=np.float32)).tolist()
    return found
