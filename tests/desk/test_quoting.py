"""What was found near a question that got no answer goes into a reply with one click."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.drafting import store_result
from helpdesk.models import Draft
from knowledge.models import Article
from knowledge.services import publish, save_revision
from knowledge.types import ArticleText
from qa_engine.types import Reason
from tests.desk.conftest import HTMX, empty_result, evidence_in

QUOTE = "within **30 days**"
WORDS = "within 30 days"


@pytest.fixture
def near(message, revision) -> str:
    """The draft's nearest words, as the button names them."""
    found = evidence_in(revision, QUOTE, score=0.21)
    store_result(message=message, attempt=1, result=empty_result(Reason.LOW_CONFIDENCE, found))
    return f"{revision.pk}:{found.start}:{found.end}"


def test_the_nearest_words_are_shown_with_a_button(browser_of, ada, page, near, revision):
    browser = browser_of(ada)
    html = browser.get(page).content.decode()
    assert f"<p>{WORDS}</p>" in html
    assert f'name="quote" value="{near}"' in html
    assert f"Insert into the reply: {revision.title}" in html


def test_they_go_where_the_cursor_stands(browser_of, ada, to, near):
    sent = {"body": "Dear Rex, \r\nAda", "quote": near, "at": "10"}
    html = browser_of(ada).post(to("quote"), sent, headers=HTMX).content.decode()
    assert f"Dear Rex, {WORDS}\nAda</textarea>" in html
    assert f'data-at="{10 + len(WORDS)}"' in html


def test_without_scripts_they_go_below_what_was_typed(browser_of, ada, to, near):
    sent = {"body": "Dear Rex,", "quote": near, "own": "1"}
    answer = browser_of(ada).post(to("quote"), sent, follow=True)
    assert answer.context["composer"].text == f"Dear Rex,\n\n{WORDS}"


@pytest.mark.parametrize(
    "place", ["", "1:2", "a:b:c", "0:0:5", f"{'9' * 5000}:1:2", "{revision}:0:3"]
)
def test_nothing_else_of_an_article_can_be_had(browser_of, ada, to, near, revision, place):
    sent = {"body": "Typed", "quote": place.format(revision=revision.pk)}
    answer = browser_of(ada).post(to("quote"), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "Typed</textarea>" in answer.content.decode()
    assert "not among what was found" in answer.content.decode()


def test_words_that_the_article_does_not_say_any_more_are_refused(
    browser_of, ada, to, near, revision
):
    article = revision.article
    save_revision(
        article=article, text=ArticleText(revision.title, "You have 14 days."), author=None
    )
    publish(article=article)
    for headers in (HTMX, {}):
        answer = browser_of(ada).post(
            to("quote"), {"body": "Typed", "quote": near}, headers=headers
        )
        assert answer.status_code == 409
        assert "reads otherwise by now" in answer.content.decode()
        assert "Typed</textarea>" in answer.content.decode()


def test_words_that_the_requester_may_not_read_are_refused(browser_of, ada, to, near, revision):
    Article.objects.filter(pk=revision.article_id).update(visibility="internal")
    answer = browser_of(ada).post(to("quote"), {"body": "", "quote": near}, headers=HTMX)
    assert answer.status_code == 409
    assert "may not read this article" in answer.content.decode()


def test_a_draft_that_waits_offers_none(browser_of, ada, page, draft):
    assert 'name="quote"' not in browser_of(ada).get(page).content.decode()


def test_more_of_them_cost_no_more_queries(browser_of, ada, page, near, revision):
    browser = browser_of(ada)
    browser.get(page)
    with CaptureQueriesContext(connection) as one:
        browser.get(page)
    draft = Draft.objects.get()
    question = draft.questions[0]
    place = question["runners_up"][0]
    question["runners_up"] = [place | {"end": place["end"] - n} for n in range(3)]
    draft.questions = [question] * 3
    draft.save(update_fields=["questions"])
    with CaptureQueriesContext(connection) as many:
        html = browser.get(page).content.decode()
    assert html.count('name="quote"') == 9
    assert len(many) == len(one)
