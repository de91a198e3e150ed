"""Learns how the signs of a spot add up, from edits whose spots are known. Imports no Django.

A conditional logit: of the spots that a fragment might take after the one before it, the real
one should take all the belief. A fragment counts by its share of the words of its edit, because
an edit is judged by its words. numpy and scipy only here, and only inside functions: laying
fragments needs neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa_engine.suggesting.laying import ORDER_SIGNS, Coefficients, Spot, Told, order_signs, spots
from qa_engine.suggesting.pages import Page
from qa_engine.suggesting.signs import PLACE_SIGNS, SPAN_SIGNS, place_signs, span_signs

NAMES = PLACE_SIGNS + SPAN_SIGNS + ORDER_SIGNS
RIDGE = 1.0
FOLDS = 4
#: Wrong spots that are learnt from, for each fragment.
HELD = 150
#: Where learning begins: enough to find the spots that a fragment might be mistaken to take.
START: Mapping[str, float] = {
    "meaning": 2.0, "words_of_all": 1.5, "meaning_of_all": 2.5, "left_pair": 1.5,
    "right_pair": 2.0, "right_shapes": 0.4, "twice": -4.0, "replaces": -2.0, "alike": 7.0,
    "one_more": -0.2, "exact_shared": -9.0, "log_gap": -0.5, "log_blocks": -0.5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """One fragment: the signs of the spots it might take, and which is the real one."""

    # Examples of one group are learnt from together or not at all.
    group: str
    signs: tuple[tuple[float, ...], ...]
    blocks: tuple[int, ...]
    right: int
    weight: float


def examples_of(
    group: str,
    page: Page,
    told: Sequence[Told],
    real: Sequence[tuple[int, int]],
    weights: Coefficients,
) -> list[Example]:
    """Of one edit: each fragment, told where the one before it really stands."""
    total = sum(len(one.fragment.folded) for one in told)
    examples: list[Example] = []
    before: Spot | None = None
    for one, (at, size) in zip(told, real, strict=True):
        right = Spot(at, size, page.block_at(at, size > 0), 0.0)
        found = [
            spot for spot in spots(page, one, weights, HELD) if (spot.at, spot.size) != (at, size)
        ]
        after = [spot for spot in found if before is None or spot.at >= before.end]
        rows = [_signs(page, one, spot, before) for spot in (right, *after)]
        share = len(one.fragment.folded) / total
        blocks = (right.block, *(spot.block for spot in after))
        examples.append(Example(group, tuple(rows), blocks, 0, share))
        before = right
    return examples


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Sign → its coefficient."""
    import numpy as np
    from scipy.optimize import minimize

    lengths = np.array([len(one.signs) for one in examples])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    rows = np.array([row for one in examples for row in one.signs], dtype=float)
    scale = rows.std(axis=0) + 1e-6
    rows /= scale
    right = starts + np.array([one.right for one in examples])
    weight = np.array([one.weight for one in examples])
    wanted = rows[right].T @ weight

    def loss(learnt: Any) -> tuple[float, Any]:
        scores = rows @ learnt
        most = np.maximum.reduceat(scores, starts)
        raw = np.exp(scores - np.repeat(most, lengths))
        total = np.add.reduceat(raw, starts)
        belief = raw / np.repeat(total, lengths) * np.repeat(weight, lengths)
        value = -(weight * (scores[right] - most - np.log(total))).sum()
        slope = rows.T @ belief - wanted
        return float(value + RIDGE * learnt @ learnt / 2), slope + RIDGE * learnt

    begin = np.zeros(len(NAMES))
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 200})
    values = (float(one) for one in found.x / scale)
    return {name: round(value, 3) for name, value in zip(NAMES, values, strict=True)}


def right_paragraph_elsewhere(examples: Sequence[Example]) -> float:
    """Share of the words whose best spot is in the right paragraph, by coefficients that were
    learnt from other groups.
    """
    groups = sorted({one.group for one in examples})
    fold = {group: number * 7 % FOLDS for number, group in enumerate(groups)}
    hit = total = 0.0
    for number in range(FOLDS):
        asked = [one for one in examples if fold[one.group] == number]
        others = [one for one in examples if fold[one.group] != number]
        if not asked or not others:
            continue
        learnt = tuple(fit(others).values())
        for one in asked:
            best = max(range(len(one.signs)), key=lambda at: _dot(learnt, one.signs[at]))
            hit += one.weight * (one.blocks[best] == one.blocks[one.right])
            total += one.weight
    return hit / total if total else 0.0


def _signs(page: Page, told: Told, spot: Spot, before: Spot | None) -> tuple[float, ...]:
    order = (
        order_signs(spot.at - before.end, spot.block - before.block)
        if before
        else (0.0,) * len(ORDER_SIGNS)
    )
    return (
        *place_signs(page, told.fragment, spot.at, spot.size > 0, told.alone, told.joint),
        *span_signs(page, told.fragment, spot.at, spot.size, told.elsewhere),
        *order,
    )


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(one * other for one, other in zip(weights, values, strict=True))
