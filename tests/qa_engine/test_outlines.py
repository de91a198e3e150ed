"""What is kept of an article lets through each pair that a comparison of the texts finds."""

from __future__ import annotations

import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.models import Article, Suggestion
from qa_engine import reviewing
from qa_engine.contradicting import Comparison
from qa_engine.models import ReviewedArticle
from qa_engine.suggesting import duplicates
from qa_engine.suggesting.duplicates import Page, twins
from qa_engine.suggesting.outlines import (
    formulas,
    keys_in,
    may_be_twins,
    outline,
    packed,
    unpacked,
)
from tests.knowledge.factories import make_article
from tests.qa_engine.test_duplicates import OLDER, RETURNS

FORMULA = "\n\n".join(f"Step {n}: turn the screw by hand and wait a minute." for n in "ABCDE")
OTHER = "We are open from nine to five on weekdays and closed on all public holidays. " * 4


def parts(text: str) -> list[str]:
    """The text, and what is left of it without each of its paragraphs."""
    lines = text.split("\n\n")
    return [text, *("\n\n".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines)))]


def test_no_pair_is_lost_and_most_others_are_not_read() -> None:
    texts = [*parts(RETURNS), *parts(OLDER), *parts(FORMULA), OTHER]
    pages = [Page(number, "Returns", text) for number, text in enumerate(texts)]
    pairs = [(one, other) for one in pages for other in pages if one.key < other.key]
    found = [pair for pair in pairs if twins(*pair) is not None]
    let_through = [pair for pair in pairs if may_be_twins(outline(pair[0]), outline(pair[1]))]
    assert found
    assert [pair for pair in found if pair not in let_through] == []
    assert len(let_through) < len(pairs)


def test_an_outline_is_kept_as_it_is() -> None:
    one = outline(Page(1, "Returns", f"# Returns\n\n{RETURNS}"))
    assert unpacked(packed(one)) == one
    assert any(line.is_heading for line in one)
    assert unpacked(packed(())) == ()


def test_formulas_are_the_same_by_outline_and_by_text() -> None:
    pages = [Page(n, f"Part {n}", f"Part {n} of it.\n\n{FORMULA}") for n in range(4)]
    numbers = formulas(outline(pages[0]), [outline(page) for page in pages[1:]])
    keys = keys_in(pages[0], numbers)
    assert keys == duplicates.formulas(pages[0], pages[1:])
    assert len(keys) == 5


def test_bands_are_the_same_where_numpy_is_missing(monkeypatch) -> None:
    page = Page(1, "Returns", RETURNS)
    found = duplicates.bands(page)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert duplicates.bands(page) == found


def of_its_own(number: int) -> str:
    """Shares a paragraph with all others, and says much that none of them does."""
    own = " ".join(f"thing{number}x{at}" for at in range(40))
    return f"{OTHER}\n\n{own}"


def statements_of_comparing(key: int) -> int:
    ReviewedArticle.objects.filter(article=key).delete()
    article = Article.objects.select_related("published_revision").get(pk=key)
    comparison = Comparison()
    with CaptureQueriesContext(connection) as queries:
        reviewing.compare(article, comparison)
    return len(queries)


@pytest.mark.django_db
def test_comparing_costs_as_many_statements_however_many_neighbours_there_are() -> None:
    article = make_article("Part 0", of_its_own(0))
    for number in range(1, 3):
        make_article(f"Part {number}", of_its_own(number))
    reviewing.compare_articles(seconds=60)
    few = statements_of_comparing(article.pk)
    for number in range(3, 8):
        make_article(f"Part {number}", of_its_own(number))
    reviewing.compare_articles(seconds=60)
    assert statements_of_comparing(article.pk) == few
    assert not Suggestion.objects.exists()
    assert reviewing.count_left() == (0, 8)
