"""An embedder for questions, with weights of its own in some layers of another one.

What it computes in the layers before is kept for that other one, which the reader asks about the
same questions a moment later, and which then has only the rest to do. No Django.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qa_engine.backends import shared_layers
from qa_engine.backends.precision import settled
from qa_engine.backends.shared_layers import Begun
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.backends.tuned import Tuned
from qa_engine.protocols import Encoded

if TYPE_CHECKING:
    import torch


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
        self._tuned = tuned
        # A thread's own: one that waited for the other's states would go on from the wrong ones.
        self._here = threading.local()

    @cached_property
    def fingerprint(self) -> str:
        return f"{self._base.fingerprint}+{self._tuned.fingerprint}"

    def encode_queries(self, texts: Sequence[str]) -> list[Encoded]:
        self._here.begun = []
        found = super().encode_queries(texts)
        self._base.go_on_from(self._here.begun)
        return found

    def _states(
        self, texts: Sequence[Sequence[int]], tokens: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        self._here.given = None
        states = super()._states(texts, tokens)
        if (given := self._here.given) is not None:
            layer, *others = given
            self._here.begun.append(Begun(texts, tokens, layer, tuple(others)))
        return states

    def _load(self) -> tuple[Any, Any]:
        tokenizer, model = self.source.load("AutoModel")
        changed = self._tuned.add_to(model)
        first = shared_layers.first_changed(changed)
        if first is not None:
            shared_layers.share(model, self._base.model, first)

            def keep(_: Any, given: tuple[Any, ...], named: Mapping[str, Any]) -> None:
                self._here.given = (first, given, named)

            shared_layers.layers(model)[first].register_forward_pre_hook(keep, with_kwargs=True)
        self._words = self._base.words
        return tokenizer, settled(model, self.source.autocast())
