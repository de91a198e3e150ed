"""A reranker: question and passage read together, one score. No Django.

Each question is given its passage and some near misses; the loss is the cross-entropy of
picking the right one (listwise, as in monoBERT's successors). Adapters learn in the encoder,
the scoring head as a whole; saved merged, as a plain sequence classifier with one label.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from qa_engine.backends import packed
from qa_engine.backends.loading import Source
from qa_engine.backends.locate import locate
from qa_engine.backends.precision import autocast_dtype
from qa_engine.training import loop
from qa_engine.training.encoder import NO_DROPOUT, Learner, Lora, without_dropout
from qa_engine.training.pairs import Pair, Passage

if TYPE_CHECKING:
    import torch

MAX_TOKENS = 224
SETTING = "the base of the training"
SCORED_AT_ONCE = 20


def load(base: str, lora: Lora) -> Learner:
    """The model that a setting names, with adapters.

    Its head knows nothing yet, unless it is a reranker already.
    """
    import torch
    from peft import LoraConfig, TaskType, get_peft_model

    torch.manual_seed(lora.seed)
    tokenizer, model = _base(base)
    head = "score" if hasattr(model, "score") else "classifier"
    targets = _linear_layers(model.base_model)
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=0.0,
        target_modules=targets,
        modules_to_save=[head],
    )
    return Learner(tokenizer, get_peft_model(model, config))


def _base(name: str) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    where = locate(name, setting=SETTING)
    if packed.is_in(where.directory):
        tokenizer, model = Source(name, SETTING, device="cpu").load(
            "AutoModelForSequenceClassification"
        )
        return tokenizer, without_dropout(model)
    offline = {"local_files_only": where.local_files_only}
    model = AutoModelForSequenceClassification.from_pretrained(
        where.name, num_labels=1, use_safetensors=True, **offline, **NO_DROPOUT
    )
    return AutoTokenizer.from_pretrained(where.name, **offline), model


def objective(
    learner: Learner, pairs: Sequence[Pair], negatives: Sequence[Sequence[Passage]]
) -> loop.Objective:
    """The loss of a batch of pairs, each among its own near misses."""

    def loss_of(model: torch.nn.Module, batch: loop.Batch) -> torch.Tensor:
        groups = [(pairs[at], [pairs[at].positive, *negatives[at]]) for at in batch]
        return listwise(learner, model, groups)

    return loss_of


def listwise(
    learner: Learner,
    model: torch.nn.Module,
    groups: Sequence[tuple[Pair, Sequence[Passage]]],
) -> torch.Tensor:
    """The right passage comes first in each group; groups may be of different sizes."""
    import torch

    texts = [(pair.query, one.embedded) for pair, found in groups for one in found]
    scores = scores_of(learner, model, texts)
    sizes = [len(found) for _, found in groups]
    padded = torch.nn.utils.rnn.pad_sequence(
        list(torch.split(scores, sizes)),
        batch_first=True,
        padding_value=float("-inf"),
    )
    return torch.nn.functional.cross_entropy(
        padded, torch.zeros(len(groups), dtype=torch.long, device=padded.device)
    )


def scores_of(
    learner: Learner, model: torch.nn.Module, texts: Sequence[tuple[str, str]]
) -> torch.Tensor:
    tokens = learner.tokenizer(
        [query for query, _ in texts],
        [passage for _, passage in texts],
        padding=True,
        truncation="longest_first",
        max_length=MAX_TOKENS,
        return_tensors="pt",
    ).to(next(model.parameters()).device)
    logits: torch.Tensor = model(**tokens).logits.float().squeeze(-1)
    return logits


def scorer(learner: Learner, precision: str) -> Callable[[str, Sequence[Passage]], list[float]]:
    """To measure with: scores a question's passages, without learning."""
    import torch

    learner.model.eval()
    device = next(learner.model.parameters()).device.type
    dtype = autocast_dtype(precision, device)

    def score(query: str, passages: Sequence[Passage]) -> list[float]:
        found: list[float] = []
        for first in range(0, len(passages), SCORED_AT_ONCE):
            some = [(query, one.embedded) for one in passages[first : first + SCORED_AT_ONCE]]
            with (
                torch.inference_mode(),
                torch.autocast(device, dtype=dtype, enabled=dtype is not None),
            ):
                found += scores_of(learner, learner.model, some).tolist()
        return found

    return score


def _linear_layers(encoder: Any) -> list[str]:
    """Names of the encoder's linear layers by their last part, the pooler's left out."""
    import torch

    return sorted(
        {
            name.rpartition(".")[2] if "layer" in name else name
            for name, module in encoder.named_modules()
            if isinstance(module, torch.nn.Linear) and "pooler" not in name
        }
    )
