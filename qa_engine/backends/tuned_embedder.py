"""An embedder for questions, with weights of its own in some layers of another one.

What that one has computed of the same questions in the layers before, a moment earlier, is not
computed again. No Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from qa_engine.backends import shared_layers
from qa_engine.backends.precision import settled
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.backends.tuned import Tuned
from qa_engine.protocols import Encoded


class TunedEmbedder(TransformersEmbedder):
    """Of an embedder and what is added to it. It holds the layers alone that are changed, where
    the kind of model is known to consist of layers.
    """

    def __init__(self, base: TransformersEmbedder, tuned: Tuned) -> None:
        source = base.source
        super().__init__(
            source.model,
            device=source.device,
            dtype=source.dtype,
            batch_size=base.batch_size,
            allow_download=source.allow_download,
            setting=source.setting,
        )
        self._base = base
        self.tuned = tuned
        # The first layer that is its own; None where all of the model is.
        self._first: int | None = None

    @cached_property
    def fingerprint(self) -> str:
        return f"{self._base.fingerprint}+{self.tuned.fingerprint}"

    def _go_on(self, tokens: Sequence[Sequence[int]], encoded: list[Encoded]) -> Sequence[int]:
        places: dict[tuple[int, ...], list[int]] = {}
        for at, text in enumerate(tokens):
            places.setdefault(tuple(text), []).append(at)
        first = self._first
        for one in self._base.begun:
            wanted = any(tuple(text) in places for text in one.texts)
            if first is None or first not in one.given or not wanted:
                continue
            told = self._told(partial(one.states, self.model, first), one.tokens, by_token=True)
            for text, own in zip(one.texts, told, strict=True):
                for at in places.pop(tuple(text), ()):
                    encoded[at] = own
        return sorted(at for found in places.values() for at in found)

    def _load(self) -> tuple[Any, Any]:
        tokenizer, model = self.source.load("AutoModel")
        changed = self.tuned.add_to(model)
        model.pooler = None  # as the embedder's own
        self._first = shared_layers.first_changed(changed)
        if self._first is not None:
            shared_layers.share(model, self._base.model, self._first)
            self._base.fork(self._first)
        self._words = self._base.words
        return tokenizer, settled(model, self.source.autocast())
