"""A promised error rate is kept, and refused in time."""

from __future__ import annotations

from random import Random

import pytest

from qa_engine.evaluation.metrics import clopper_pearson_upper
from qa_engine.promising import ErrorRate, at_most, holds_at, prove

RATE = ErrorRate(most_wrong=0.05, surety=0.95)


def drafts(random: Random, count: int) -> list[tuple[float, bool]]:
    """The truth: a draft of confidence c is wrong with probability 1.2 * (1 - c)²."""
    return [
        (sure, random.random() >= 1.2 * (1 - sure) ** 2)
        for sure in (random.uniform(0.5, 1.0) for _ in range(count))
    ]


def true_error(threshold: float) -> float:
    """The mean of it over confidences that are uniform from the threshold to 1."""
    return 0.4 * (1 - threshold) ** 2


def test_over_a_thousand_shops_the_promise_is_broken_no_more_often_than_it_says():
    random = Random(11)
    broken = proven = 0
    for _ in range(1000):
        proof = prove(drafts(random, 600), RATE)
        if proof.threshold is not None:
            proven += 1
            broken += true_error(proof.threshold) > RATE.most_wrong
    assert proven > 800  # it is of use
    assert broken <= 50


def test_picking_the_lowest_threshold_that_looks_right_breaks_it_often():
    """Why the bound is needed: the same shops, and the observed rate taken at its word."""
    random = Random(11)
    broken = 0
    for _ in range(200):
        judged = drafts(random, 600)
        fits = [
            at / 100
            for at in range(50, 100)
            if (sure := [right for c, right in judged if c >= at / 100])
            and sure.count(False) <= 0.05 * len(sure)
        ]
        broken += bool(fits) and true_error(min(fits)) > RATE.most_wrong
    assert broken > 40


def test_where_nothing_may_be_promised_it_is_refused_nearly_always():
    """Every draft is wrong with 5.1 %, whatever its confidence."""
    random = Random(3)
    promised = 0
    for _ in range(1000):
        judged = [(random.uniform(0.5, 1), random.random() > 0.051) for _ in range(300)]
        promised += prove(judged, RATE).is_proven
    assert promised <= 50


def test_the_test_is_clopper_and_pearsons():
    for wrong, total in [(0, 90), (2, 150), (7, 400)]:
        upper = clopper_pearson_upper(wrong, total, confidence=1 - RATE.budget)
        assert at_most(wrong, total, upper) == pytest.approx(RATE.budget, rel=1e-6)
        judged = [(0.9, place >= wrong) for place in range(total)]
        assert holds_at(judged, 0.9, RATE) == (upper <= RATE.most_wrong)


def test_too_few_decisions_are_refused_with_how_many_more_are_needed():
    proof = prove([(0.95, True)] * 10, RATE)
    assert (proof.is_proven, proof.needed) == (False, RATE.fewest - 10)
    assert prove([(0.95, True)] * RATE.fewest, RATE).is_proven


def test_too_many_wrong_ones_are_beyond_any_number():
    proof = prove([(0.95, place % 5 > 0) for place in range(500)], RATE)
    assert (proof.threshold, proof.needed) == (None, None)


def test_without_any_decision_it_says_how_many():
    assert prove([], RATE).needed == RATE.fewest


def test_the_threshold_goes_down_as_far_as_it_is_proven():
    judged = [(0.75, True)] * 200 + [(0.55, False)] * 50
    proof = prove(judged, RATE)
    assert proof.threshold is not None
    assert 0.55 < proof.threshold <= 0.75  # and not below what was seen
    assert (proof.sure, proof.wrong, proof.decisions) == (200, 0, 250)


@pytest.mark.parametrize(("wrong", "surety"), [(0, 0.95), (1, 0.95), (0.05, 1), (0.05, 0.4)])
def test_senseless_rates_are_refused(wrong, surety):
    with pytest.raises(ValueError, match="surety"):
        ErrorRate(wrong, surety)
