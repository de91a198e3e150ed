"""Learns how the clues of a sentence add up, from questions whose answer is known.

A conditional logit: of the sentences proposed for a question, those that answer it should
take all the belief. Sentences that would be quoted as one stretch count once, by the best
of them. numpy only here, and only inside functions: reading needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from typing import Any

from qa_engine.clues import Clues
from qa_engine.ranking import Ranking, shares

FOLDS = 10
RIDGE = 0.5
ROUNDS = 3
STEPS = 150
# Where learning starts: what the first reader added up by hand.
_START = {"meaning_context": 5.0, "passage_rank": 2.0, "own_words": 2.0, "answer_type": 1.0}
PRECEDENT = "precedent"
PRECEDENT_WEIGHTS = tuple(step / 4 for step in range(49))
# What precedents count is learnt by itself, from the same questions with others' answers.
NAMES = tuple(name for name in Clues._fields if name != PRECEDENT)


@dataclass(frozen=True, slots=True)
class Example:
    """One question: of each sentence its clues, the stretch it would quote, and the truth."""

    # Examples of one group are learnt from together or not at all.
    group: str
    clues: tuple[Clues, ...]
    stretches: tuple[tuple[int, int, int], ...]
    # None where it says the words in another article: neither right nor wrong.
    is_right: tuple[bool | None, ...]

    @property
    def is_answerable(self) -> bool:
        return any(self.is_right)


def fit(examples: Sequence[Example]) -> Ranking:
    import numpy as np

    known = [example for example in examples if example.is_answerable]
    rows = [_matrix(example) for example in known]
    scale = np.vstack(rows).std(axis=0) + 1e-9
    rows = [matrix / scale for matrix in rows]
    weights = np.array([_START.get(name, 0.0) for name in NAMES]) * scale
    for _ in range(ROUNDS):
        chosen = [
            _one_of_each_stretch(example, matrix @ weights)
            for example, matrix in zip(known, rows, strict=True)
        ]
        groups = [
            (matrix[kept], np.array([example.is_right[at] is True for at in kept]))
            for example, matrix, kept in zip(known, rows, chosen, strict=True)
        ]
        weights = _climb(weights, partial(_gradient, groups))
    learnt = dict(zip(NAMES, (float(one) for one in weights / scale), strict=True))
    return Ranking({name: round(weight, 3) for name, weight in learnt.items()})


def with_precedents(examples: Sequence[Example], ranking: Ranking) -> Ranking:
    """What precedents count, all else as it is: a shop without any is answered as before."""
    return max(
        (Ranking({**ranking.weights, PRECEDENT: weight}) for weight in PRECEDENT_WEIGHTS),
        key=lambda one: likelihood(examples, one),
    )


def likelihood(examples: Sequence[Example], ranking: Ranking) -> float:
    """Mean logarithm of the belief that what is right takes."""
    total = 0.0
    known = [example for example in examples if example.is_answerable]
    for example in known:
        scores = [ranking.score(clues) for clues in example.clues]
        kept = _one_of_each_stretch(example, scores)
        belief = shares([scores[at] for at in kept])
        right = sum(
            part for part, at in zip(belief, kept, strict=True) if example.is_right[at] is True
        )
        total += log(max(right, 1e-9))
    return total / max(1, len(known))


def by_fold(examples: Sequence[Example]) -> list[Ranking]:
    """For each example a ranking that learnt nothing from its group."""
    groups = sorted({example.group for example in examples})
    fold_of = {group: number * 7 % FOLDS for number, group in enumerate(groups)}
    learnt = [
        fit([example for example in examples if fold_of[example.group] != fold])
        for fold in range(FOLDS)
    ]
    return [learnt[fold_of[example.group]] for example in examples]


def first_is_right(examples: Sequence[Example], rankings: Sequence[Ranking]) -> float:
    """Share of the answerable questions whose first sentence answers."""
    judged = [
        example.is_right[best(example, ranking)] is True
        for example, ranking in zip(examples, rankings, strict=True)
        if example.is_answerable
    ]
    return sum(judged) / max(1, len(judged))


def best(example: Example, ranking: Ranking) -> int:
    scores = [ranking.score(clues) for clues in example.clues]
    return max(range(len(scores)), key=scores.__getitem__)


def _matrix(example: Example) -> Any:
    import numpy as np

    return np.array([[getattr(clues, name) for name in NAMES] for clues in example.clues])


def _one_of_each_stretch(example: Example, scores: Any) -> list[int]:
    kept: dict[tuple[int, int, int], int] = {}
    for at, stretch in enumerate(example.stretches):
        if example.is_right[at] is None:
            continue
        if stretch not in kept or scores[at] > scores[kept[stretch]]:
            kept[stretch] = at
    return sorted(kept.values())


def _gradient(groups: Sequence[tuple[Any, Any]], weights: Any) -> Any:
    import numpy as np

    total = -RIDGE * weights
    for matrix, is_right in groups:
        scores = matrix @ weights
        belief = np.exp(scores - scores.max())
        belief /= belief.sum()
        wanted = belief * is_right
        total = total + (wanted / wanted.sum() - belief) @ matrix
    return total / len(groups)


def _climb(weights: Any, gradient: Callable[[Any], Any]) -> Any:
    """Adam with a step that shrinks: the groups differ too much in size for a plain one."""
    import numpy as np

    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        slope = gradient(weights)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope * slope
        size = 0.1 * min(1.0, 3 * (1 - step / STEPS) + 0.02)
        rate = np.sqrt(square / (1 - 0.99**step)) + 1e-8
        weights = weights + size * (mean / (1 - 0.9**step)) / rate
    return weights
