"""Which sentences of a section are quoted together, and what the section is worth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.sentence_reader import Proposed, SentenceReader, best_spans, stated_in
from qa_engine.calibrating import POSITIVE
from qa_engine.choosing import MAX_SPANS, MAX_WORDS, chosen_spans, nearest_sections
from qa_engine.citations import quotes_of
from qa_engine.clues import Clues
from qa_engine.confidence import Features, features_of
from qa_engine.pipeline import Engine
from qa_engine.questions import Question
from qa_engine.ranking import Ranking
from qa_engine.sentences import units
from qa_engine.spans import quotable, standing_alone
from qa_engine.types import Candidate, DraftRequest, Span
from qa_engine.writer import ExtractiveWriter

BODY = (
    "## Returns\n\nYou have 30 days. Send the parcel back. Keep your receipt.\n\n"
    "The refund takes 5 days. Fellmark pays the label.\n\n"
    "## Repairs\n\nRepairs take 14 days. Fellmark keeps every zip in stock.\n"
)
CANDIDATE = Candidate(1, 7, 70, "Help", "", BODY, 0, len(BODY), 1.0, {"dense": 0.5}, BODY)


def _spans(*shares: float) -> list[Span]:
    """The body's sentences in their order, with these shares; best first."""
    units = [unit for unit, _ in quotable(BODY, CANDIDATE.start, CANDIDATE.end)]
    spans = [standing_alone(CANDIDATE, u, s, s) for u, s in zip(units, shares, strict=True)]
    return sorted(spans, key=lambda span: -span.share)


def _told(spans: list[Span]) -> list[str]:
    return [span.text for span in chosen_spans(spans)]


def test_a_sure_sentence_stands_alone():
    assert _told(_spans(0.9, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01)) == ["You have 30 days."]


def test_those_of_the_section_that_may_answer_come_along_in_the_articles_order():
    told = _told(_spans(0.2, 0.02, 0.01, 0.4, 0.3, 0.05, 0.02))

    assert told == ["You have 30 days.", "The refund takes 5 days.", "Fellmark pays the label."]


def test_no_more_than_three_are_quoted():
    told = _told(_spans(0.3, 0.02, 0.2, 0.25, 0.23, 0.0, 0.0))

    assert len(told) == MAX_SPANS
    assert "Keep your receipt." not in told


def test_another_section_stays_away_however_near_it_is():
    assert _told(_spans(0.5, 0.0, 0.0, 0.0, 0.0, 0.45, 0.05)) == ["You have 30 days."]


def test_what_one_sentence_parts_is_quoted_with_that_one():
    told = _told(_spans(0.5, 0.01, 0.45, 0.01, 0.01, 0.01, 0.01))

    assert told == ["You have 30 days. Send the parcel back. Keep your receipt."]


def test_a_long_paragraph_is_not_joined_to_another():
    first, second, *_ = _spans(0.5, 0.0, 0.0, 0.4, 0.1, 0.0, 0.0)
    long = replace(second, text="word " * MAX_WORDS)

    assert chosen_spans([first, long]) == [first]


def test_beside_a_draft_stand_other_sections_each_in_one_stretch():
    spans = _spans(0.3, 0.01, 0.2, 0.01, 0.08, 0.25, 0.15)
    near = nearest_sections(spans)

    assert [one.heading_path for one in near] == ["Returns", "Repairs"]
    assert near[0].text.startswith("You have 30 days. Send the parcel back. Keep your receipt.")
    assert near[0].text.endswith("Fellmark pays the label.")
    assert near[1].text == "Repairs take 14 days. Fellmark keeps every zip in stock."
    assert all(one.text == BODY[one.start : one.end] for one in near)
    assert [one.heading_path for one in nearest_sections(spans, but=spans[0])] == ["Repairs"]


def test_the_reader_tells_what_section_and_article_take_of_its_belief():
    # Of all clues the place in the article alone counts: the openings of sections.
    clues = dict.fromkeys(Clues._fields, 0.0)
    weighed = [
        (Proposed(CANDIDATE, one), Clues(**{**clues, "opens_section": float(one.unit.opens)}))
        for one in stated_in(CANDIDATE)
    ]

    spans = best_spans(weighed, Ranking({"opens_section": 1.0}))

    of_returns = [span for span in spans if span.heading_path.endswith("Returns")]
    assert len(of_returns) == 5
    assert of_returns[0].section_share == pytest.approx(sum(one.share for one in of_returns))
    assert [span.article_share for span in spans] == pytest.approx([1.0] * len(spans))


def test_a_reader_that_tells_no_section_is_worth_its_sentence():
    [best, *_] = _spans(0.6, 0.1, 0.1, 0.1, 0.1, 0.0, 0.0)

    alone = features_of(Question("How long?"), best, {})
    around = features_of(Question("How long?"), replace(best, section_share=0.9), {})

    assert (alone.share_of_section, around.share_of_section) == (0.6, 0.9)


def test_belief_in_a_section_may_only_speak_for_it():
    assert {"share_of_section", "share_of_article"} <= POSITIVE & set(Features.names())


class OneArticle:
    """Proposes the same article, whatever is asked."""

    def __init__(self, body: str) -> None:
        self._found = Candidate(
            1, 1, 1, "Repairs", "", body, 0, len(body), 1.0, {"dense": 0.5}, body
        )

    def retrieve(self, queries, *, viewer, top_k):
        return [[self._found] for _ in queries]

    def rarity(self, words, *, viewer):
        return dict.fromkeys(words, 0.7)


def test_a_heading_that_limits_two_sentences_is_said_once():
    body = "## After the two years\n\nReplacing the main zip costs €35.\n\nA new sole costs €45.\n"
    every_sentence_alike = SentenceReader(HashingEmbedder(), Ranking({}))
    engine = Engine(OneArticle(body), every_sentence_alike, ExtractiveWriter(), 0.0)

    (draft,) = engine.write_drafts([DraftRequest(text="What do repairs cost?", requester_name="")])

    assert "€35" in draft.body
    assert "€45" in draft.body
    assert draft.body.count("After the two years") == 1


def test_a_heading_that_the_sentence_before_has_said_is_not_put_between_them():
    body = (
        "## If Swiss Post asks for money\n\nIf Swiss Post asks you for a fee, please do not "
        "pay.\n\nWe like mountains.\n\nWe like lakes.\n\nSend us a photo of the bill.\n"
    )
    candidate = Candidate(1, 1, 1, "Customs", "", body, 0, len(body), 1.0, body=body)
    first, last = (
        standing_alone(candidate, next(one for one in units(body) if words in one.text), 1.0, 0.5)
        for words in ("If Swiss Post asks you", "Send us")
    )

    assert quotes_of(last)[0].text == "If Swiss Post asks for money:"
    assert [one.text for one in quotes_of(last, [first])] == ["Send us a photo of the bill."]
