"""A reranker on a Hugging Face sequence classifier with one label.

`cross-encoder/ms-marco-MiniLM-L6-v2` and its kin, or what `train_reranker` made. Importing this
module is free: torch is imported, and the weights read, on the first `warm_up`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from qa_engine.backends import packed
from qa_engine.backends.loading import Source, halving
from qa_engine.backends.precision import settled
from qa_engine.backends.transformers_embedder import in_batches

SETTING = "QA_RERANKER"
#: Of question and passage together; as in training, so that nothing unseen is scored.
MAX_TOKENS = 224

#: What the model is given for one pair: input_ids, and token_type_ids where it has them.
Tokens = Mapping[str, list[int]]


class CrossEncoder:
    """Takes a model setting (`locate`), a device and a data type, each of them `auto`."""

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        batch_size: int = 16,
        allow_download: bool = False,
        setting: str = SETTING,
    ) -> None:
        self._source = Source(model, setting, device, dtype, allow_download)
        self._batch_size = batch_size
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Of the weights' content, not of where they lie or on what they run."""
        # Cut: a draft has room for 200 characters of all its fingerprints.
        return f"{self._source.short_name[:40]}/{self._source.weights_digest()}"

    def warm_up(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.warm_up()
        if not pairs:
            return []
        tokens = self._tokens(pairs)
        scores = [0.0] * len(pairs)
        for batch in in_batches([len(one["input_ids"]) for one in tokens], self._batch_size):
            found = halving(self._score_batch, [tokens[at] for at in batch])
            for at, score in zip(batch, found, strict=True):
                scores[at] = score
        return scores

    def save_packed(self, directory: Path) -> None:
        """What a directory needs to be loaded from, its weights a byte each (`packed`)."""
        tokenizer, model = self._plain()  # the one that computes is no longer made of its weights
        tokenizer.save_pretrained(directory)
        model.config.save_pretrained(directory)
        packed.store(model.state_dict(), directory / packed.FILE)

    def _tokens(self, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
        assert self._loaded is not None
        tokenizer, _ = self._loaded
        found = tokenizer(
            [question for question, _ in pairs],
            [passage for _, passage in pairs],
            truncation="longest_first",
            max_length=MAX_TOKENS,
            return_attention_mask=False,
        )
        return [{name: found[name][at] for name in found} for at in range(len(pairs))]

    def _score_batch(self, texts: Sequence[Tokens]) -> list[float]:
        import torch

        assert self._loaded is not None
        tokenizer, model = self._loaded
        padded = tokenizer.pad(
            {name: [one[name] for one in texts] for name in texts[0]}, return_tensors="pt"
        ).to(model.device)
        dtype = self._source.autocast()
        with (
            torch.inference_mode(),
            torch.autocast(model.device.type, dtype=dtype, enabled=dtype is not None),
        ):
            logits = model(**padded).logits
        scores: list[float] = logits.float().squeeze(-1).tolist()
        return scores

    def _load(self) -> tuple[Any, Any]:
        tokenizer, model = self._plain()
        return tokenizer, settled(model, self._source.autocast())

    def _plain(self) -> tuple[Any, Any]:
        tokenizer, model = self._source.load("AutoModelForSequenceClassification")
        if model.config.num_labels != 1:
            raise self._source.unavailable(
                f"it is no reranker: it has {model.config.num_labels} labels and not one"
            )
        return tokenizer, model
