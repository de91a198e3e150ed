"""Questions and passages as tokens: cropped to learn from, padded to a batch. No Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from qa_engine.training.loop import Batch
from qa_engine.training.reader_data import Example

if TYPE_CHECKING:
    import torch


MULTIPLE = 16


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of [CLS] question [SEP] passage [SEP]; no answer is the span (0, 0)."""

    ids: tuple[int, ...]
    # Where the passage begins.
    passage: int
    start: int
    end: int


def windows_of(
    tokenizer: Any,
    examples: Sequence[Example],
    *,
    lengths: Sequence[int],
    max_question: int = 48,
    seed: int,
) -> list[Window]:
    """One window of each example, around its answer but anywhere around it.

    Each is as long as one of `lengths` allows, in tokens, drawn by the seed. A short passage
    stands whole. An answer that is longer than the window is left out.
    """
    random = Random(seed)  # no secret
    windows: list[Window] = []
    for first in range(0, len(examples), 2000):
        some = examples[first : first + 2000]
        questions = tokenizer([one.question for one in some], add_special_tokens=False)
        passages = tokenizer(
            [one.context for one in some],
            add_special_tokens=False,
            return_offsets_mapping=True,
            verbose=False,
        )
        for number, one in enumerate(some):
            window = _window(
                tokenizer,
                questions["input_ids"][number][:max_question],
                passages["input_ids"][number],
                _tokens_of(one, passages["offset_mapping"][number]),
                random.choice(lengths),
                random,
            )
            if window is not None:
                windows.append(window)
    return windows


def _tokens_of(one: Example, offsets: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """(first, last) token of the answer; None where there is no answer."""
    if not one.is_answerable:
        return None
    inside = [
        number
        for number, (start, end) in enumerate(offsets)
        if start < one.end and end > one.start
    ]
    return (inside[0], inside[-1]) if inside else None


def _window(
    tokenizer: Any,
    question: list[int],
    passage: list[int],
    answer: tuple[int, int] | None,
    length: int,
    random: Random,
) -> Window | None:
    room = length - len(question) - 3
    if answer is not None and answer[1] - answer[0] + 1 > room:
        return None
    begin = 0
    if len(passage) > room:
        if answer is None:
            begin = random.randint(0, len(passage) - room)
        else:
            lowest = max(0, answer[1] + 1 - room)
            begin = random.randint(lowest, min(answer[0], len(passage) - room))
    head = [tokenizer.cls_token_id, *question, tokenizer.sep_token_id]
    ids = (*head, *passage[begin : begin + room], tokenizer.sep_token_id)
    if answer is None:
        return Window(ids, len(head), 0, 0)
    shift = len(head) - begin
    return Window(ids, len(head), answer[0] + shift, answer[1] + shift)


def collate(windows: Sequence[Window], batch: Batch, *, pad: int) -> dict[str, torch.Tensor]:
    """Tensors of shape (examples, tokens of the longest): ids, mask, types, start, end."""
    import torch

    chosen = [windows[at] for at in batch]
    longest = max(len(one.ids) for one in chosen)
    # Few different shapes: kernels are made for each.
    longest = -(-longest // MULTIPLE) * MULTIPLE
    ids = torch.full((len(chosen), longest), pad)
    mask = torch.zeros((len(chosen), longest), dtype=torch.long)
    types = torch.zeros((len(chosen), longest), dtype=torch.long)
    for row, one in enumerate(chosen):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        mask[row, : len(one.ids)] = 1
        types[row, one.passage : len(one.ids)] = 1
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": types,
        "start": torch.tensor([one.start for one in chosen]),
        "end": torch.tensor([one.end for one in chosen]),
    }
