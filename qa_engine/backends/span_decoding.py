"""From the logits of a question-answering model to spans of a passage. No Django.

A long passage is read in windows that overlap. In each window a span scores the logits of
its first and last token, and "no answer" those of the first token of all; their difference,
the span's margin, is the model's log-odds of the span against no answer (Devlin et al. 2019,
section 4.3), and comparable between windows and passages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa_engine.backends.loading import halving

if TYPE_CHECKING:
    import torch

# Batches are filled up to so many tokens, padding counted.
BATCH_TOKENS = 6144


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a reader looks; all in tokens."""

    window: int = 384
    # Shared by neighbouring windows.
    stride: int = 128
    question: int = 64
    answer: int = 30
    # Ends that are tried with each other, and spans that are kept of a passage.
    tried: int = 20
    kept: int = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A span of a passage, in characters, and its log-odds against "no answer"."""

    start: int
    end: int
    margin: float


@dataclass(frozen=True, slots=True)
class _Window:
    pair: int
    ids: list[int]
    types: list[int]
    # Of each token, (start, end) in the passage; None where it is not of the passage.
    offsets: list[tuple[int, int] | None]
    null: int


def read_pairs(
    tokenizer: Any,
    model: Any,
    pairs: Sequence[tuple[str, str]],
    *,
    reach: Reach | None = None,
    dtype: torch.dtype | None = None,
) -> list[list[Found]]:
    """For each (question, passage) the best spans, best first, no two of them overlapping.

    Windows of all pairs share batches, sorted by length. `dtype` is computed in by autocast.
    """
    reach = reach or Reach()
    windows = sorted(_windows(tokenizer, pairs, reach), key=lambda one: len(one.ids))
    found: list[list[Found]] = [[] for _ in pairs]
    for batch in _batches(windows):
        spans = halving(
            lambda some: _read(model, some, reach, tokenizer.pad_token_id or 0, dtype), batch
        )
        for window, some in zip(batch, spans, strict=True):
            found[window.pair] += some
    return [_best(some, reach.kept) for some in found]


def _windows(tokenizer: Any, pairs: Sequence[tuple[str, str]], reach: Reach) -> Iterator[_Window]:
    full = [number for number, (_, passage) in enumerate(pairs) if passage.strip()]
    if not full:
        return
    limit = min(reach.window, tokenizer.model_max_length)
    questions = _shortened(tokenizer, [pairs[number][0] for number in full], reach.question)
    tokens = tokenizer(
        questions,
        [pairs[number][1] for number in full],
        truncation="only_second",
        max_length=limit,
        stride=min(reach.stride, limit // 3),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    for row, place in enumerate(tokens["overflow_to_sample_mapping"]):
        encoding = tokens.encodings[row]
        ids = list(encoding.ids)
        offsets = [
            span if part == 1 and span[1] > span[0] else None
            for part, span in zip(encoding.sequence_ids, encoding.offsets, strict=True)
        ]
        first = tokenizer.cls_token_id
        null = ids.index(first) if first in ids else 0
        yield _Window(full[place], ids, list(encoding.type_ids), offsets, null)


def _shortened(tokenizer: Any, questions: list[str], limit: int) -> list[str]:
    """The questions, without what stands after so many tokens."""
    spans = tokenizer(questions, add_special_tokens=False, return_offsets_mapping=True)
    return [
        text if len(some) <= limit else text[: some[limit - 1][1]]
        for text, some in zip(questions, spans["offset_mapping"], strict=True)
    ]


def _batches(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """Of windows sorted by length."""
    batch: list[_Window] = []
    for window in windows:
        if batch and len(window.ids) * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _read(
    model: Any, batch: Sequence[_Window], reach: Reach, pad: int, dtype: torch.dtype | None
) -> list[list[Found]]:
    import torch

    longest = max(len(one.ids) for one in batch)
    ids, mask, types, inside = ([[v] * longest for _ in batch] for v in (pad, 0, 0, False))
    for row, one in enumerate(batch):
        size = len(one.ids)
        ids[row][:size], types[row][:size], mask[row][:size] = one.ids, one.types, [1] * size
        inside[row][:size] = [span is not None for span in one.offsets]
    device = model.device
    tensors = {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}
    if getattr(model.config, "type_vocab_size", 0) > 1:
        tensors["token_type_ids"] = torch.tensor(types)
    with (
        torch.inference_mode(),
        torch.autocast(device.type, dtype=dtype, enabled=dtype is not None),
    ):
        said = model(**{name: one.to(device) for name, one in tensors.items()})
    starts, ends = said.start_logits.float().cpu(), said.end_logits.float().cpu()
    rows, nulls = torch.arange(len(batch)), torch.tensor([one.null for one in batch])
    null = starts[rows, nulls] + ends[rows, nulls]
    allowed = torch.tensor(inside)
    first, last, score = _pairs(
        starts.masked_fill(~allowed, -1e9), ends.masked_fill(~allowed, -1e9), reach
    )
    margins = (score - null[:, None]).tolist()
    return [
        [
            Found(one.offsets[a][0], one.offsets[b][1], margin)
            for a, b, margin in zip(begins, finishes, some, strict=True)
            if margin > -1e6
        ]
        for one, begins, finishes, some in zip(
            batch, first.tolist(), last.tolist(), margins, strict=True
        )
    ]


def _pairs(
    starts: torch.Tensor, ends: torch.Tensor, reach: Reach
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(first token, last token, score) of the best spans, each of shape (windows, spans)."""
    import torch

    count = min(reach.tried, starts.shape[1])
    start_score, start_at = starts.topk(count, dim=1)
    end_score, end_at = ends.topk(count, dim=1)
    length = end_at[:, None, :] - start_at[:, :, None]
    score = start_score[:, :, None] + end_score[:, None, :]
    score = score.masked_fill((length < 0) | (length >= reach.answer), -1e9).flatten(1)
    best, place = score.topk(min(4 * reach.kept, score.shape[1]), dim=1)
    row, column = torch.div(place, count, rounding_mode="floor"), place % count
    return start_at.gather(1, row), end_at.gather(1, column), best


def _best(found: Sequence[Found], count: int) -> list[Found]:
    kept: list[Found] = []
    for one in sorted(found, key=lambda span: -span.margin):
        if not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
        if len(kept) == count:
            break
    return kept
