"""What articles claim is read once, kept as numbers, and told from that which claims may match."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import helpdesk.demo
from helpdesk.models import GapNight
from knowledge.services import publish, save_revision
from knowledge.types import ArticleText
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.claim_reading import count_unread, read_claims, text_of
from qa_engine.evaluation.articles import load_articles
from qa_engine.models import ArticleClaims
from qa_engine.suggesting.claims import claims
from qa_engine.suggesting.contradictions import Finder, rarity_of
from qa_engine.suggesting.packing import packed
from qa_engine.suggesting.pairs import agree
from qa_engine.suggesting.shelves import Shelf
from qa_engine.suggesting.stretches import Text
from tests.knowledge.factories import make_article

RETURNS = "You can return an unused item within 30 days of delivery. Keep the receipt of the shop."


def test_the_shelf_loses_no_pair_that_the_rules_let_through():
    """The demo shop's own articles, each against all others."""
    folder = Path(helpdesk.demo.__file__).parent / "content" / "articles"
    records = load_articles(folder).records[::4]
    told = {
        number: claims(Text(number, one.title, one.body, one.summary))
        for number, one in enumerate(records)
    }
    finder = Finder(
        HashingEmbedder().embed_passages, rarity_of(f"{one.title}\n{one.body}" for one in records)
    )
    kept = {number: packed(found) for number, found in told.items()}
    shelf = Shelf(kept, finder.rarity, finder.weights)
    may = 0
    for number, mine in told.items():
        possible = {
            (one.mine, one.article, one.theirs): one for one in shelf.possible(mine, number)
        }
        for other, theirs in told.items():
            for (i, one), (j, two) in product(enumerate(mine), enumerate(theirs)):
                is_pair = other != number and one.family == two.family
                if is_pair and finder.may_match(one, two):
                    may += 1
                    found = possible[i, other, j]
                    assert found.agrees == agree(one, two)
                    assert found.at_most >= finder.highest(one, two) - 1e-6
    assert may > 20


def test_a_text_is_read_once_for_what_it_claims(db):
    article = make_article("Returns", RETURNS)
    make_article("Care", "By hand.")
    assert read_claims(seconds=60) == 2
    assert (read_claims(seconds=60), count_unread()) == (0, (0, 2))
    save_revision(article=article, text=ArticleText("Returns", RETURNS.replace("30", "14")))
    publish(article=article)
    assert count_unread() == (1, 2)
    assert read_claims(seconds=60) == 1
    article.refresh_from_db()
    kept = ArticleClaims.objects.get(article=article)
    assert kept.revision_id == article.published_revision_id
    assert bytes(kept.packed) == packed(claims(text_of(article.published_revision)))


def test_the_page_of_a_night_tells_how_far_reading_has_come(mia, browser_of):
    make_article("Returns", RETURNS)
    read_claims(seconds=60)
    make_article("Care", "By hand.")
    night = GapNight.objects.create(key="2026-11-24")
    url = reverse("admin:helpdesk_gapnight_change", args=[night.pk])
    page = " ".join(browser_of(mia).get(url).content.decode().split())
    assert "1 / 2 (50%)" in page  # read
    assert "0 / 2 (0%)" in page  # compared
    assert "0 / 0 (100%)" in page  # links


def test_of_an_article_claims_are_kept_once(db):
    article = make_article("Returns", RETURNS)
    read_claims(seconds=60)
    kept = ArticleClaims.objects.get(article=article)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleClaims.objects.create(
            article=article, revision=kept.revision, recipe="", packed=b""
        )


def test_reading_costs_as_many_statements_however_many_texts_there_are(db):
    def statements(count: int) -> int:
        for number in range(count):
            make_article(f"Part {count} {number}", RETURNS)
        with CaptureQueriesContext(connection) as queries:
            assert read_claims(seconds=60) == count
        return len(queries)

    assert statements(2) == statements(9)
