"""Which sentence answers: clues, what is learnt of them, and the sentence chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_engine.answer_types import (
    asks_permission,
    is_about_time_taken,
    permits,
    tells_time_taken,
)
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.sentence_reader import SentenceReader
from qa_engine.clues import Clues
from qa_engine.learning import Example, best, by_fold, first_is_right, fit
from qa_engine.questions import Question
from qa_engine.ranking import rankings, shares
from qa_engine.told import telling_stems
from qa_engine.types import Candidate

REPAIRS = """Our workshop is in Rotterdam. Repairs take 7 to 10 working days.

- From 15 November to 31 January repairs may take up to 15 working days.

The repair itself has a warranty of 12 months.

| Pieces | Print |
|---|---|
| 10–24 | €9.50 |
| 25–49 | €7.50 |
"""
NOTHING = Clues(*[0.0] * len(Clues._fields))


def _weigh(question, body=REPAIRS, context=""):
    candidate = Candidate(1, 1, 1, "Repairs", "", body, 0, len(body), 1.0, body=body)
    [weighed] = SentenceReader(HashingEmbedder()).weigh(
        [Question(question, context)], [[candidate]]
    )
    return {proposed.said: clues for proposed, clues in weighed}


def _first(question, context=""):
    candidate = Candidate(1, 1, 1, "Repairs", "", REPAIRS, 0, len(REPAIRS), 1.0, body=REPAIRS)
    [spans] = SentenceReader(HashingEmbedder()).read([Question(question, context)], [[candidate]])
    return spans[0].text


def test_how_long_it_takes_is_not_how_long_it_holds():
    assert "7 to 10 working days" in _first(
        "How long would a repair take?", "Is it under warranty?"
    )
    clues = _weigh("How long would a repair take?")
    assert clues["Repairs take 7 to 10 working days."].answer_type == 1
    assert clues["The repair itself has a warranty of 12 months."].answer_type == -1


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How long does a repair take?", 1),
        ("When do I get my money?", 1),
        ("How long is a gift card valid?", -1),
        ("How long do you keep my data?", -1),
        ("How heavy is it?", 0),
    ],
)
def test_periods_are_asked_in_two_ways(question, asked):
    assert is_about_time_taken(question) == asked


def test_periods_are_told_in_two_ways():
    assert tells_time_taken("It arrives within 3 days.") == 1
    assert tells_time_taken("The voucher is valid for 6 months.") == -1
    assert tells_time_taken("It arrives soon.") == 0


def test_may_i_is_answered_by_a_sentence_that_allows_or_forbids():
    assert asks_permission("Can I wash it?")
    assert not asks_permission("How long does it take?")
    assert permits("It must not be washed.")
    assert not permits("Wool comes from sheep.")


def test_a_season_that_nobody_asked_about_speaks_against_a_sentence():
    season = "From 15 November to 31 January repairs may take up to 15 working days."
    assert _weigh("How long do repairs take?")[season].unasked_occasion == 1
    asked = _weigh("How long do repairs take from 15 November to 31 January?")
    assert asked[season].unasked_occasion == 0


def test_a_number_is_in_the_range_that_holds_it():
    clues = _weigh("What does a print cost for 30 pieces?")
    assert clues["Pieces: 25–49; Print: €7.50"].numbers == 1
    assert clues["Pieces: 10–24; Print: €9.50"].numbers == 0


def test_verbs_that_carry_a_question_are_kept():
    assert "tak" in telling_stems("How long does it take?")
    assert "backorder" in telling_stems("Can I cancel a back-order?")


def _example(group, right_first):
    """Three sentences: the clue `own_words` tells the right one, `step` misleads."""
    right, wrong = NOTHING._replace(own_words=1.0), NOTHING._replace(step=1.0)
    order = [(right, True), (wrong, False), (NOTHING, False)]
    if not right_first:
        order.reverse()
    clues, truth = zip(*order, strict=True)
    return Example(group, clues, ((1, 0, 1), (1, 2, 3), (1, 4, 5)), truth)


def test_what_tells_the_right_sentence_is_learnt():
    examples = [_example(f"article {n}", n % 2) for n in range(12)]

    ranking = fit(examples)

    assert ranking.weights["own_words"] > 1 > 0 > ranking.weights["step"]
    assert all(example.is_right[best(example, ranking)] for example in examples)
    assert first_is_right(examples, by_fold(examples)) == 1


def test_sentences_quoted_as_one_stretch_are_one_answer():
    example = replace(_example("a", True), stretches=((1, 0, 9), (1, 0, 9), (1, 4, 5)))

    assert fit([example]).weights["own_words"] > 0


def test_stored_coefficients_name_clues_that_exist():
    names = set(Clues._fields)
    for ranking in rankings().values():
        assert set(ranking.weights) <= names


def test_shares_are_parts_of_one_whole():
    assert shares([]) == []
    assert sum(shares([1000.0, 1.0, -5.0])) == pytest.approx(1)
