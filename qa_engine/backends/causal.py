"""A causal language model through transformers: chat template, batches, greedy.

On CUDA the requests of a batch share transformers' continuous batching where the model has
it; on the CPU they are padded to one batch. torch is imported by the first `warm_up`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from qa_engine.backends.loading import chosen_device, halving
from qa_engine.backends.locate import locate
from qa_engine.backends.precision import autocast_dtype
from qa_engine.protocols import ModelUnavailable
from qa_engine.types import ChatMessage, Generation

SETTING = "QA_GENERATOR"
BATCH = 8
MAX_PROMPT = 3_000  # tokens
#: For a .gguf file that brings no template: what most small chat models were tuned on.
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class CausalGenerator:
    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        dtype: str = "auto",
        max_new_tokens: int = 300,
        allow_download: bool = False,
    ) -> None:
        self.fingerprint = f"transformers/{model.rstrip('/').rsplit('/', 1)[-1][:60]}"
        self._name = model
        self._device = device
        self._dtype = dtype
        self._max_new_tokens = max_new_tokens
        self._allow_download = allow_download
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def warm_up(self) -> None:
        with self._lock:
            if self._loaded is None:
                self._loaded = self.load()

    def load(self) -> tuple[Any, Any]:
        """(tokenizer, model) anew. Raises ModelUnavailable."""
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        where = locate(self._name, setting=SETTING, allow_download=self._allow_download)
        options: dict[str, Any] = {"local_files_only": where.local_files_only}
        if where.gguf_file:
            options["gguf_file"] = where.gguf_file
        device = chosen_device(self._device)
        # Each token reads all weights: in half of the bytes a letter costs half (2.3 → 1.1 CPU s).
        dtype = getattr(torch, self._dtype, autocast_dtype(self._dtype, device) or torch.float32)
        try:
            tokenizer = AutoTokenizer.from_pretrained(where.name, **options)
            model: Any = AutoModelForCausalLM.from_pretrained(where.name, dtype=dtype, **options)
        # ImportError: `gguf` is not installed; the others: files that are no such model.
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as exc:
            raise ModelUnavailable(f"{SETTING}: no usable model in {self._name!r}.") from exc
        if tokenizer.chat_template is None and where.gguf_file:
            tokenizer.chat_template = CHATML
        if tokenizer.chat_template is None:
            raise ModelUnavailable(f"{SETTING}: {self._name!r} has no chat template.")
        tokenizer.padding_side = tokenizer.truncation_side = "left"
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer, model.to(device).eval()

    def generate(self, chats: Sequence[Sequence[ChatMessage]]) -> list[Generation]:
        if not chats:
            return []
        self.warm_up()
        assert self._loaded is not None
        tokenizer, model = self._loaded
        prompts = [
            tokenizer.apply_chat_template(
                [{"role": turn.role, "content": turn.content} for turn in chat],
                add_generation_prompt=True,
                tokenize=False,
            )
            for chat in chats
        ]
        tokens = tokenizer(prompts, add_special_tokens=False).input_ids
        fits = [place for place, ids in enumerate(tokens) if len(ids) <= MAX_PROMPT]
        batched = _continuously if model.device.type == "cuda" else _padded
        try:
            texts = batched(tokenizer, model, [prompts[p] for p in fits], self._max_new_tokens)
        except RuntimeError as exc:  # out of memory, or a device that failed
            raise ModelUnavailable(f"{SETTING}: the model failed while writing.") from exc
        told = dict(zip(fits, texts, strict=True))
        return [
            Generation(told[place]) if place in told else Generation("", "the prompt is too long")
            for place in range(len(chats))
        ]


def _padded(tokenizer: Any, model: Any, prompts: Sequence[str], most: int) -> list[str]:
    import torch

    def write(some: Sequence[str]) -> list[str]:
        inputs = tokenizer(
            list(some), padding=True, add_special_tokens=False, return_tensors="pt"
        ).to(model.device)
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            output = model.generate(
                **inputs,
                max_new_tokens=most,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
            )
        new = output[:, inputs["input_ids"].shape[1] :]
        return [text.strip() for text in tokenizer.batch_decode(new, skip_special_tokens=True)]

    texts: list[str] = []
    for first in range(0, len(prompts), BATCH):
        texts += halving(write, prompts[first : first + BATCH])
    return texts


def _continuously(tokenizer: Any, model: Any, prompts: Sequence[str], most: int) -> list[str]:
    """Finished requests make room for the next ones, so none waits for the longest."""
    if not hasattr(model, "generate_batch"):
        return _padded(tokenizer, model, prompts, most)
    from transformers import GenerationConfig

    build: Any = GenerationConfig
    config = build(
        max_new_tokens=most,
        do_sample=False,
        eos_token_id=model.generation_config.eos_token_id or tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    ids = [tokenizer(prompt, add_special_tokens=False).input_ids for prompt in prompts]
    outputs = list(model.generate_batch(inputs=ids, generation_config=config).values())
    # Request ids end in the number of the prompt; the answers come as they are finished.
    outputs.sort(key=lambda one: int(str(one.request_id).rsplit("_", 1)[-1]))
    return [
        tokenizer.decode(one.generated_tokens, skip_special_tokens=True).strip() for one in outputs
    ]
