"""Who must answer, told by the words: both sides of each pattern."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_engine.languages import detect_language, is_foreign
from qa_engine.policy import needs_order_data, triage
from qa_engine.types import SENSITIVE, Reason


@pytest.mark.parametrize(
    "text",
    [
        "I will talk to my lawyer about this",
        "I will sue you",
        "I'll see you in court",
        "I file a complaint with the consumer authority and claim damages",
        "I don't want to live any more",
        "I know where you live",
        "My card is 4111 1111 1111 1111",
        "cvv is 123",
        "You are thieves",
        "This is a scam!",
        "He has a burn on his hand and we were at the hospital",
        "PLEASE SEND MY MONEY BACK NOW!!! THIS TAKES TOO LONG",
    ],
)
def test_dangerous_messages_go_to_a_person(text):
    assert triage(text) in SENSITIVE


@pytest.mark.parametrize(
    "text",
    [
        "Is it legal to carry gas on a plane?",
        "These boots are killing me, can I exchange them?",
        "My order number is 88-1234-5678-9012",
        "Is the tracking number 4111111111111112 right?",
        "I am a bit disappointed with the zip",
        "The parcel shop is next to the police station",
        "Which gloves keep hands warm at the court for ice hockey?",
        "PLEASE HELP ME WITH MY ORDER",
        "Do you have a phone number?",
        "Who is the contact person for business orders?",
        "Are the boots for a person with wide feet?",
    ],
)
def test_everyday_messages_do_not(text):
    assert triage(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a human",
        "Can I speak to your manager please",
        "Please call me tomorrow",
        "Could somebody call me back?",
        "No more bots, give me a person",
    ],
)
def test_who_asks_for_a_person_gets_one(text):
    assert triage(text) is Reason.WANTS_PERSON


def test_a_furious_customer_who_wants_a_person_wants_a_person():
    assert triage("I am furious. I want a human being to call me today") is Reason.WANTS_PERSON


@pytest.mark.parametrize(
    "question",
    [
        "Where is my parcel?",
        "wheres my stuff",
        "Where is my order 88-4410?",
        "What is the status of order 88-123?",
        "When will my order arrive?",
        "Has my tent been shipped yet?",
        "Can you please cancel the order for me?",
        "Can you check whether my return has arrived?",
        "How many points do I have?",
        "Wo ist mein Paket?",
        "Waar blijft mijn pakket?",
        "我的包裹在哪里？",  # noqa: RUF001
    ],
)
def test_only_the_order_system_knows(question):
    assert needs_order_data(question)


@pytest.mark.parametrize(
    "question",
    [
        "How long does delivery take?",
        "How can I track my order?",
        "Can I cancel my order?",
        "Can I change the address of my order?",
        "Where are the boots made?",
        "Where is the size label of my jacket?",
        "Is the tent delivered with pegs?",
        "Did my tent come with poles?",
        "When does a refund arrive?",
        "How many days do I have to return it?",
        "How long do I have to report this?",
        "What can I do when my parcel has not arrived?",
    ],
)
def test_the_knowledge_base_may_know(question):
    assert not needs_order_data(question)


def test_reference_numbers_make_what_is_going_on_a_matter_of_data():
    assert needs_order_data("What is going on?", "Repair number R-5398.")
    assert not needs_order_data("What is going on?", "My jacket is wet inside.")


MESSAGES = Path(__file__).with_name("data") / "messages.jsonl"


def test_every_kind_is_told_in_every_language_it_was_written_for():
    """The whole set, which `manage.py evaluate abstain --messages` measures too."""
    wrong = []
    for line in MESSAGES.read_text(encoding="utf-8").splitlines():
        message = json.loads(line)
        found = triage(message["text"])
        if (str(found) if found else None) != message["reason"]:
            wrong.append(f"{message['text']}: {found}, not {message['reason']}")
    assert wrong == []


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.is_sensitive])
def test_sensitive_reasons_are_for_a_person(reason):
    assert reason.is_for_a_person


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wo bleibt mein Paket? Ich habe die Bestellung vor einer Woche gemacht.", "de"),
        ("Hoe lang duurt het voordat ik mijn geld terug krijg?", "nl"),
        ("Bonjour, je voudrais savoir comment retourner ma veste, merci", "fr"),
        ("How long does it take until I have my money back?", "en"),
        ("我的包裹在哪里", "zh"),
        ("返品はどうすればいいですか", "ja"),
        ("Mont Blanc GTX 42", ""),
        ("hi i make mistake with house nr in order", "en"),
    ],
)
def test_a_language_is_told_only_where_it_is_plain(text, language):
    assert detect_language(text, fallback="") == language


def test_a_message_is_foreign_only_where_something_else_is_published():
    german = "Wann kommt die neue Jacke, und ist sie auch für den Winter?"
    assert is_foreign(german, frozenset({"en", "nl"}))
    assert not is_foreign(german, frozenset({"en", "de-AT"}))
    assert not is_foreign(german, frozenset())
