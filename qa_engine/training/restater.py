"""Teaches a small language model to say in plain questions what a letter wants to know.

It learns the answer alone, given the very prompt that `restating` gives it; everything else about
the model stays, under low-rank adapters that are merged in the end. torch, transformers and peft
are imported by the calls. No Django.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_engine.backends.causal import CausalGenerator
from qa_engine.prompting import redactor_of
from qa_engine.restating import chat
from qa_engine.training import loop
from qa_engine.training.encoder import Lora
from qa_engine.types import DraftRequest

if TYPE_CHECKING:
    import torch

# Tokens of a letter with its questions; of what is longer the end is not learnt.
MAX_TOKENS = 768
# Says "not to be learnt" to the loss of transformers.
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Letter:
    """What a customer wrote, and in full sentences what they want to know."""

    request: DraftRequest
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Learner:
    tokenizer: Any
    model: Any

    def example(self, letter: Letter) -> tuple[list[int], list[int]]:
        """Its tokens, and of each what is to be learnt."""
        redactor = redactor_of(letter.request)
        turns = [
            {"role": one.role, "content": one.content} for one in chat(letter.request, redactor)
        ]
        prompt = self.tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        said = "\n".join(redactor.redact(one) for one in letter.questions)
        whole = self.tokenizer.apply_chat_template(
            [*turns, {"role": "assistant", "content": said}], tokenize=False
        )
        # With what ends a turn, which the model has to learn to say.
        answer = whole.removeprefix(prompt).rstrip()
        given = self.tokenizer(prompt, add_special_tokens=False)["input_ids"]
        wanted = self.tokenizer(answer, add_special_tokens=False)["input_ids"]
        tokens = (given + wanted)[:MAX_TOKENS]
        return tokens, ([_IGNORED] * len(given) + wanted)[:MAX_TOKENS]


def load(base: str, lora: Lora, *, allow_download: bool = False) -> Learner:
    """The model that a setting names, with fresh adapters. Raises ModelUnavailable."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(lora.seed)
    generator = CausalGenerator(base, device="cpu", dtype="float32", allow_download=allow_download)
    tokenizer, model = generator.load()
    config = LoraConfig(
        r=lora.rank, lora_alpha=lora.alpha, lora_dropout=0.0, target_modules="all-linear"
    )
    return Learner(tokenizer, get_peft_model(model, config))


def examples(learner: Learner, letters: Sequence[Letter]) -> list[tuple[list[int], list[int]]]:
    return [learner.example(letter) for letter in letters]


def objective(learner: Learner, every: Sequence[tuple[list[int], list[int]]]) -> loop.Objective:
    """The mean loss of a batch: how unlikely each next token of the questions is."""
    pad = learner.tokenizer.pad_token_id

    def loss_of(model: torch.nn.Module, batch: loop.Batch) -> torch.Tensor:
        import torch

        some = [every[at] for at in batch]
        longest = max(len(tokens) for tokens, _ in some)

        def filled(rows: Sequence[list[int]], value: int) -> torch.Tensor:
            wide = [row + [value] * (longest - len(row)) for row in rows]
            return torch.tensor(wide, device=next(model.parameters()).device)

        loss: torch.Tensor = model(
            input_ids=filled([tokens for tokens, _ in some], pad),
            attention_mask=filled([[1] * len(tokens) for tokens, _ in some], 0),
            labels=filled([wanted for _, wanted in some], _IGNORED),
        ).loss
        return loss

    return loss_of


def mean_loss(
    learner: Learner, every: Sequence[tuple[list[int], list[int]]], batch_size: int
) -> float:
    """Over what was not learnt from; by example."""
    import torch

    learner.model.eval()
    loss_of = objective(learner, every)
    total = 0.0
    with torch.inference_mode():
        for first in range(0, len(every), batch_size):
            batch = range(first, min(first + batch_size, len(every)))
            total += float(loss_of(learner.model, batch)) * len(batch)
    return total / max(1, len(every))


def save(learner: Learner, out: Path) -> None:
    """What was learnt, merged, in half precision; a directory for QA_GENERATOR."""
    import torch
    from transformers import AutoModelForCausalLM

    merged = learner.model.merge_and_unload()
    config = merged.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config  # of the file that it was read from
    model: Any = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
    model.generation_config = merged.generation_config
    model.load_state_dict(merged.state_dict())
    model.to(torch.bfloat16).save_pretrained(out)
    learner.tokenizer.save_pretrained(out)
