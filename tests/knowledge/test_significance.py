"""How much a change says otherwise, and what follows from it."""

from __future__ import annotations

import pytest

from knowledge.models import Article
from knowledge.services import (
    link_translation,
    mark_up_to_date,
    publish,
    record_feedback,
    save_revision,
)
from knowledge.significance import guess
from knowledge.types import ArticleText
from tests.knowledge.factories import make_article
from tests.knowledge.test_admin import change_url

BODY = "Unused items can be returned within 30 days. We refund the price that you have paid."


@pytest.mark.parametrize(
    ("old", "new", "weight"),
    [
        ("returned", "retturnned", "typo"),
        ("items", "Items", "typo"),
        ("30 days", "60 days", "major"),
        ("can be", "can not be", "major"),
        ("that you have paid", "that you paid for it", "minor"),
        ("We refund the price that you have paid.", "Ask the team for a voucher.", "major"),
    ],
)
def test_the_words_suggest_how_much_changed(old, new, weight):
    before, after = (ArticleText("Returns", body) for body in (BODY, BODY.replace(old, new)))
    assert before != after
    assert guess(before, after) == weight


@pytest.fixture
def dutch(db):
    original = make_article("Returns", BODY)
    dutch = make_article("Retourneren", "Binnen 30 dagen.", language="nl")
    link_translation(article=dutch, source=original)
    return dutch


def rewrite(article: Article, old: str, new: str) -> None:
    article.refresh_from_db()
    body = article.head.body.replace(old, new)
    save_revision(article=article, text=ArticleText("Returns", body), note=f"{old} → {new}")
    publish(article=article)


def test_only_a_major_change_makes_a_translation_out_of_date(dutch, browser_of, mia):
    original = dutch.translation_of
    rewrite(original, "returned", "retturnned")
    dutch.refresh_from_db()
    assert (dutch.outdated_since, original.rewritten_at) == (None, None)
    rewrite(original, "30 days", "60 days")
    for article in (dutch, original):
        article.refresh_from_db()
    assert dutch.outdated_since is not None
    assert original.rewritten_at is not None
    said = browser_of(mia).get(change_url(dutch)).content.decode()
    assert "Out of date since" in said
    assert "30 days → 60 days" in said
    mark_up_to_date(article=dutch, by=mia)
    assert (dutch.outdated_since, dutch.current_with.number) == (None, 3)


def test_going_back_to_the_text_that_was_translated_makes_it_right_again(dutch):
    original = dutch.translation_of
    rewrite(original, "30 days", "60 days")
    publish(article=original, revision=original.revisions.get(number=1))
    dutch.refresh_from_db()
    assert dutch.outdated_since is None


def test_a_translation_outlives_its_original(dutch):
    original = dutch.translation_of
    rewrite(original, "30 days", "60 days")
    original.delete()
    dutch.refresh_from_db()
    assert (dutch.translation_of, dutch.outdated_since) == (None, None)


def test_votes_on_another_text_no_longer_count(dutch):
    original = dutch.translation_of
    counted = []
    for old, new in (("returned", "retturnned"), ("30 days", "60 days")):
        shown = Article.objects.get(pk=original.pk).published_revision
        record_feedback(revision=shown, visitor=old, is_helpful=True)
        rewrite(original, old, new)
        counted.append(Article.objects.with_feedback().get(pk=original.pk).helpful_count)
    assert counted == [1, 0]
