"""Does it know when it does not know? Routing with a way out, and risk against coverage."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from operator import mul
from typing import Any

from qa_engine.evaluation import metrics
from qa_engine.evaluation.outcome import Say, thinned
from qa_engine.evaluation.reading import Readings
from qa_engine.evaluation.spelling import Spelling
from qa_engine.evaluation.squad import NOTHING, LabelledQuestion
from qa_engine.protocols import Embedder, Vector

# What is tried on the training split: thresholds, voting neighbours, the part of spelling.
THRESHOLDS = 150
VOTERS = (1, 4, 8, 16)
SPELLING = (0.0, 0.3, 0.5)
# A question asked almost so among the known ones says nothing about new ones.
TWIN = 0.9
# A neighbour that is nearer by this part counts e times as much.
SHARPNESS = 20
# A label is as near as the mean of so many of its questions.
FEW = 3
#: An answer with this much of F1 is right enough to count as no risk.
RIGHT_F1 = 0.5
KEPT = 0.70

#: Nearest label and how near it is.
Nearest = tuple[str, float]


def measure_routing(
    train: Sequence[LabelledQuestion],
    test: Sequence[LabelledQuestion],
    *,
    embedder: Embedder,
    say: Say,
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """The label that the nearest training questions vote for, or nothing if none is near."""
    known = [one for one in train if one.label != NOTHING]
    labels = [one.label for one in known]
    vectors = embedder.embed_queries([one.text for one in known])
    spelling = Spelling([one.text for one in known])
    router = choose_router(
        labels,
        [_scores(vector, vectors) for vector in vectors],
        [spelling.likeness(one.text) for one in known],
    )
    voters, threshold = router.voters, router.threshold
    say(f"{router}, from {len(known)} training questions")
    asked = embedder.embed_queries([one.text for one in test])
    nearest = [
        _voted(router.mixed(_scores(vector, vectors), spelling.likeness(one.text)), labels, voters)
        for vector, one in zip(asked, test, strict=True)
    ]
    golds = [one.label for one in test]
    routed = route(nearest, threshold)
    figures = _figures(golds, routed) | {
        "voters": float(voters),
        "part_of_spelling": router.spelling,
        "threshold": threshold,
        "questions": float(len(test)),
        # Picked on the test questions themselves: what a better threshold could bring.
        "oracle_mcc": max(
            metrics.matthews(golds, route(nearest, one)) for one in _candidates(nearest)
        ),
        "accuracy_without_refusing": metrics.in_scope_accuracy(
            golds, route(nearest, -1.0), nothing=NOTHING
        ),
    }
    misses = tuple(
        {
            "question": one.text,
            "wanted": one.label,
            "routed": found,
            "nearest": near[0],
            "similarity": round(near[1], 4),
        }
        for one, found, near in zip(test, routed, nearest, strict=True)
        if one.label != found
    )
    return figures, misses


@dataclass(frozen=True, slots=True)
class Router:
    """Who votes, on what, and how near the winner must be."""

    voters: int
    # The part of the spelling's likeness; the rest is nearness in meaning.
    spelling: float
    threshold: float

    def mixed(self, near: Sequence[float], alike: Sequence[float]) -> list[float]:
        part = self.spelling
        return [(1 - part) * one + part * other for one, other in zip(near, alike, strict=True)]


def choose_router(
    labels: Sequence[str], near: Sequence[Sequence[float]], alike: Sequence[Sequence[float]]
) -> Router:
    """The best router for the training questions; the test split plays no part.

    `near` and `alike` hold each question's nearness to each other. Each is asked twice: as it
    is, with the others to be found but its near twins, which would make it too easy; and as if
    its intent did not exist, when refusing it is right. Among routers that are no worse than
    the best by more than the noise of so many questions, the one with most voters is taken: a
    vote of many depends least on which questions happened to be there.
    """
    # More voters than a label usually has questions would let the large labels win.
    usual = len(labels) // len(set(labels))
    tried: list[tuple[float, Router]] = []
    for spelling in SPELLING:
        for voters in [one for one in VOTERS if one <= max(1, usual)]:
            router = Router(voters, spelling, 0.0)
            golds, nearest = _asked_again(router, labels, near, alike)
            reached, threshold = max(
                (metrics.matthews(golds, route(nearest, one)), one) for one in _candidates(nearest)
            )
            tried.append((reached, Router(voters, spelling, threshold)))
    best = max(reached for reached, _ in tried)
    noise = sqrt(max(0.0, 1 - best * best) / max(1, 2 * len(labels)))
    good = [one for one in tried if one[0] >= best - noise]
    return max(good, key=lambda one: (one[1].voters, one[0]))[1]


def _asked_again(
    router: Router,
    labels: Sequence[str],
    near: Sequence[Sequence[float]],
    alike: Sequence[Sequence[float]],
) -> tuple[list[str], list[Nearest]]:
    golds: list[str] = []
    nearest: list[Nearest] = []
    for place, label in enumerate(labels):
        mixed = router.mixed(near[place], alike[place])
        every = [n for n in range(len(labels)) if n != place]
        others = [n for n in every if near[place][n] < TWIN]
        if not any(labels[n] == label for n in others):
            others = every  # its label knows nothing but twins of it
        foreign = [number for number in others if labels[number] != label]
        for wanted, allowed in ((label, others), (NOTHING, foreign)):
            if allowed:
                golds.append(wanted)
                nearest.append(
                    _voted(
                        [mixed[n] for n in allowed], [labels[n] for n in allowed], router.voters
                    )
                )
    return golds, nearest


def route(nearest: Sequence[Nearest], threshold: float) -> list[str]:
    return [label if score >= threshold else NOTHING for label, score in nearest]


def _scores(vector: Vector, known: Sequence[Vector]) -> list[float]:
    return [sum(map(mul, vector, other)) for other in known]


def _voted(scores: Sequence[float], labels: Sequence[str], voters: int) -> Nearest:
    """The label with most votes, a near one counting more; and how near its nearest few are."""
    nearest = heapq.nlargest(voters, range(len(scores)), key=scores.__getitem__)
    votes: dict[str, float] = defaultdict(float)
    for number in nearest:
        votes[labels[number]] += exp(SHARPNESS * (scores[number] - 1))
    label = max(votes, key=votes.__getitem__)
    few = min(voters, FEW)
    own = heapq.nlargest(few, (s for s, of in zip(scores, labels, strict=True) if of == label))
    return label, sum(own) / len(own)


def _candidates(nearest: Sequence[Nearest]) -> list[float]:
    scores = sorted({score for _, score in nearest})
    step = max(1, len(scores) // THRESHOLDS)
    return scores[::step]


def _figures(golds: Sequence[str], routed: Sequence[str]) -> dict[str, float]:
    inside = ["in" if one != NOTHING else NOTHING for one in golds]
    kept = ["in" if one != NOTHING else NOTHING for one in routed]
    return {
        # Over all labels, of which "nothing" is one.
        "mcc": metrics.matthews(golds, routed),
        # Only whether a question was answered at all.
        "mcc_in_or_out": metrics.matthews(inside, kept),
        "in_scope_accuracy": metrics.in_scope_accuracy(golds, routed, nothing=NOTHING),
        "out_of_scope_recall": metrics.out_of_scope_recall(golds, routed, nothing=NOTHING),
    }


def measure_risk(
    readings: Readings, *, min_confidence: float
) -> tuple[dict[str, float], dict[str, list[list[float]]]]:
    """Risk against coverage, and whether the confidence is a probability, on SQuAD 2.0.

    A span reader is right when its answer shares half of its words (F1) with a gold answer; a
    reader that quotes whole sentences is right when the gold answer stands in the sentence.
    Both are told. Any answer to an unanswerable question is wrong.
    """
    read = readings.readings
    sure = [one.confidence for one in read]
    by_f1 = [
        any(metrics.f1(one.text, gold) >= RIGHT_F1 for gold in one.question.answers)
        for one in read
    ]
    by_quote = [
        any(
            metrics.normalize(gold) in metrics.normalize(one.text) for gold in one.question.answers
        )
        for one in read
    ]
    by_f1_figures, _ = _risk_figures("f1", sure, by_f1)
    by_quote_figures, curve = _risk_figures("quote", sure, by_quote)
    answerable = [one.confidence for one in read if one.question.answers]
    unanswerable = [one.confidence for one in read if not one.question.answers]
    figures = {
        "questions": float(len(read)),
        "refused_keeping_70": metrics.refused_when_keeping(KEPT, answerable, unanswerable),
        "refused_at_threshold": metrics.mean([s < min_confidence for s in unanswerable]),
        "kept_at_threshold": metrics.mean([s >= min_confidence for s in answerable]),
        "threshold": min_confidence,
    }
    return by_quote_figures | by_f1_figures | figures, {"risk_coverage": thinned(curve)}


def _risk_figures(
    name: str, sure: Sequence[float], right: Sequence[bool]
) -> tuple[dict[str, float], list[list[float]]]:
    curve = metrics.risk_coverage(sure, right)
    figures = {
        f"aurc_by_{name}": metrics.area_under_risk_coverage(curve),
        f"risk_at_full_coverage_by_{name}": curve[-1].risk,
        f"ece_equal_mass_by_{name}": metrics.expected_calibration_error(
            sure, right, is_equal_mass=True
        ),
        f"ece_equal_width_by_{name}": metrics.expected_calibration_error(sure, right),
    }
    return figures, [[point.coverage, point.risk] for point in curve]
