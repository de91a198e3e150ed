"""Figures in words, and what an edit changed: pure functions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.desk.diffs import change_between
from helpdesk.desk.evidence import place_of
from helpdesk.desk.sentences import Segment, segments_of, still_standing
from helpdesk.desk.wording import (
    confidence_in_words,
    event_in_words,
    reason_in_short,
    reason_in_words,
    span_in_words,
)
from helpdesk.models import Citation
from qa_engine.types import Reason


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.92, "92 % sure"), (0.8, "80 % sure"), (0.5, "50 %, fairly sure"), (0.31, "31 %, unsure")],
)
def test_confidence_has_a_word_and_a_number(confidence, words):
    assert confidence_in_words(confidence) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "moments"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=3), "3 d"),
    ],
)
def test_spans_are_short(span, words):
    assert span_in_words(span) == words


def test_a_title_is_not_said_twice():
    assert place_of("Warranty", "Warranty \u203a Zips") == "Warranty \u203a Zips"
    assert place_of("Warranty", "") == "Warranty"


def test_a_change_puts_words_together_again():
    change = change_between("Repairs take 7 to 10 days.", "Repairs take 5 to 7 days.")
    kept = "".join(piece.text for piece in change.pieces if piece.kind != "removed")
    old = "".join(piece.text for piece in change.pieces if piece.kind != "added")
    assert (old, kept) == ("Repairs take 7 to 10 days.", "Repairs take 5 to 7 days.")
    assert change.summary == "2 words added, 2 words removed"


def test_line_ends_of_browsers_are_no_change():
    assert change_between("a\nb", "a\r\nb\r\n").is_empty


def test_a_body_is_cut_at_its_cited_sentences_and_nothing_is_lost():
    body = "Hello. One. Two. Bye."
    citations = [
        Citation(number=1, sentence_start=7, sentence_end=11),
        Citation(number=2, sentence_start=7, sentence_end=11),
        Citation(number=1, sentence_start=12, sentence_end=16),
    ]
    segments = segments_of(body, citations)
    assert "".join(segment.text for segment in segments) == body
    assert [segment.numbers for segment in segments if segment.is_cited] == [(1, 2), (1,)]


def test_citations_of_untouched_sentences_stay():
    segments = [Segment("One  is one.", (1,)), Segment("Two.", (2,))]
    assert still_standing(segments, "So: One is\none. Three.") == ([1], [2])


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.NO_PASSAGE, "found no answer"),
        (Reason.LOW_CONFIDENCE, "found no answer"),
        (Reason.LEGAL, "left it to a person: the law is mentioned"),
        (Reason.WANTS_PERSON, "left it to a person: asked for"),
        (Reason.UNCLEAR, "could read no question in it"),
        (Reason.LANGUAGE, "found nothing published in its language"),
    ],
)
def test_the_timeline_does_not_say_that_nothing_was_found_where_nothing_was_looked_for(
    reason, words
):
    assert event_in_words("found no answer", {"reason": str(reason)}, {}) == words


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words(reason):
    assert reason_in_short(reason) != reason
    assert "There is no draft (" not in reason_in_words(reason)
