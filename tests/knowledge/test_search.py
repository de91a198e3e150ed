"""Readers find what they may read, by the words they know, spelt as they spell."""

from __future__ import annotations

import pytest

from knowledge.search import look_up, search
from knowledge.services import archive, save_revision
from knowledge.spelling import closest, edit_distance
from knowledge.types import AGENT, CUSTOMER, ArticleText
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(db):
    make_article("How to return an item", "Send it back within 30 days.", summary="Returns.")
    make_article("Warranty on zips", "Zips are covered for **two years**.", tags=("guarantee",))
    make_article("Washing a waterproof jacket", "Wash the jacket at 30 degrees in Zürich.")
    make_article("Goodwill rules", "Give a voucher of 10 euros.", visibility="internal")


def titles(query, viewer=CUSTOMER):
    return [hit.title for hit in search(query, viewer=viewer)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("returning items", "How to return an item"),
        ("How long is the warranty on a zip?", "Warranty on zips"),
        ("guarantee", "Warranty on zips"),
        ("waterprof jaket", "Washing a waterproof jacket"),
        ("retrun", "How to return an item"),
        ("wash", "Washing a waterproof jacket"),
        ("waterpr", "Washing a waterproof jacket"),
        ("zurich", "Washing a waterproof jacket"),
        ("ZÜRICH", "Washing a waterproof jacket"),
    ],
)
def test_the_article_that_answers_is_found_first(query, best):
    assert titles(query)[0] == best


@pytest.mark.parametrize(
    "query",
    ["", "   ", "the of and", "kayak", "'); DROP TABLE x; --", "a & | ! ( :* <->", "\x00", "漢字"],
)
def test_what_is_not_there_is_not_found_and_nothing_breaks(query):
    assert titles(query) == []


def test_internal_articles_are_found_by_agents_only():
    assert titles("goodwill voucher") == []
    assert titles("goodwill voucher", AGENT) == ["Goodwill rules"]


def test_a_correction_never_gives_away_a_word_that_the_reader_may_not_read():
    assert look_up("vouchr", viewer=CUSTOMER).corrected is None
    assert look_up("vouchr", viewer=AGENT).corrected == "voucher"


def test_drafts_of_a_published_article_and_archived_articles_are_not_searched():
    article = make_article("Sizing", "Measure your chest.")
    save_revision(article=article, text=ArticleText("Sizing", "Measure your elbow."))
    assert titles("elbow") == []
    archive(article=article)
    assert titles("chest") == []


def test_the_snippet_marks_the_words_and_holds_no_markdown_and_no_html():
    make_article("Odd", "A <b>kettle</b> is **hot** & [heavy](https://x.example).")
    (hit,) = search("kettle", viewer=CUSTOMER)
    assert "<mark>kettle</mark>" in hit.snippet
    assert "**" not in hit.snippet
    assert "<b>" not in hit.snippet
    assert "&amp;" in hit.snippet


def test_an_excerpt_says_where_the_article_goes_on():
    before = "First you see a lot of words that nobody asked about here. " * 4
    after = "Then many more words follow that have nothing to do with it. " * 4
    make_article("Long", f"{before}The samovar boils. {after}")
    make_article("Short", "A percolator boils.")

    (long,), (short,) = (search(one, viewer=CUSTOMER) for one in ("samovar", "percolator"))

    assert long.snippet.startswith("… ")
    assert long.snippet.endswith(" …")
    assert short.snippet == "A <mark>percolator</mark> boils."


def test_a_search_costs_two_queries_and_four_where_a_word_is_misspelt(django_assert_num_queries):
    with django_assert_num_queries(2):
        search("return an item", viewer=CUSTOMER)
    with django_assert_num_queries(4):  # looked up again as it was meant
        search("retrun an item", viewer=CUSTOMER)


def test_a_swap_is_one_mistake():
    assert edit_distance("retrun", "return") == 1
    assert closest("retrun", ["rerun", "return"]) == "rerun"
    assert closest("retrun", ["return", "rerun"]) == "return"
    assert closest("tent", ["kettle"]) is None
