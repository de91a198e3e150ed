"""What readers saw at a moment of the past can be told afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Publication
from knowledge.services import archive, change_details, publish, save_revision
from knowledge.types import AGENT, CUSTOMER, ArticleText
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


def shown(at, viewer=CUSTOMER):
    return set(Publication.objects.shown_at(at, viewer).values_list("revision_id", flat=True))


def test_each_revision_showed_from_its_publication_to_the_next():
    before = timezone.now()
    article = make_article()
    first = article.published_revision_id
    between = timezone.now()
    second = save_revision(article=article, text=ArticleText("Returns", "60 days."), author=None)
    publish(article=article)
    after = timezone.now()
    archive(article=article)

    assert shown(before) == set()
    assert shown(between) == {first}
    assert shown(after) == {second.pk}
    assert shown(timezone.now()) == set()


def test_what_was_internal_then_was_not_for_customers():
    article = make_article()
    details = article.details
    public = timezone.now()
    change_details(article=article, details=details.__class__(visibility="internal"))
    internal = timezone.now()

    assert shown(public) == {article.published_revision_id}
    assert shown(internal) == set()
    assert shown(internal, AGENT) == {article.published_revision_id}


def test_dates_of_validity_count_at_their_time():
    article = make_article()
    now = timezone.now()
    change_details(
        article=article,
        details=article.details.__class__(valid_until=now + timedelta(days=1)),
    )

    assert shown(timezone.now()) == {article.published_revision_id}
    assert shown(now + timedelta(days=2)) == set()


def test_only_articles_that_changed_since_are_told():
    old, new = make_article(title="Old"), make_article(title="New")
    Publication.objects.filter(article=old).update(shown_from=timezone.now() - timedelta(days=9))
    changed = Publication.objects.changed_since(timezone.now() - timedelta(days=1))

    assert {publication.article_id for publication in changed} == {new.pk}
