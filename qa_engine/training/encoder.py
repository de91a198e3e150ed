"""The retriever's encoder, trained to bring questions near their passages. No Django.

InfoNCE over the batch: each question against its own passage, everybody else's and the
mined near misses; passages of the question's own article never count as wrong. Only LoRA
adapters learn, so that little data cannot ruin what the encoder knew; they are merged when
it is saved, and what is saved is a plain model directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_engine.backends import shared_layers
from qa_engine.backends.locate import locate
from qa_engine.training import loop
from qa_engine.training.pairs import Pair, Passage

if TYPE_CHECKING:
    import torch

#: Cosines are multiplied by this before the softmax (a temperature of 0.05).
SCALE = 20.0
# On a processor, drawing dropout's random numbers costs more than all the rest of a step (5.2 s
# of 7.5 s, MiniLM, 48 texts); adapters of this size and few epochs hardly overfit without it.
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
#: What adapters say counts so many times, whatever their rank.
TIMES = 2
MAX_QUERY_TOKENS = 80
MAX_PASSAGE_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Lora:
    """Sizes of the adapters; every linear layer of the encoder gets one, or those of its last
    layers alone, where it is known to consist of such.
    """

    rank: int = 16
    # Of their first weights, and of a head that is put on new.
    seed: int = 7
    last: int | None = None

    @property
    def alpha(self) -> int:
        return TIMES * self.rank


@dataclass(frozen=True, slots=True)
class Learner:
    """An encoder under training: peft's model and its tokenizer."""

    tokenizer: Any
    model: Any
    prefixes: tuple[str, str] = ("", "")

    def tokens(self, texts: Sequence[str], length: int) -> Any:
        found = self.tokenizer(
            list(texts), padding=True, truncation=True, max_length=length, return_tensors="pt"
        )
        return found.to(next(self.model.parameters()).device)


def without_dropout(model: Any) -> Any:
    """A model that was not loaded with `NO_DROPOUT`, as if it had been."""
    from torch.nn import Dropout

    for module in model.modules():
        if isinstance(module, Dropout):
            module.p = 0.0
    return model


def load(base: str, lora: Lora, *, prefixes: tuple[str, str] = ("", "")) -> Learner:
    """The model that a setting names, with fresh adapters. Raises ModelUnavailable."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModel, AutoTokenizer

    torch.manual_seed(lora.seed)
    where = locate(base, setting="the base of the training")
    tokenizer = AutoTokenizer.from_pretrained(where.name, local_files_only=where.local_files_only)
    model = AutoModel.from_pretrained(
        where.name,
        local_files_only=where.local_files_only,
        use_safetensors=True,
        **NO_DROPOUT,
    )
    config = LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=0.0,
        target_modules=_linear(model, lora.last) or "all-linear",
    )
    return Learner(tokenizer, get_peft_model(model, config), prefixes)


def _linear(model: Any, last: int | None) -> list[str]:
    """Names of the linear modules in the last layers; none for a model of another kind."""
    from torch.nn import Linear

    own = list(shared_layers.layers(model))[-last:] if last else []
    return [
        name
        for name, module in model.named_modules()
        if isinstance(module, Linear)
        and any(module is one for top in own for one in top.modules())
    ]


def objective(
    learner: Learner, pairs: Sequence[Pair], negatives: Sequence[Sequence[Passage]]
) -> loop.Objective:
    """The loss of a batch of pairs, with the near misses of all of them."""

    def loss_of(model: torch.nn.Module, batch: loop.Batch) -> torch.Tensor:
        some = [pairs[at] for at in batch]
        wrong = [passage for at in batch for passage in negatives[at]]
        return contrastive(learner, model, some, wrong)

    return loss_of


def contrastive(
    learner: Learner, model: torch.nn.Module, pairs: Sequence[Pair], wrong: Sequence[Passage]
) -> torch.Tensor:
    """The mean loss of a batch: each of b questions against b + len(wrong) passages."""
    import torch

    before_query, before_passage = learner.prefixes
    passages = [*(pair.positive for pair in pairs), *wrong]
    queries = embed(
        model, learner.tokens([before_query + pair.query for pair in pairs], MAX_QUERY_TOKENS)
    )
    vectors = embed(
        model,
        learner.tokens([before_passage + one.embedded for one in passages], MAX_PASSAGE_TOKENS),
    )
    scores = SCALE * queries @ vectors.T
    own = torch.tensor(
        [
            [at != number and one.article == pair.group for at, one in enumerate(passages)]
            for number, pair in enumerate(pairs)
        ],
        device=scores.device,
    )
    scores = scores.masked_fill(own, float("-inf"))
    return torch.nn.functional.cross_entropy(
        scores, torch.arange(len(pairs), device=scores.device)
    )


def embed(model: torch.nn.Module, tokens: Any) -> torch.Tensor:
    """As `TransformersEmbedder` does: the mean over the tokens, of length one."""
    import torch

    hidden = model(**tokens).last_hidden_state.float()
    mask = tokens["attention_mask"].unsqueeze(-1).float()
    mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1)
    return torch.nn.functional.normalize(mean, dim=1)


def save(learner: Learner, folder: Path) -> Path:
    """The adapters merged into the weights, as a directory that any model setting can name."""
    merged = learner.model.merge_and_unload().cpu().float()
    folder.mkdir(parents=True, exist_ok=True)
    merged.save_pretrained(folder, safe_serialization=True)
    learner.tokenizer.save_pretrained(folder)
    return folder
