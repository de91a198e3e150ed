"""Drafts against the gold standard, and a check of citations that is not the engine's own."""

from __future__ import annotations

import pytest

from qa_engine.evaluation.grading import grade
from qa_engine.evaluation.tickets import Part, TicketRecord
from qa_engine.types import DraftResult, Evidence, QuestionOutcome, Reason, Sentence

BODY = "Repairs take 7 to 10 working days.\n\n| Country | Cost |\n|---|---|\n| Ireland | €7.95 |\n"
CLAIM = "Repairs take 7 to 10 working days."
TICKET = TicketRecord(
    key="t",
    subject="Repair",
    body="How long does a repair take, and what does it cost from Ireland?",
    requester_name="Rex",
    language="en",
    is_answerable=True,
    category="answerable",
    parts=(
        Part("How long does a repair take?", ("repairs",), ("7 to 10 working days",)),
        Part("What does it cost from Ireland?", ("costs",), ("| Ireland | €7.95 |",)),
    ),
)


def evidence(quote: str = CLAIM, article: int = 1) -> Evidence:
    start = BODY.find(quote)
    return Evidence(article, 1, "Repairs", "", start, start + len(quote), quote, 1.0)


def draft(*claims: tuple[str, tuple[Evidence, ...]], questions=(), reason=None) -> DraftResult:
    body, sentences = "Hello Rex,\n\n", []
    for text, cited in claims:
        sentences.append(Sentence(text, len(body), len(body) + len(text), cited))
        body += text + "\n"
    return DraftResult(
        body=body if claims else "",
        sentences=tuple(sentences),
        questions=tuple(questions),
        confidence=0.9,
        reason=reason,
        fingerprint="test",
        seconds=0.1,
    )


def answered(question: str, *cited: Evidence) -> QuestionOutcome:
    return QuestionOutcome(question, bool(cited), 0.9, None, cited)


def graded(made: DraftResult, ticket: TicketRecord = TICKET):
    return grade(ticket, made, {1: "repairs", 2: "costs"}, {1: BODY})


def test_a_draft_that_answers_both_parts_is_right():
    row = evidence("| Ireland | €7.95 |", article=2)
    found = graded(
        draft(
            (CLAIM, (evidence(),)),
            ("Ireland: €7.95.", (row,)),
            questions=[
                answered("How long does a repair take", evidence()),
                answered("what does it cost from Ireland?", row),
            ],
        )
    )
    assert [one.is_right_article for one in found.parts] == [True, True]
    assert [one.is_contained for one in found.parts] == [True, True]  # a row, put into words
    assert [one.is_accounted_for for one in found.parts] == [True, True]
    assert found.unsupported == ()
    assert found.is_right


def test_a_part_that_the_engine_never_saw_is_not_accounted_for():
    found = graded(
        draft((CLAIM, (evidence(),)), questions=[answered("How long does a repair take",
                                                          evidence())])
    )  # fmt: skip
    assert [one.is_accounted_for for one in found.parts] == [True, False]
    assert not found.is_right


def test_saying_that_the_articles_do_not_tell_accounts_for_a_part():
    found = graded(
        draft(
            (CLAIM, (evidence(),)),
            questions=[
                answered("How long does a repair take", evidence()),
                QuestionOutcome("What would it cost from Ireland", False, 0.1, Reason.NO_PASSAGE),
            ],
        )
    )
    assert [one.is_accounted_for for one in found.parts] == [True, True]
    assert [one.is_contained for one in found.parts] == [True, False]


def test_what_is_handed_to_a_person_is_accounted_for_as_a_whole():
    found = graded(draft(reason=Reason.SENSITIVE))
    assert all(one.is_accounted_for for one in found.parts)
    assert not found.is_answered


@pytest.mark.parametrize(
    ("sentence", "cited", "problem"),
    [
        (CLAIM, (evidence(),), ""),
        ("It takes up to 10 working days, Repairs say.", (evidence(),), ""),
        (CLAIM, (), "it cites nothing"),
        ("Repairs take 9 working days.", (evidence(),), "no citation says 9"),
        ("Elephants dance happily around.", (evidence(),), "its citations say something else"),
        (
            CLAIM,
            (Evidence(1, 1, "Repairs", "", 3, 9, "wrong", 1.0),),
            "a quote is not what the article says",
        ),
    ],
)
def test_a_sentence_that_its_citations_do_not_carry_is_found(sentence, cited, problem):
    found = graded(draft((sentence, cited)))
    assert [why for _, why in found.unsupported] == ([problem] if problem else [])


def test_a_sentence_must_stand_where_it_says():
    made = draft((CLAIM, (evidence(),)))
    moved = Sentence(CLAIM, 0, len(CLAIM), (evidence(),))
    found = graded(DraftResult(made.body, (moved,), (), 0.9, None, "test", 0.1))
    assert [why for _, why in found.unsupported] == ["it does not stand where it says"]


@pytest.mark.parametrize(
    ("category", "reason", "is_right"),
    [
        ("sensitive", Reason.SENSITIVE, True),
        ("sensitive", Reason.NO_PASSAGE, False),
        ("no_article", Reason.LOW_CONFIDENCE, True),
        ("needs_order_data", Reason.NEEDS_ORDER_DATA, True),
        ("wants_person", Reason.SENSITIVE, True),
        ("unclear", None, False),
    ],
)
def test_an_abstention_needs_the_right_reason(category, reason, is_right):
    ticket = TicketRecord("t", "", "?", "", "en", False, category, ())
    assert graded(draft(reason=reason), ticket).has_right_reason is is_right
