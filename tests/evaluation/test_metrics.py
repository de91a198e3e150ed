"""Ranking, routing and calibration against hand-computed cases and against definitions."""

from __future__ import annotations

from itertools import pairwise
from math import comb, log2, sqrt
from random import Random

import pytest

from qa_engine.evaluation import metrics

SEEDS = range(25)


def test_ranking_of_one_query():
    ranked, gains = ["x", "a", "y", "b"], {"a": 1.0, "b": 1.0, "c": 1.0}
    assert metrics.hit_at(1, ranked, gains) == 0
    assert metrics.hit_at(2, ranked, gains) == 1
    assert metrics.recall_at(10, ranked, gains) == pytest.approx(2 / 3)  # a and b of a, b, c
    assert metrics.reciprocal_rank(10, ranked, gains) == 1 / 2
    assert metrics.reciprocal_rank(1, ranked, gains) == 0
    # 1/log2(3) + 1/log2(5) over 1/log2(2) + 1/log2(3) + 1/log2(4)
    found, ideal = 1 / log2(3) + 1 / log2(5), 1 + 1 / log2(3) + 1 / 2
    assert metrics.ndcg_at(10, ranked, gains) == pytest.approx(found / ideal)


def test_ndcg_prefers_the_better_article_first():
    gains = {"best": 3.0, "good": 1.0}
    # (1 + 3/log2(3)) / (3 + 1/log2(3)) = 2.8928 / 3.6309
    assert metrics.ndcg_at(10, ["good", "best"], gains) == pytest.approx(0.7967, abs=1e-4)
    assert metrics.ndcg_at(10, ["best", "good"], gains) == 1


def test_matthews_of_two_classes_is_the_usual_formula():
    golds = ["in"] * 6 + ["out"] * 4
    found = ["in"] * 5 + ["out"] + ["out"] * 3 + ["in"]
    # tp 5, fn 1, tn 3, fp 1: (15 - 1) / sqrt(6·6·4·4) = 14 / 24
    assert metrics.matthews(golds, found) == pytest.approx(14 / 24)


def test_matthews_of_three_classes_by_hand():
    golds, found = ["a", "a", "b", "b", "c"], ["a", "b", "b", "b", "a"]
    # right 3, total 5; wanted (2,2,1), named (2,3,0): 3·5 - (4+6+0) = 5;
    # spread (25 - 4 - 9)(25 - 4 - 4 - 1) = 12·16 = 192
    assert metrics.matthews(golds, found) == pytest.approx(5 / sqrt(192))


@pytest.mark.parametrize("seed", SEEDS)
def test_matthews_is_the_correlation_of_indicator_variables(seed):
    random = Random(seed)
    golds = random.choices("abcd", k=30)
    found = random.choices("abcd", k=30)

    def covariance(x, y):
        """Summed over classes, of the indicators "is this class" (Gorodkin's definition)."""
        total = 0.0
        for label in "abcd":
            a, b = [one == label for one in x], [one == label for one in y]
            means = sum(a) / 30, sum(b) / 30
            total += sum((p - means[0]) * (q - means[1]) for p, q in zip(a, b, strict=True))
        return total

    expected = covariance(golds, found) / sqrt(covariance(golds, golds) * covariance(found, found))
    assert metrics.matthews(golds, found) == pytest.approx(expected)


def test_refusing_a_question_in_scope_is_wrong_and_one_out_of_scope_is_right():
    golds, found = ["a", "b", "-", "-", "-"], ["a", "-", "-", "a", "-"]
    assert metrics.in_scope_accuracy(golds, found, nothing="-") == 1 / 2
    assert metrics.out_of_scope_recall(golds, found, nothing="-") == 2 / 3


def test_risk_and_coverage_by_hand():
    curve = metrics.risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False])
    assert [point.coverage for point in curve] == [0.25, 0.5, 0.75, 1]
    assert [point.risk for point in curve] == pytest.approx([0, 1 / 2, 1 / 3, 2 / 4])
    # (0 + 1/2 + 1/3 + 1/2) / 4
    assert metrics.area_under_risk_coverage(curve) == pytest.approx(1 / 3)


def test_equal_confidences_have_the_risk_of_a_random_order():
    first = metrics.risk_coverage([0.5, 0.5], [True, False])
    second = metrics.risk_coverage([0.5, 0.5], [False, True])
    assert [point.risk for point in first] == [0.5, 0.5] == [point.risk for point in second]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_point_of_the_curve_is_the_error_rate_of_the_surest(seed):
    random = Random(seed)
    sure = [random.random() for _ in range(40)]
    right = [random.random() < 0.7 for _ in range(40)]
    curve = metrics.risk_coverage(sure, right)
    for point in curve:
        kept = [ok for confidence, ok in zip(sure, right, strict=True)
                if confidence >= point.threshold]  # fmt: skip
        assert point.coverage == pytest.approx(len(kept) / 40)
        assert point.risk == pytest.approx(kept.count(False) / len(kept))


