"""Exact match and F1 as the official SQuAD scripts define them, in percent.

The two scripts differ where nothing was answered: 1.1 gives 0 for an empty answer, 2.0
gives 1 where the gold answer is empty too. A question of 2.0 without gold answers is
unanswerable, and the right answer to it is the empty string.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

#: Question id → its gold answers; none where the question is unanswerable.
Golds = Mapping[str, Sequence[str]]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalize(answer: str) -> str:
    """Lower case, without ASCII punctuation, English articles and extra space."""
    bare = answer.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(prediction: str, gold: str) -> float:
    return float(normalize(prediction) == normalize(gold))


def f1(prediction: str, gold: str) -> float:
    """Of the bags of words. Two empty bags agree, as in the script of 2.0."""
    predicted, wanted = normalize(prediction).split(), normalize(gold).split()
    if not predicted or not wanted:
        return float(predicted == wanted)
    return _overlap(predicted, wanted)


def score_v1(golds: Golds, predictions: Mapping[str, str]) -> dict[str, float]:
    """As evaluate-v1.1.py: the best over the gold answers; a missing prediction scores 0."""
    exact = [
        max(exact_match(predictions[key], gold) for gold in answers)
        for key, answers in golds.items()
        if key in predictions
    ]
    overlap = [
        max(
            _overlap(normalize(predictions[key]).split(), normalize(gold).split())
            for gold in answers
        )
        for key, answers in golds.items()
        if key in predictions
    ]
    total = len(golds)
    return {
        "exact": 100 * sum(exact) / total,
        "f1": 100 * sum(overlap) / total,
        "total": float(total),
    }


def score_v2(golds: Golds, predictions: Mapping[str, str]) -> dict[str, float]:
    """As evaluate-v2.0.py, with the questions that have an answer and those that have none."""
    exact = _raw(golds, predictions, exact_match)
    overlap = _raw(golds, predictions, f1)
    figures = _averages("", exact, overlap, exact)
    has_answer = [key for key in exact if golds[key]]
    no_answer = [key for key in exact if not golds[key]]
    if has_answer:
        figures |= _averages("HasAns_", exact, overlap, has_answer)
    if no_answer:
        figures |= _averages("NoAns_", exact, overlap, no_answer)
    return figures


def best_thresholds(
    golds: Golds, predictions: Mapping[str, str], no_answer: Mapping[str, float]
) -> dict[str, float]:
    """The best that any threshold on the probability of "no answer" could have reached.

    It is chosen on the very questions it is measured on, so it says what the ranking is
    worth and is never a result.
    """
    figures: dict[str, float] = {}
    for name, score in (("exact", exact_match), ("f1", f1)):
        best, threshold = _best(golds, predictions, no_answer, _raw(golds, predictions, score))
        figures |= {f"best_{name}": best, f"best_{name}_thresh": threshold}
    return figures


def _best(
    golds: Golds,
    predictions: Mapping[str, str],
    no_answer: Mapping[str, float],
    scores: Mapping[str, float],
) -> tuple[float, float]:
    """Starting with refusing all, answer one more question at a time, the surest first."""
    current = best = float(sum(1 for key in scores if not golds[key]))
    threshold = 0.0
    for key in sorted(scores, key=lambda one: no_answer[one]):
        if golds[key]:
            current += scores[key]
        elif predictions[key]:
            current -= 1
        if current > best:
            best, threshold = current, no_answer[key]
    return 100 * best / len(scores), threshold


def _raw(
    golds: Golds, predictions: Mapping[str, str], score: Callable[[str, str], float]
) -> dict[str, float]:
    return {
        key: max(score(predictions[key], gold) for gold in _kept(answers) or [""])
        for key, answers in golds.items()
        if key in predictions
    }


def _kept(answers: Sequence[str]) -> list[str]:
    """Gold answers of which normalizing leaves something."""
    return [answer for answer in answers if normalize(answer)]


def _averages(
    prefix: str,
    exact: Mapping[str, float],
    overlap: Mapping[str, float],
    keys: Iterable[str],
) -> dict[str, float]:
    chosen = list(keys)
    return {
        f"{prefix}exact": 100 * sum(exact[key] for key in chosen) / len(chosen),
        f"{prefix}f1": 100 * sum(overlap[key] for key in chosen) / len(chosen),
        f"{prefix}total": float(len(chosen)),
    }


def _overlap(predicted: Sequence[str], wanted: Sequence[str]) -> float:
    shared = sum((Counter(predicted) & Counter(wanted)).values())
    if not shared:
        return 0.0
    precision, recall = shared / len(predicted), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)
