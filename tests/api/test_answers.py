"""Questions through the API: answered, honestly not answered, or not in time."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from knowledge.models import Article
from tests.factories import publish_article

ADDRESS = "/api/v1/answer/"


@pytest.fixture
def eager_worker(settings):
    """The worker's task runs where it is called, and its result is stored as a worker's."""
    from helpdesk.celery import app

    kept = {name: app.conf[name] for name in ("task_always_eager", "task_store_eager_result")}
    app.conf.update(task_always_eager=True, task_store_eager_result=True)
    yield
    app.conf.update(kept)


@pytest.fixture
def indexed(revision):
    from qa_engine.services import sync_article

    sync_article(revision.article_id)
    return revision


def test_a_question_is_answered_with_its_citations(client_of, rex, indexed, eager_worker):
    response = client_of(rex).post(
        ADDRESS, {"question": "Within how many days can I return any item?"}
    )
    assert response.status_code == 200, response.data
    assert response.data["is_answered"], response.data
    assert 0 < response.data["confidence"] <= 1
    citation = response.data["citations"][0]
    assert citation["article"] == "returns"
    assert indexed.body[citation["start"] : citation["end"]] == citation["quote"]
    assert (response.data["reason"], response.data["message"]) == (None, "")


def test_a_question_without_an_answer_gets_the_reason(client_of, rex, indexed, eager_worker):
    response = client_of(rex).post(ADDRESS, {"question": "Who won the chess championship?"})
    assert response.status_code == 200, response.data
    assert not response.data["is_answered"]
    assert response.data["reason"]
    assert response.data["message"]
    assert response.data["citations"] == []


def test_without_a_worker_there_are_articles_and_a_place_to_ask_again(
    client_of, rex, revision, settings
):
    settings.QA_LIVE_DEADLINE = 0.05
    response = client_of(rex).post(ADDRESS, {"question": "How do I return a jacket?"})
    assert response.status_code == 202, response.data
    assert response["Location"] == "http://testserver/api/v1/answer/"
    assert int(response["Retry-After"]) > 0
    assert [row["slug"] for row in response.data["articles"]] == ["returns"]


def test_a_question_has_words(client_of, rex):
    response = client_of(rex).post(ADDRESS, {"question": " "})
    assert (response.status_code, list(response.data["fields"])) == (400, ["question"])


def test_strangers_do_not_ask(db):
    assert APIClient().post(ADDRESS, {"question": "Hello?"}).status_code == 401


def test_an_answer_rests_on_what_its_asker_may_read(
    client_of, wim, rex, ada, wholesale, eager_worker
):
    from qa_engine.services import sync_article

    prices = publish_article(
        "Wholesale prices", "There is a discount of 40 % on wholesale orders."
    )
    Article.objects.update(visibility="restricted", reader_groups=[wholesale.pk])
    sync_article(prices.article_id)
    question = {"question": "How much discount is there on wholesale orders?"}
    for person, is_told in ((wim, True), (ada, True), (rex, False)):
        response = client_of(person).post(ADDRESS, question)
        assert response.status_code == 200
        assert ("40 %" in response.data["text"]) == is_told, person
        cited = [one["article"] for one in response.data["citations"]]
        assert cited == (["wholesale-prices"] if is_told else [])
