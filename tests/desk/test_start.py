"""The start page: its figures, and what it costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.desk.charts import stacked
from helpdesk.drafting import store_result
from helpdesk.models import Draft, Ticket
from helpdesk.services.drafts import approve_draft, reject_draft
from helpdesk.services.ratings import rate_ticket
from knowledge.models import SearchLog
from qa_engine.types import Reason
from tests.desk.conftest import empty_result
from tests.factories import MessageFactory, TicketFactory


@pytest.fixture
def start() -> str:
    return reverse("admin:index")


def test_the_four_figures_are_those_of_the_period(browser_of, ada, rex, many, start):
    first, second, third, fourth = (ticket.drafts.get() for ticket in many(4))
    approve_draft(draft=first, by=ada, solve=True)
    approve_draft(draft=second, by=ada, body="Other words")
    reject_draft(draft=third, by=ada, reason="wrong")
    rate_ticket(ticket=first.ticket, by=rex, rating="good")
    for ticket in (first.ticket, second.ticket):
        ticket.refresh_from_db()
        asked = timezone.now() - timedelta(hours=3, minutes=1)
        Ticket.objects.filter(pk=ticket.pk).update(created_at=asked)
    context = browser_of(ada).get(start).context
    values = [figure.value for figure in context["figures"]]
    assert values == ["3 h", "33 %", "100 %", "100 %"]
    assert [share for _name, share in context["rates"]] == ["33 %", "33 %", "67 %"]
    assert fourth.is_waiting


def test_a_figure_is_compared_with_the_period_before(browser_of, ada, many, start):
    before, now = (ticket.drafts.get() for ticket in many(2))
    reject_draft(draft=before, by=ada, reason="wrong")
    approve_draft(draft=now, by=ada)
    long_ago = timezone.now() - timedelta(days=10)
    Draft.objects.filter(pk=before.pk).update(created_at=long_ago)
    figure = browser_of(ada).get(start, {"days": 7}).context["figures"][1]
    assert (figure.value, figure.trend, figure.is_better) == ("100 %", "▲ 100 points", True)


def test_without_any_ticket_nothing_is_divided_by_zero(browser_of, ada, start):
    html = browser_of(ada).get(start).content.decode()
    assert "No ticket was opened in this time." in html
    assert "No question went unanswered in this time." in html


def test_gaps_count_the_same_question_once_a_ticket(browser_of, mia, start, db):
    for _number in range(3):
        message = MessageFactory(ticket=TicketFactory())
        store_result(message=message, attempt=1, result=empty_result(Reason.NO_PASSAGE))
    response = browser_of(mia).get(start)
    gap, _why = response.context["gaps"][0]
    assert (gap.question, gap.tickets) == ("Do you ship to Norway?", 3)
    assert reverse("admin:knowledge_article_add") in response.content.decode()


def test_searches_in_vain_are_named_with_how_often(browser_of, ada, start):
    for query in ("Klarna", "klarna", "found"):
        SearchLog.objects.create(query=query, result_count=int(query == "found"))
    assert browser_of(ada).get(start).context["searches"] == [("klarna", 2)]


def test_the_engine_without_a_worker_needs_a_look(browser_of, ada, start):
    html = browser_of(ada).get(start).content.decode()
    assert "The engine needs a look" in html
    assert "no worker" in html


def test_the_start_page_costs_the_same_however_many_tickets(
    browser_of, ada, many, start, django_assert_num_queries
):
    browser = browser_of(ada)
    many(2)
    browser.get(start)
    with django_assert_num_queries(QUERIES):
        browser.get(start)
    many(20)
    with django_assert_num_queries(QUERIES):
        browser.get(start)


#: Session and person, permissions, three measures, and a query for each list.
QUERIES = 15


def test_the_chart_stacks_each_day_and_keeps_empty_days(db):
    days = {date(2026, 3, 2): {"a": 3, "b": 1}}
    chart = stacked(days, ["a", "b"], first=date(2026, 3, 1), last=date(2026, 3, 3))
    assert [column.total for column in chart.columns] == [0, 4, 0]
    lower, upper = chart.columns[1].blocks
    assert lower.y == pytest.approx(upper.y + upper.height)
    assert lower.height == pytest.approx(3 * upper.height, rel=0.01)
