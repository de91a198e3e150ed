"""Natural-language inference on a Hugging Face sequence classifier.

Any model with a label "entailment" will do (`cross-encoder/nli-deberta-v3-base`, MNLI heads).
torch is imported by the first `warm_up`, in the worker that uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from qa_engine.backends.locate import locate
from qa_engine.protocols import ModelUnavailable

SETTING = "QA_ENTAILMENT"
BATCH = 32
MAX_TOKENS = 256


class TransformersEntailment:
    def __init__(self, model: str, *, device: str = "auto", allow_download: bool = False) -> None:
        self.fingerprint = f"nli/{model.rstrip('/').rsplit('/', 1)[-1]}/1"
        self._name = model
        self._device = device
        self._allow_download = allow_download
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any, int] | None = None

    def warm_up(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()

    def _load(self) -> tuple[Any, Any, int]:
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        where = locate(self._name, setting=SETTING, allow_download=self._allow_download)
        offline = {"local_files_only": where.local_files_only}
        try:
            tokenizer = AutoTokenizer.from_pretrained(where.name, **offline)
            model = AutoModelForSequenceClassification.from_pretrained(
                where.name, use_safetensors=True, **offline
            )
        # The others: files that are no such model.
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as exc:
            raise ModelUnavailable(f"{SETTING}: no usable model in {self._name!r}.") from exc
        labels = {str(name).lower(): number for number, name in model.config.id2label.items()}
        entailed = next((n for name, n in labels.items() if name.startswith("entail")), None)
        if entailed is None:
            raise ModelUnavailable(f"{SETTING}: {self._name!r} has no label “entailment”.")
        device = self._device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        return tokenizer, model.to(device).eval(), entailed

    def entail(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.warm_up()
        assert self._loaded is not None
        import torch

        tokenizer, model, entailed = self._loaded
        found: list[float] = []
        for first in range(0, len(pairs), BATCH):
            batch = pairs[first : first + BATCH]
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
            found += chances[:, entailed].tolist()
        return found
