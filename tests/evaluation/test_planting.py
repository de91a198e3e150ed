"""Contradictions that are planted: what is changed, where it stands, and what it contradicts."""

from __future__ import annotations

import pytest

from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.changes import Fact
from qa_engine.evaluation.corpus import load_corpus
from qa_engine.evaluation.planting import Way, plant
from qa_engine.evaluation.suites.contradictions import measure_planted, measure_untouched

ARTICLES = [
    ArticleRecord(
        "returns", "Returns within 30 days", "You can return an unused item within 30 days."
    ),
    ArticleRecord(
        "sale", "The sale", "Also in the sale you can return an unused item within 30 days."
    ),
    *(
        ArticleRecord(f"a{n}", f"Article {n}", f"Something else is told, number {n} of many.")
        for n in range(12)
    ),
    ArticleRecord("own", "For agents", "Return it within 30 days.", is_internal=True),
]
FACT = Fact(
    "window", "days", "returns.md", "", "30 days", ("14 days",),
    (
        ("returns", "Returns within 30 days"),
        ("returns", "item within 30 days"),
        ("sale", "item within 30 days"),
    ),
    (), ("An unused item from Norway can be returned for {v}.",),
)  # fmt: skip
DECOYS = {"days": ["The window display changes every {v}."]}


def planted() -> list:
    return list(plant([FACT], DECOYS, ARTICLES, seed=7))


def test_each_place_of_one_article_states_the_other_value() -> None:
    cases = {case.article.key: case for case in planted() if case.way is Way.PLACE}
    assert sorted(cases) == ["returns", "sale"]
    changed = cases["returns"]
    assert changed.article.title == "Returns within 14 days"
    assert changed.article.body == "You can return an unused item within 14 days."
    assert sorted(changed.words) == ["Returns within 14 days", "item within 14 days"]
    assert {span.article for span in changed.truth} == {"sale"}


def test_a_paraphrase_goes_where_the_fact_is_not_told_and_readers_see_it() -> None:
    (case,) = (case for case in planted() if case.way is Way.PARAPHRASE)
    assert case.article.key.startswith("a")
    assert case.words[0].startswith("An unused item from Norway can be returned for ")
    assert {span.article for span in case.truth} == {"returns", "sale"}


def test_a_decoy_is_of_something_else_or_somewhere_else_and_contradicts_nothing() -> None:
    decoys = [case for case in planted() if case.way is Way.DECOY]
    assert [case.truth for case in decoys] == [(), ()]
    assert decoys[0].words[0].startswith("The window display")
    assert "Norway" not in decoys[1].words[0]


@pytest.mark.django_db
def test_what_is_planted_is_found_and_taken_back() -> None:
    corpus = load_corpus(ARTICLES, lambda _line: None)
    figures, told = measure_untouched(corpus)
    assert (figures["found_untouched"], told) == (0.0, ())
    cases = [case for case in planted() if case.way is Way.PLACE]
    for _again in range(2):
        figures, _ = measure_planted(corpus, cases, lambda _line: None)
        assert (figures["planted"], figures["recall"], figures["precision"]) == (2.0, 1.0, 1.0)
