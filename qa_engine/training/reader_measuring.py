"""What a span reader is worth on examples that it did not learn from. No Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from qa_engine.backends.precision import autocast_dtype
from qa_engine.backends.span_decoding import Found, read_pairs
from qa_engine.backends.span_reader import SAID_FROM, Scale
from qa_engine.evaluation import metrics
from qa_engine.training.reader_data import Example

#: An answer that shares half of its words with the gold answer is right.
RIGHT_F1 = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """Held-out examples, read as production reads them."""

    # Of the answerable ones, whatever the margin: exact match and F1, in percent.
    exact: float
    f1: float
    # Share of the unanswerable ones refused by the threshold that keeps 70 % of the others.
    refused_keeping_70: float
    examples: int
    # From the margin to a probability, fitted to these examples.
    scale: Scale


@dataclass(frozen=True, slots=True)
class Judged:
    """Figures, and what each example counts: 0 … 1, to compare two readers by."""

    measured: Measured
    scores: tuple[float, ...]


def measure(
    tokenizer: Any,
    model: Any,
    examples: Sequence[Example],
    *,
    precision: str = "auto",
    sample: int | None = None,
) -> Measured:
    """Exact match, F1 and refusals of a model on examples that it did not learn from."""
    chosen = list(examples)
    if sample is not None and sample < len(chosen):
        chosen = Random(0).sample(chosen, sample)  # no secret
    model.eval()
    dtype = autocast_dtype(precision, model.device.type)
    pairs = [(one.question, one.context) for one in chosen]
    return judged(chosen, read_pairs(tokenizer, model, pairs, dtype=dtype)).measured


def judged(examples: Sequence[Example], found: Sequence[Sequence[Found]]) -> Judged:
    """What was found in each example's passage, best first, against what is right.

    An example counts the F1 of what is said to it, or 1 where rightly nothing is; something is
    said from a fitted probability of one half.
    """
    exact: list[float] = []
    overlap: list[float] = []
    margins: list[tuple[float, bool, bool]] = []
    shares: list[float] = []
    for one, spans in zip(examples, found, strict=True):
        best = spans[0] if spans else None
        text = one.context[best.start : best.end] if best else ""
        margin = best.margin if best else -20.0
        score = 0.0
        if one.is_answerable:
            gold = one.context[one.start : one.end]
            score = metrics.f1(text, gold)
            overlap.append(score)
            exact.append(metrics.exact_match(text, gold))
        margins.append((margin, score >= RIGHT_F1, one.is_answerable))
        shares.append(score)
    kept = [margin for margin, _, is_answerable in margins if is_answerable]
    others = [margin for margin, _, is_answerable in margins if not is_answerable]
    measured = Measured(
        exact=100 * metrics.mean(exact),
        f1=100 * metrics.mean(overlap),
        refused_keeping_70=(
            metrics.refused_when_keeping(0.7, kept, others) if kept and others else 0.0
        ),
        examples=len(examples),
        scale=fitted([margin for margin, _, _ in margins], [right for _, right, _ in margins]),
    )
    is_said = [measured.scale.probability(margin) >= SAID_FROM for margin, _, _ in margins]
    scores = (
        (share if said else 0.0) if one.is_answerable else float(not said)
        for one, share, said in zip(examples, shares, is_said, strict=True)
    )
    return Judged(measured, tuple(scores))


def fitted(margins: Sequence[float], is_right: Sequence[bool]) -> Scale:
    """Slope and intercept of a logistic in one variable, by Newton's method with a small ridge."""
    slope, intercept = 0.1, 0.0
    for _ in range(50):
        scale = Scale(slope, intercept)
        said = [scale.probability(margin) for margin in margins]
        wrong = [p - right for p, right in zip(said, is_right, strict=True)]
        sure = [p * (1 - p) for p in said]
        pull = sum(w * m for w, m in zip(wrong, margins, strict=True)) + 0.01 * slope
        push = sum(wrong)
        aa = sum(s * m * m for s, m in zip(sure, margins, strict=True)) + 0.01
        ab = sum(s * m for s, m in zip(sure, margins, strict=True))
        bb = sum(sure) + 1e-6
        by = aa * bb - ab * ab
        if by <= 0:
            break
        slope -= (bb * pull - ab * push) / by
        intercept -= (aa * push - ab * pull) / by
    return Scale(round(slope, 4), round(intercept, 4))
