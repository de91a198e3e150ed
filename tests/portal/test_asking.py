"""The question box, and what it finds before a ticket is opened."""

from __future__ import annotations

import pytest
from django.utils import timezone

from helpdesk.models import Ticket
from knowledge.models import Article, SearchLog

pytestmark = pytest.mark.django_db

SUGGESTIONS = "/tickets/suggestions/"
SOLVED = "/tickets/solved/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def test_the_home_page_asks_one_question(client):
    page = client.get("/").content.decode()

    assert "What can we help with?" in page
    assert 'name="question"' in page


def test_typing_brings_articles(client, findable):
    page = client.post(SUGGESTIONS, {"question": "return an item"}, **HTMX).content.decode()

    assert "Returns" in page
    assert findable.article.get_absolute_url() in page
    assert "That helped" in page


def test_subject_and_text_of_the_form_are_a_question_too(client, findable):
    found = client.post(SUGGESTIONS, {"subject": "returns", "body": "any item"}, **HTMX)

    assert "Returns" in found.content.decode()


def test_the_answer_is_asked_for_separately_so_that_articles_never_wait(client, findable):
    page = client.post(SUGGESTIONS, {"question": "return an item"}, **HTMX).content.decode()

    assert 'hx-trigger="load"' in page
    assert "Does this answer it?" not in page


def test_internal_articles_are_not_suggested(client, findable):
    Article.objects.update(visibility="internal")

    page = client.post(SUGGESTIONS, {"question": "return an item"}, **HTMX).content.decode()

    assert "That helped" not in page


def test_an_article_that_has_run_out_is_not_suggested(client, findable):
    Article.objects.update(valid_until=timezone.now())

    page = client.post(SUGGESTIONS, {"question": "return an item"}, **HTMX).content.decode()

    assert "That helped" not in page


def test_nothing_typed_finds_nothing(client, findable):
    assert "That helped" not in client.post(SUGGESTIONS, {"question": " "}).content.decode()


def test_markup_in_a_question_stays_text(client, findable):
    page = client.post("/tickets/new/", {"question": "<script>item</script>"}).content.decode()

    assert "<script>item" not in page


def test_without_a_worker_the_answer_is_left_out(client, findable, settings):
    settings.QA_LIVE_DEADLINE = 0.05

    response = client.post(SUGGESTIONS, {"question": "return an item", "part": "answer"}, **HTMX)

    assert response.status_code == 200
    assert response.content.strip() == b""


def test_suggestions_stop_for_a_place_that_asks_too_often(client, findable, settings):
    settings.PORTAL_SUGGESTIONS_PER_MINUTE = 1
    client.post(SUGGESTIONS, {"question": "return"}, **HTMX)

    page = client.post(SUGGESTIONS, {"question": "return"}, **HTMX).content.decode()

    assert "That helped" not in page


def test_without_javascript_the_box_leads_to_suggestions_and_the_form_filled_in(client, findable):
    question = "Can I return an item?\nIt was a gift – and I have no receipt."

    page = client.post("/tickets/new/", {"question": question}).content.decode()

    assert "These may help" in page
    assert "It was a gift – and I have no receipt." in page
    assert 'value="Can I return an item?"' in page
    assert not Ticket.objects.exists()


def test_that_it_helped_is_recorded_with_the_article_and_thanked_for(client, findable):
    response = client.post(
        SOLVED, {"question": "return an item", "article": "returns"}, follow=True
    )

    search = SearchLog.objects.get()
    assert search.is_solved
    assert search.article == findable.article
    assert (search.query, search.result_count) == ("return an item", 1)
    assert "Thank you" in response.content.decode()
    assert not Ticket.objects.exists()


def test_an_internal_article_cannot_be_named_as_what_helped(client, findable):
    Article.objects.update(visibility="internal")

    client.post(SOLVED, {"question": "return an item", "article": "returns"})

    assert SearchLog.objects.get().article is None


def test_only_a_click_records_anything(client, findable):
    client.get(SUGGESTIONS, {"question": "return an item"})

    assert client.get(SOLVED).status_code == 405
    assert not SearchLog.objects.exists()


def test_suggestions_cost_the_same_however_many_articles_match(
    client, findable, django_assert_max_num_queries
):
    with django_assert_max_num_queries(4):
        client.post(SUGGESTIONS, {"question": "return an item"}, **HTMX)


def ask(client):
    question = "Within how many days can I return any item?"
    return client.post(SUGGESTIONS, {"question": question, "part": "answer"}, **HTMX)


def test_a_sure_answer_is_quoted_with_its_article(client, findable, eager_worker, settings):
    settings.PORTAL_SURE = 0.0

    page = ask(client).content.decode()

    assert "Does this answer it?" in page
    assert "30 days" in page
    assert findable.article.get_absolute_url() in page


def test_an_answer_that_is_not_sure_is_kept_back(client, findable, eager_worker, settings):
    settings.PORTAL_SURE = 1.01

    assert ask(client).content.strip() == b""


def test_live_answers_stop_for_a_place_that_asks_too_often(
    client, findable, eager_worker, settings
):
    settings.PORTAL_SURE = 0.0
    settings.PORTAL_LIVE_ANSWERS_PER_MINUTE = 1
    ask(client)

    assert ask(client).content.strip() == b""
