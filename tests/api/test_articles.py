"""Articles through the API: the public ones for anybody, internal ones for agents."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from knowledge.models import Article
from tests.factories import publish_article

LIST = "/api/v1/articles/"


def slugs(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["slug"] for row in response.data["results"]]


@pytest.fixture
def internal(revision):
    publish_article("Fraud checks", "Look at the address before any return.")
    Article.objects.filter(slug="fraud-checks").update(visibility="internal")


def test_anybody_reads_public_articles(revision):
    seen = APIClient().get(f"{LIST}returns/").data
    assert (seen["title"], seen["body"]) == ("Returns", revision.body)
    assert "<strong>30 days</strong>" in seen["html"]


def test_internal_articles_are_for_agents(client_of, rex, ada, internal):
    for client in (APIClient(), client_of(rex)):
        assert slugs(client.get(LIST)) == ["returns"]
        assert slugs(client.get(f"{LIST}?q=return")) == ["returns"]
        assert client.get(f"{LIST}fraud-checks/").status_code == 404
    assert set(slugs(client_of(ada).get(LIST))) == {"returns", "fraud-checks"}
    assert "fraud-checks" in slugs(client_of(ada).get(f"{LIST}?q=fraud"))
    assert client_of(ada).get(f"{LIST}fraud-checks/").data["visibility"] == "internal"


def test_an_article_that_is_not_published_is_nowhere(client_of, ada, revision):
    Article.objects.update(state="archived", published_revision=None)
    assert slugs(client_of(ada).get(LIST)) == []
    assert client_of(ada).get(f"{LIST}returns/").status_code == 404


@pytest.mark.parametrize("query", ["%00", "'", "&|!()", "zzzzqqqq", "%20%20", "a" * 3000])
def test_any_search_is_answered(revision, query):
    assert APIClient().get(f"{LIST}?q={query}").status_code == 200


@pytest.mark.parametrize("query", ["", "?q=return"])
def test_lists_cost_the_same_however_long_they_are(django_assert_max_num_queries, db, query):
    for count in (5, 40):
        for number in range(count):
            publish_article(f"How to return {count} {number}", "Send it back.")
        with django_assert_max_num_queries(4):
            found = slugs(APIClient().get(LIST + query))
        assert len(found) == min(Article.objects.count(), 50)
