"""Natural-language inference on a Hugging Face sequence classifier.

Any model with a label "entailment" will do (`cross-encoder/nli-deberta-v3-base`, MNLI heads).
torch is imported by the first `warm_up`, in the worker that uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from qa_engine.backends.loading import Source, halving

SETTING = "QA_ENTAILMENT"
BATCH = 32
MAX_TOKENS = 256


class TransformersEntailment:
    def __init__(self, model: str, *, device: str = "auto", allow_download: bool = False) -> None:
        self.fingerprint = f"nli/{model.rstrip('/').rsplit('/', 1)[-1]}/1"
        self._source = Source(model, SETTING, device, allow_download=allow_download)
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any, int] | None = None

    def warm_up(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()

    def _load(self) -> tuple[Any, Any, int]:
        tokenizer, model = self._source.load("AutoModelForSequenceClassification")
        labels = {str(name).lower(): number for number, name in model.config.id2label.items()}
        entailed = next((n for name, n in labels.items() if name.startswith("entail")), None)
        if entailed is None:
            raise self._source.unavailable("it has no label “entailment”")
        return tokenizer, model, entailed

    def entail(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.warm_up()
        found: list[float] = []
        for first in range(0, len(pairs), BATCH):
            found += halving(self._entail, pairs[first : first + BATCH])
        return found

    def _entail(self, batch: Sequence[tuple[str, str]]) -> list[float]:
        assert self._loaded is not None
        import torch

        tokenizer, model, entailed = self._loaded
        inputs = tokenizer(
            [premise for premise, _ in batch],
            [hypothesis for _, hypothesis in batch],
            padding=True,
            truncation="only_first",
            max_length=MAX_TOKENS,
            return_tensors="pt",
        ).to(model.device)
        with torch.inference_mode():
            chances = model(**inputs).logits.float().softmax(dim=-1)
        chosen: list[float] = chances[:, entailed].tolist()
        return chosen
