"""What a person answered once speaks for the same sentence when a like question comes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from knowledge.types import CUSTOMER
from qa_engine import precedents
from qa_engine.answering import answer_question, engine, remember_answers, write_drafts
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.transformers_embedder import TransformersEmbedder
from qa_engine.likeness import UNLIKE, likeness, with_precedents
from qa_engine.models import AnsweredQuestion
from qa_engine.questions import Question
from qa_engine.told import telling_stems
from qa_engine.training.examples import Example, Taught
from qa_engine.types import Candidate, DraftRequest, Precedent

pytestmark = pytest.mark.django_db

POSTMAN = "The postman wants to know when the parcel is in Oslo."
SAID = "Parcels to Norway take 4 to 7 working days."


def example(question=POSTMAN, reply=SAID) -> Example:
    return Example("ticket:1", Taught.WRITTEN, question, reply)


def rows() -> list[tuple[str, str]]:
    found = AnsweredQuestion.objects.order_by("source", "number")
    return list(found.values_list("question", "quote"))


def test_a_like_question_that_was_answered_finds_its_sentence(shop):
    assert precedents.remember("ticket:1", [example()], HashingEmbedder()) == 1
    [row] = AnsweredQuestion.objects.all()
    assert row.article == shop["norway"].article
    assert row.quote == "Parcels take 4 to 7 working days."


def test_the_reader_leans_on_it(shop, settings):
    settings.QA_MIN_CONFIDENCE = 0.05
    question = "When does the postman have the parcel in Oslo?"
    before = answer_question(question, viewer=CUSTOMER)
    assert "Norway" not in [one.title for one in before.evidence]
    remember_answers("ticket:1", [example()])
    after = answer_question(question, viewer=CUSTOMER)
    assert after.confidence > before.confidence
    assert [one.article_id for one in after.evidence][:1] == [shop["norway"].article_id]
    [draft] = write_drafts([DraftRequest(text=question)])
    assert "4 to 7 working days" in draft.body
    assert draft.questions[0].features["precedent"] > 0


def test_what_nobody_answered_is_as_before(shop):
    question = "How much is a return label from Germany?"
    before = answer_question(question, viewer=CUSTOMER)
    remember_answers("ticket:1", [example()])
    after = answer_question(question, viewer=CUSTOMER)
    assert (after.text, after.confidence) == (before.text, before.confidence)


def test_each_sentence_is_kept_with_the_question_that_it_answers(shop):
    precedents.remember(
        "ticket:1",
        [
            example(
                "How many days is a parcel to Norway? What does the label from Germany cost?",
                f"A return label from Germany costs €4.95. {SAID}",
            )
        ],
        HashingEmbedder(),
    )
    assert [(question.split("? ")[-1], quote) for question, quote in rows()] == [
        ("What does the label from Germany cost?", "A return label costs €4.95 from Germany."),
        ("How many days is a parcel to Norway?", "Parcels take 4 to 7 working days."),
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "Parcels to Norway take 9 to 12 working days.",  # the article says otherwise
        "We may grant you a goodwill voucher of up to €25 without asking.",  # only agents read it
        "I have asked the warehouse and will come back to you tomorrow.",
    ],
)
def test_what_no_customer_can_read_in_an_article_is_not_kept(shop, reply):
    assert precedents.remember("ticket:1", [example(reply=reply)], HashingEmbedder()) == 0
    assert rows() == []


def test_what_only_the_order_system_knows_is_not_kept(shop):
    asked = example("Where is my order 88-1203 now?")
    assert precedents.remember("ticket:1", [asked], HashingEmbedder()) == 0


def test_remembered_again_it_replaces_what_was_kept(shop):
    for _ in range(2):
        remember_answers("ticket:1", [example()])
    remember_answers("ticket:2", [example()])
    assert len(rows()) == 2
    remember_answers("ticket:1", [])
    assert precedents.forget(["ticket:2", "ticket:3"]) == 1
    assert rows() == []


def test_of_too_many_the_oldest_go(shop, monkeypatch):
    monkeypatch.setattr(precedents, "MOST_KEPT", 2)
    for number in range(4):
        remember_answers(f"ticket:{number}", [example()])
    kept = AnsweredQuestion.objects.order_by("pk").values_list("source", flat=True)
    assert list(kept) == ["ticket:2", "ticket:3"]


def test_vectors_of_another_model_wait_until_they_are_made_anew(shop):
    remember_answers("ticket:1", [example()])
    found = precedents.Kept(HashingEmbedder())
    assert len(found.nearest([Question(POSTMAN)])[0]) == 1
    AnsweredQuestion.objects.update(embedder="another")
    assert found.nearest([Question(POSTMAN)]) == [[]]
    assert precedents.embed_due(HashingEmbedder()) == 1
    assert [one.similarity for one in found.nearest([Question(POSTMAN)])[0]] == [
        pytest.approx(1, abs=1e-4)
    ]


def test_however_many_questions_it_is_one_statement(shop, django_assert_num_queries):
    remember_answers("ticket:1", [example()])
    asked = [Question(f"{POSTMAN} {number}?") for number in range(20)]
    with django_assert_num_queries(1):
        found = precedents.Kept(HashingEmbedder()).nearest(asked)
    assert [len(one) for one in found] == [1] * 20


def test_a_model_that_cannot_be_had_costs_nothing_here():
    gone = precedents.Kept(TransformersEmbedder("/models/gone"))
    assert gone.nearest([Question(POSTMAN)]) == [[]]


def test_replays_and_comparisons_do_without():
    """A past ticket would find the answer that it got itself."""
    assert engine().precedents is None


def test_an_article_that_goes_takes_them_along(shop):
    remember_answers("ticket:1", [example()])
    shop["norway"].article.delete()
    assert rows() == []


@pytest.mark.parametrize(
    ("constraint", "given"),
    [
        ("answered_says_something", {"question": ""}),
        ("answered_says_something", {"quote": ""}),
        ("answered_vector_has_embedder", {"vector": [1.0]}),
        ("answered_vector_has_embedder", {"embedder": "x"}),
        ("answered_once_a_source", {"number": 0}),
    ],
)
def test_the_database_refuses(shop, constraint, given):
    article = shop["norway"].article
    kept = {"source": "ticket:1", "question": "When?", "quote": "Soon.", "article": article}
    AnsweredQuestion.objects.create(number=0, **kept)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AnsweredQuestion.objects.create(**{"number": 1, **kept, **given})


@pytest.mark.parametrize(
    ("quote", "similarity", "expected"),
    [
        ("Parcels take 4 to 7 working days.", 0.9, 0.9 - UNLIKE),
        ("Parcels take 5 to 8 working days.", 0.9, 0.9 - UNLIKE),  # edited since
        ("Standard shipping to Norway costs €14.95.", 0.9, 0.0),
        ("Parcels take 4 to 7 working days.", UNLIKE / 2, 0.0),
    ],
)
def test_how_much_a_precedent_says_for_a_sentence(quote, similarity, expected):
    stems = telling_stems("Parcels take 4 to 7 working days.")
    assert likeness([Precedent(1, quote, similarity)], stems) == pytest.approx(expected)


def test_precedents_go_to_the_candidates_of_their_article():
    one, two = (Candidate(n, n, n, "T", "", "text", 0, 4, 1.0) for n in (1, 2))
    said = Precedent(2, "text", 0.9)
    assert [c.precedents for c in with_precedents([one, two], [said])] == [(), (said,)]
