"""The retriever's query side, trained while every passage's vector stays as it is. No Django.

A question is set against all passages of its collection, so that no near miss has to be mined,
and the passages of the right articles count together: which of them answers is left open. Only
questions run through the encoder, which makes a step cheap, and no index is built anew. The query
side is trained so in ADORE (Zhan et al. 2021, "Optimizing Dense Retrieval Model Training with
Hard Negatives").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any

from qa_engine.backends.precision import autocast_dtype
from qa_engine.backends.transformers_embedder import CLS, PREFIXES
from qa_engine.training import encoder, loop
from qa_engine.training.encoder import Learner

if TYPE_CHECKING:
    import torch

#: Cosines are multiplied by this before the softmax.
SCALE = 30.0
MAX_TOKENS = 128


class CannotTune(Exception):
    """The embedder is of a kind that is not tuned here; the message says which."""


def need_plain(model: str, fingerprint: str) -> None:
    """Raises CannotTune for one that takes the first token, or puts words before a question:
    what is learnt here is the mean over the tokens of the question alone.
    """
    family = next((key for key in PREFIXES if key in model.lower()), "")
    if family or f"/{CLS}-" in fingerprint:
        raise CannotTune(f"{model} is no embedder that takes the mean of a question's tokens.")


@dataclass(frozen=True)
class Collection:
    """Passages by their vectors, and questions with the positions of passages that answer."""

    name: str
    # float32, passages × dimension; of length one.
    vectors: Any
    questions: tuple[str, ...]
    answers: tuple[tuple[int, ...], ...]


def schedule(
    collections: Sequence[Collection], *, batch_size: int, epochs: int, seed: int
) -> list[loop.Batch]:
    """Batches of one collection each; a question's position counts through all of them."""
    batches: list[loop.Batch] = []
    for number, (first, one) in enumerate(zip(_starts(collections), collections, strict=False)):
        own = loop.bucketed(
            [len(question.split()) for question in one.questions],
            batch_size=batch_size,
            seed=seed + number,
            epochs=epochs,
        )
        batches += [[first + at for at in batch] for batch in own]
    Random(seed).shuffle(batches)  # no secret
    return batches


def objective(learner: Learner, collections: Sequence[Collection]) -> loop.Objective:
    """The mean loss of a batch: how unlikely the right passages are among all."""
    import torch

    starts = _starts(collections)
    vectors = [torch.as_tensor(one.vectors) for one in collections]

    def on(device: torch.device, number: int) -> torch.Tensor:
        vectors[number] = vectors[number].to(device)  # moved once
        return vectors[number]

    def loss_of(model: torch.nn.Module, batch: loop.Batch) -> torch.Tensor:
        number = next(n for n, end in enumerate(starts[1:]) if batch[0] < end)
        one = collections[number]
        rows = [at - starts[number] for at in batch]
        asked = asking(learner, model, [one.questions[row] for row in rows])
        with torch.autocast(asked.device.type, enabled=False):  # cosines need more digits
            scores = SCALE * asked.float() @ on(asked.device, number).T
        right = torch.full_like(scores, float("-inf"))
        for row, question in enumerate(rows):
            places = list(one.answers[question])
            right[row, places] = scores[row, places]
        return (torch.logsumexp(scores, 1) - torch.logsumexp(right, 1)).mean()

    return loss_of


def asking(learner: Learner, model: torch.nn.Module, questions: Sequence[str]) -> torch.Tensor:
    before, _ = learner.prefixes
    tokens = learner.tokens([before + one for one in questions], MAX_TOKENS)
    return encoder.embed(model, tokens)


def ranks(learner: Learner, one: Collection) -> list[int]:
    """Of each question how many passages stand before the first that answers it."""
    import torch

    learner.model.eval()
    vectors = torch.as_tensor(one.vectors)
    device = next(learner.model.parameters()).device.type
    dtype = autocast_dtype("auto", device)
    # Those of about one length together: little is computed on padding.
    order = sorted(range(len(one.questions)), key=lambda at: len(one.questions[at]))
    found = [0] * len(order)
    with (
        torch.inference_mode(),
        torch.autocast(device, dtype=dtype, enabled=dtype is not None),
    ):
        for first in range(0, len(order), 64):
            some = order[first : first + 64]
            asked = asking(learner, learner.model, [one.questions[at] for at in some])
            with torch.autocast("cpu", enabled=False):  # cosines need more digits
                scores = asked.float().cpu() @ vectors.T
            for at, row in zip(some, scores, strict=True):
                found[at] = int((row > row[list(one.answers[at])].max()).sum())
    return found


def additions(learner: Learner) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """The adapters by the layer that they add to, without those that learnt nothing."""
    found = {}
    for name, module in learner.model.base_model.model.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            down = module.lora_A["default"].weight.detach()
            up = module.lora_B["default"].weight.detach()
            if bool(up.any()):
                found[name] = (down, up)
    return found


def _starts(collections: Sequence[Collection]) -> list[int]:
    return [0, *accumulate(len(one.questions) for one in collections)]
