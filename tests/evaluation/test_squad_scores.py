"""The SQuAD scorer against cases computed by hand."""

from __future__ import annotations

import pytest

from qa_engine.evaluation import metrics


@pytest.mark.parametrize(
    ("answer", "bare"),
    [
        ("The Eiffel Tower!", "eiffel tower"),
        ("  An   apple\na day ", "apple day"),
        ("theatre", "theatre"),  # "the" only as a word
        ("U.S.A.", "usa"),  # dots vanish, they do not become space
        ("a-the-b", "atheb"),  # the hyphens go first, so "the" is no word any more
        ("–5 °C", "–5 °c"),  # only ASCII punctuation
        ("The", ""),
    ],
)
def test_normalizing_follows_the_official_script(answer, bare):
    assert metrics.normalize(answer) == bare


@pytest.mark.parametrize(
    ("prediction", "gold", "expected"),
    [
        ("the cat sat", "cat sat down", 0.8),  # 2 shared; p = 2/2, r = 2/3: 2·1·⅔ / (1+⅔) = 0.8
        ("red red blue", "red blue blue", 2 / 3),  # bags: red 1, blue 1 shared; p = r = 2/3
        ("Paris", "paris.", 1.0),
        ("Paris", "London", 0.0),
        ("", "", 1.0),  # both refuse
        ("", "Paris", 0.0),
        ("the", "a", 1.0),  # both are empty once normalized
    ],
)
def test_f1_is_that_of_bags_of_words(prediction, gold, expected):
    assert metrics.f1(prediction, gold) == pytest.approx(expected)


def test_version_1_takes_the_best_gold_answer_and_counts_missing_ones_as_wrong():
    golds = {"q1": ["Denver Broncos", "Broncos"], "q2": ["in 1912"], "q3": ["Bo"]}
    figures = metrics.score_v1(golds, {"q1": "the Broncos", "q2": "1912"})
    # exact: q1 1, q2 0, q3 not answered → 1/3.  F1: q1 1, q2 p = 1, r = 1/2 → 2/3, q3 0 → 5/9.
    assert figures == {
        "exact": pytest.approx(100 / 3),
        "f1": pytest.approx(500 / 9),
        "total": 3,
    }


def test_version_1_gives_nothing_for_an_empty_answer():
    assert metrics.score_v1({"q": ["the"]}, {"q": ""})["f1"] == 0  # no shared words, no credit


def test_version_2_splits_by_whether_there_is_an_answer():
    golds = {"a": ["Denver"], "b": ["two words"], "c": [], "d": []}
    found = {"a": "Denver", "b": "two", "c": "", "d": "something"}
    figures = metrics.score_v2(golds, found)
    # exact: a 1, b 0, c 1, d 0.  F1: a 1, b 2·1·½/1½ = 2/3, c 1, d 0.
    assert figures == {
        "exact": pytest.approx(50),
        "f1": pytest.approx(100 * (1 + 2 / 3 + 1) / 4),
        "total": 4,
        "HasAns_exact": pytest.approx(50),
        "HasAns_f1": pytest.approx(100 * (1 + 2 / 3) / 2),
        "HasAns_total": 2,
        "NoAns_exact": pytest.approx(50),
        "NoAns_f1": pytest.approx(50),
        "NoAns_total": 2,
    }


def test_the_best_threshold_is_found_as_the_official_script_finds_it():
    golds = {"a": ["x"], "b": ["y"], "c": [], "d": []}
    found = {"a": "x", "b": "z", "c": "w", "d": "v"}
    no_answer = {"a": 0.1, "c": 0.2, "b": 0.3, "d": 0.9}
    # Refuse all: 2 of 4. Answer a: 3 (best, threshold .1). Then c, wrongly: 2. b wrong: 2. d: 1.
    assert metrics.best_thresholds(golds, found, no_answer) == {
        "best_exact": 75.0,
        "best_exact_thresh": 0.1,
        "best_f1": 75.0,
        "best_f1_thresh": 0.1,
    }


def test_refusing_everything_is_best_where_every_answer_is_wrong():
    figures = metrics.best_thresholds(
        {"a": ["x"], "b": []}, {"a": "z", "b": "w"}, {"a": 0, "b": 0}
    )
    assert (figures["best_exact"], figures["best_exact_thresh"]) == (50.0, 0.0)
