"""Gold for learning: questions as they stand, tickets as the engine splits them."""

from __future__ import annotations

import json

import pytest

from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.gold import load_gold
from qa_engine.evaluation.grading import matched
from qa_engine.evaluation.tickets import Part

LABEL = {"text": "What does a return cost?", "articles": ["costs"], "answer_contains": ["€7.95"]}
REPAIR = {"text": "How long does a repair take?", "articles": [], "answer_contains": []}


def ticket(body: str, *questions: dict, answerable: bool = True, subject: str = "") -> dict:
    return {
        "id": "t1",
        "subject": subject,
        "requester": {"name": "Rex"},
        "messages": [{"from": "requester", "body": body}],
        "gold": {"answerable": answerable, "questions": list(questions)},
    }


@pytest.fixture
def load(tmp_path):
    def load(*rows: dict) -> list:
        path = tmp_path / "gold.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        return [one for some in load_gold(path).records for one in some]

    return load


def test_a_question_stands_as_it_is_written(load):
    [one] = load(
        {
            "question": "Is it free?",
            "context": "I send a jacket back.",
            "articles": ["costs"],
            "answer_contains": "free of charge",
            "about": "q7",
        }
    )
    assert one.question.query == "I send a jacket back. Is it free?"
    assert (one.articles, one.contains, one.about) == (("costs",), ("free of charge",), "q7")


def test_a_ticket_is_split_as_the_engine_splits_it(load):
    body = (
        "Hi,\nI want to send my jacket back from Ireland. What does it cost?\n"
        "How long would a repair take instead?"
    )
    *alone, cost, repair = load(ticket(body, REPAIR, LABEL))
    assert [(one.question.text, one.articles) for one in alone] == [
        ("How long does a repair take?", ()),
        ("What does a return cost?", ("costs",)),
    ]
    assert {one.question.context for one in alone} == {""}
    assert cost.articles == ("costs",)
    assert "What does it cost?" in cost.question.text
    assert "Ireland" in cost.question.context
    assert repair.articles == ()
    assert cost.about == repair.about == "t1"


def test_a_question_that_the_gold_standard_does_not_know_is_left_out(load):
    body = "What does a return cost? And is there a shop in Lille?"
    alone, split = load(ticket(body, LABEL))
    assert alone.question.text == "What does a return cost?"
    assert (alone.articles, split.articles) == (("costs",), ("costs",))
    assert "Lille" not in split.question.text


def test_every_question_of_a_ticket_that_nothing_answers_is_one_without_an_answer(load):
    body = "Do you rent out tents? And is there a shop in Lille?"
    found = load(ticket(body, answerable=False))
    assert [one.articles for one in found] == [(), ()]


def test_what_a_person_must_answer_teaches_nothing(load):
    asked = {"question": "Is it free?", "articles": [], "answer_contains": []}
    angry = "This is a disgrace, I will sue you and my lawyer will write to you!"
    assert len(load(asked, ticket(angry, answerable=False))) == 1


def test_articles_without_the_words_of_an_answer_are_refused(load):
    with pytest.raises(UnusableData, match="not the words of an answer"):
        load({"question": "Is it free?", "articles": ["costs"]})


def test_the_likest_are_matched_first_and_the_rest_in_order():
    parts = [Part("What does a return cost?", (), ()), Part("How long is a return?", (), ())]
    assert matched(parts, ["and the money?", "until when?"]) == {0: 0, 1: 1}
    asked = ["how long may a return take", "what is the cost of a return", "do you rent out"]
    assert matched(parts, asked) == {0: 1, 1: 0}
    assert matched(parts, asked[:1]) == {1: 0}
    assert matched(parts[:1], ["is it raining?"]) == {0: 0}
    assert matched(parts, []) == {}