def test_calibration_error_by_hand():
    sure, right = [0.15, 0.25, 0.85, 0.95], [False, True, True, True]
    # width, 2 bins: {.15,.25}: sure .2, right .5; {.85,.95}: .9, 1 → (2·.3 + 2·.1)/4 = .2
    assert metrics.expected_calibration_error(sure, right, bins=2) == pytest.approx(0.2)
    # mass, 4 bins of one: (.15 + .75 + .15 + .05)/4 = .275
    assert metrics.expected_calibration_error(
        sure, right, bins=4, is_equal_mass=True
    ) == pytest.approx(0.275)


def test_bins_hold_their_upper_edge():
    # 0.5 belongs to (0, 0.5] with 0.1: |0.6 - 1| / 2 = 0.2
    assert metrics.expected_calibration_error([0.1, 0.5], [False, True], bins=2) == pytest.approx(
        0.2
    )
    # 0 and 1 have a bin, too: both right on the spot
    assert metrics.expected_calibration_error([0.0, 1.0], [False, True], bins=2) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_bins_of_equal_mass_differ_by_one_at_most_and_one_bin_is_the_mean_gap(seed):
    random = Random(seed)
    sure = [random.random() for _ in range(37)]
    right = [random.random() < value for value in sure]
    gap = abs(sum(sure) - sum(right)) / 37
    for mass in (True, False):
        one = metrics.expected_calibration_error(sure, right, bins=1, is_equal_mass=mass)
        many = metrics.expected_calibration_error(sure, right, bins=10, is_equal_mass=mass)
        assert one == pytest.approx(gap)
        assert gap - 1e-12 <= many <= 1


def test_refusing_while_keeping_a_share():
    answerable = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05]
    unanswerable = [0.95, 0.5, 0.3, 0.2]
    # keeping 7 of 10 needs the threshold 0.3; of the unanswerable, 0.2 alone is below
    assert metrics.refused_when_keeping(0.7, answerable, unanswerable) == 1 / 4
    # keeping 1 of 10: threshold 0.9, three are below
    assert metrics.refused_when_keeping(0.1, answerable, unanswerable) == 3 / 4


def test_no_error_in_n_has_the_bound_that_everybody_knows():
    # 1 - (1 - p)^n = 0.95, so p = 1 - 0.05^(1/n)
    assert metrics.clopper_pearson_upper(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert metrics.clopper_pearson_upper(0, 59) < 0.05  # why 59 is the famous number
    assert metrics.clopper_pearson_upper(3, 3) == 1
    with pytest.raises(ValueError, match="4 errors of 3"):
        metrics.clopper_pearson_upper(4, 3)


@pytest.mark.parametrize(("errors", "total"), [(1, 10), (5, 100), (37, 40), (12, 500)])
def test_at_the_bound_so_few_errors_are_just_that_unlikely(errors, total):
    bound = metrics.clopper_pearson_upper(errors, total, confidence=0.9)
    at_most = sum(
        comb(total, k) * bound**k * (1 - bound) ** (total - k) for k in range(errors + 1)
    )
    assert at_most == pytest.approx(0.1, abs=1e-6)


def test_the_bound_holds_as_often_as_it_promises():
    random = Random(1)
    held = 0
    for _ in range(400):
        errors = sum(random.random() < 0.08 for _ in range(120))
        held += metrics.clopper_pearson_upper(errors, 120, confidence=0.9) >= 0.08
    assert held / 400 >= 0.88  # 0.9 less the noise of 400 draws


def test_a_difference_is_real_only_where_resampling_agrees():
    a, b = [0.0] * 50 + [1.0] * 50, [0.0] * 30 + [1.0] * 70
    better = metrics.paired_bootstrap(a, b, seed=3)
    assert better.difference == pytest.approx(0.2)
    assert better.is_better
    assert better.low < 0.2 < better.high
    assert better.p_value == 0
    assert metrics.paired_bootstrap(a, b, seed=3) == better  # seeded

    noise = metrics.paired_bootstrap([0.0, 1.0] * 20, [1.0, 0.0] * 19 + [1.0, 1.0], seed=3)
    assert not noise.is_better


def test_a_percentile_is_a_value_that_was_measured():
    assert metrics.percentile([3.0, 1.0, 2.0], 0.5) == 2
    assert metrics.percentile([3.0, 1.0, 2.0], 0.95) == 3
    assert metrics.percentile([5.0], 0.0) == 5


@pytest.mark.parametrize("seed", SEEDS)
def test_more_depth_never_finds_less(seed):
    random = Random(seed)
    ranked = random.sample("abcdefghijklmnop", k=12)
    gains = dict.fromkeys(random.sample("abcdefghijklmnop", k=3), 1.0)
    for low, high in pairwise(range(1, 13)):
        for measure in (metrics.hit_at, metrics.recall_at, metrics.reciprocal_rank):
            assert measure(low, ranked, gains) <= measure(high, ranked, gains)
    assert 0 <= metrics.ndcg_at(10, ranked, gains) <= 1
