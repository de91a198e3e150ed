"""The letter around the quotations: polite, in order, and nothing twice."""

from __future__ import annotations

import pytest

from qa_engine.citations import row_in_words
from qa_engine.types import DraftRequest, Evidence, Finding, QuestionOutcome, Quote, Reason
from qa_engine.writer import ExtractiveWriter, presentable


def _found(text, raw="", start=0):
    evidence = Evidence(1, 1, "Title", "", start, start + 5, raw or text, 1.0)
    return Finding(QuestionOutcome("?", True, 0.9, None, (evidence,)), (Quote(text, (evidence,)),))


def _open(question, reason=Reason.NO_PASSAGE):
    return Finding(QuestionOutcome(question, False, 0.0, reason))


def _write(*findings):
    return ExtractiveWriter().write(DraftRequest(text=""), findings)[0]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("is there a student discount?", "Is there a student discount?"),
        ("And also, do you sell kayaks?", "Do you sell kayaks?"),
        ("i make mistake with house nr, how to change?", ""),
        ("It broke. What now?", ""),
        ("how to change", ""),
        ("Why " + "so " * 40 + "?", ""),
        ("Do you sell a bag that it fits in", "Do you sell a bag that it fits in?"),
        ("", ""),
    ],
)
def test_only_a_well_written_question_is_quoted_back(asked, shown):
    assert presentable(asked) == shown


def test_answers_come_before_what_stays_open():
    body = _write(_open("Do you sell kayaks?"), _found("It costs €5."))

    assert body.index("It costs €5.") < body.index("Do you sell kayaks?")


def test_what_stays_open_is_said_once():
    orders = [_open("where is my parcel", Reason.NEEDS_ORDER_DATA)] * 2
    body = _write(_found("It costs €5."), *orders, _open("pls tell"), _open("how to"))

    assert "where is my parcel" not in body
    assert body.count("look at your order") == 1
    assert body.count("one of your questions") == 1


def test_a_table_row_does_not_repeat_a_sentence():
    row = _found("Patch, tear up to 5 cm – price: €15.", "| Patch, tear up to 5 cm | €15 |", 50)
    body = _write(row, _found("A patch for a tear of up to 5 cm has a price of €15."))

    assert body.count("€15") == 1


def test_a_row_of_a_table_without_heads_names_its_value():
    assert row_in_words("| | |", "| Packed size | 44 × 15 cm |") == "Packed size: 44 × 15 cm."
    assert row_in_words("| Item | Price |", "| Peg | €2 |") == "Peg: the price is €2."
