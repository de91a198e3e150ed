"""A draft's sentences against what they cite: nothing changed may pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_engine.evaluation.articles import load_articles
from qa_engine.evaluation.corruptions import cases_of
from qa_engine.evaluation.suites.grounding import NUMBERS, measure_grounding
from qa_engine.grounding import GroundingCheck, Problem
from qa_engine.grounding.check import Support
from qa_engine.grounding.quantities import numbers
from qa_engine.types import Evidence, Sentence

ARTICLES = Path(__file__).parents[2] / "helpdesk" / "demo" / "content" / "articles"
RULES_ALONE = GroundingCheck(support=Support(bias=99.0))
RETURNS = "You can return an unused item within 30 days of delivery, unless it was personalised."


def _evidence(quote, title="Returns"):
    return Evidence(1, 1, title, "", 0, len(quote), quote, 1.0)


def _problems(text, *quotes, ticket="", title="Returns", check=None):
    sentence = Sentence(text, 0, len(text), tuple(_evidence(q, title) for q in quotes))
    [verdict] = (check or GroundingCheck()).check([sentence], ticket)
    return {flaw.problem for flaw in verdict.flaws}


@pytest.fixture(scope="module")
def cases():
    return cases_of(load_articles(ARTICLES).records)


def test_no_changed_number_passes(cases):
    figures, misses = measure_grounding(
        RULES_ALONE, [case for case in cases if case.kind in NUMBERS]
    )
    assert figures["cases"] > 5_000
    assert figures["changed_numbers_passed"] == 0, [m for m in misses if m["kind"] in NUMBERS][:5]


def test_every_quotation_passes(cases):
    figures, misses = measure_grounding(
        GroundingCheck(), [case for case in cases if case.kind == "quoted"]
    )
    assert figures["quoted_passed"] == 1, misses[:3]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("You can return an unused item within 14 days of delivery.", Problem.NUMBER),
        ("You can return an unused item within 30 weeks of delivery.", Problem.NUMBER),
        ("You cannot return an unused item within 30 days of delivery.", Problem.NEGATION),
        ("You can return an unused item within 30 days of delivery.", Problem.CONDITION),
        (RETURNS.replace("within", "after"), Problem.CONDITION),
        (f"{RETURNS} See https://returns.example.net/form for more.", Problem.ADDRESS),
        (RETURNS.replace("item", "Stratus"), Problem.NAME),
        ("Our bakery opens on the moon unless it was personalised.", Problem.UNSUPPORTED),
    ],
)
def test_what_is_changed_is_told(text, problem):
    assert problem in _problems(text, RETURNS)


def test_a_claim_without_a_citation_does_not_pass():
    assert _problems("You can return it.") == {Problem.UNCITED}


def test_other_words_for_the_same_pass():
    assert not _problems(f"Please note that {RETURNS[0].lower()}{RETURNS[1:]}", RETURNS)


def test_the_customer_s_own_number_never_replaces_a_cited_one():
    ticket = "I have had it for 14 days."
    assert Problem.NUMBER in _problems(RETURNS.replace("30", "14"), RETURNS, ticket=ticket)


def test_a_ticket_is_no_source_for_an_address():
    text = f"{RETURNS} Write to evil@refunds.example.net."
    assert Problem.ADDRESS in _problems(text, RETURNS, ticket="evil@refunds.example.net")


def test_a_number_of_another_thing_in_the_same_sentence_does_not_pass():
    quote = "Standard takes 3 to 5 days, and express takes 1 to 2 days."
    assert Problem.NUMBER in _problems("Express takes 3 to 5 days.", quote)
    assert Problem.NUMBER in _problems("Standard takes 1 to 2 days.", quote)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3 to 5 working days", [(("3", "5"), "workday")]),
        ("€1,299.00 or 1.299,00 €", [(("1299",), "€"), (("1299",), "€")]),
        ("within two years", [(("2",), "year")]),
        ("a 30-day trial", [(("30",), "day")]),
        ("15 November", [(("15",), "november")]),
        ("between 9:00 and 17:30", [(("9", "17:30"), "")]),
        ("7 bis 10 Werktage", [(("7", "10"), "workday")]),
        ("三十天内", [(("30",), "day")]),
        ("the blue one", []),
    ],
)
def test_numbers_are_read_with_their_units(text, wanted):
    assert [number.key for number in numbers(text)] == wanted


class Entails:
    """Believes what it is told to."""

    fingerprint = "fixed/1"

    def __init__(self, belief):
        self.belief = belief

    def warm_up(self):
        pass

    def entail(self, pairs):
        return [self.belief for _ in pairs]


def test_a_configured_model_decides_what_the_rules_let_pass():
    text = "Unused items may come back within 30 days of delivery unless it was personalised."
    assert Problem.UNSUPPORTED in _problems(
        text, RETURNS, check=GroundingCheck(entailment=Entails(0.1))
    )
    assert Problem.UNSUPPORTED not in _problems(
        text, RETURNS, check=GroundingCheck(entailment=Entails(0.9))
    )
