"""The start page: its figures, and what it costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.desk.charts import stacked
from helpdesk.drafting import store_result
from helpdesk.models import Draft, Gap, GapNight, Ticket
from helpdesk.services.drafts import approve_draft, reject_draft
from helpdesk.services.ratings import rate_ticket
from knowledge.models import SearchLog
from knowledge.services.suggestions import propose
from qa_engine.types import Reason
from tests.desk.conftest import empty_result
from tests.factories import MessageFactory, TicketFactory
from tests.knowledge.factories import make_proposal


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


def test_before_the_first_night_the_same_question_counts_once_a_ticket(browser_of, mia, start, db):
    for _number in range(3):
        message = MessageFactory(ticket=TicketFactory())
        store_result(message=message, attempt=1, result=empty_result(Reason.NO_PASSAGE))
    response = browser_of(mia).get(start)
    one, _why = response.context["unanswered"][0]
    assert (one.question, one.tickets) == ("Do you ship to Norway?", 3)
    assert reverse("admin:knowledge_article_add") in response.content.decode()


def make_gap(name: str, minutes: float, **fields) -> Gap:
    return Gap.objects.create(
        name=name, centroid=[1.0, 0.0], embedder="test", tickets_per_week=2.5,
        handling_minutes=minutes, **fields,
    )  # fmt: skip


def test_the_dearest_open_gaps_lead_to_their_proposal_or_to_an_article(
    browser_of, mia, start, revision
):
    message = MessageFactory(ticket=TicketFactory())
    store_result(message=message, attempt=1, result=empty_result(Reason.NO_PASSAGE))
    suggestion = propose(make_proposal(revision)).suggestion
    make_gap("do you rent tents?", 4)
    make_gap("can I pay in Bitcoin?", 24, state="reopened", suggestion=suggestion)
    make_gap("settled", 99, state="answered", answered_at=timezone.now())
    response = browser_of(mia).get(start)
    assert [(gap.name, said) for gap, said in response.context["gaps"]] == [
        ("can I pay in Bitcoin?", "2.5 tickets, 1.0 h a week"),
        ("do you rent tents?", "2.5 tickets, 0.2 h a week"),
    ]
    html = response.content.decode()
    proposal = reverse("admin:knowledge_suggestion_change", args=[suggestion.pk])
    assert f'href="{proposal}">Open the proposal' in html
    add = reverse("admin:knowledge_article_add")
    assert f'href="{add}?title=Do%20you%20rent%20tents%3F">Write the article' in html
    assert html.count("Write the article") == 1
    assert "Do you ship to Norway?" not in html


def test_a_night_that_found_no_gap_leaves_none_to_show(browser_of, mia, start, db):
    message = MessageFactory(ticket=TicketFactory())
    store_result(message=message, attempt=1, result=empty_result(Reason.NO_PASSAGE))
    GapNight.objects.create(key="a night", stage="done", finished_at=timezone.now())
    response = browser_of(mia).get(start)
    assert "has come together to a gap" in response.content.decode()
    assert not response.context["unanswered"]


def test_the_start_page_costs_the_same_however_many_gaps(
    browser_of, mia, start, revision, django_assert_num_queries
):
    browser = browser_of(mia)
    make_gap("first", 1, suggestion=propose(make_proposal(revision)).suggestion)
    browser.get(start)
    for more in range(2):
        # Instead of looking for a night, and for questions by their wording.
        with django_assert_num_queries(QUERIES - 2):
            browser.get(start)
        for number in range(3):
            proposal = make_proposal(revision, fact_key=f"{more} {number}")
            make_gap(f"{more} {number}", 1, suggestion=propose(proposal).suggestion)


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
QUERIES = 17


def test_the_chart_stacks_each_day_and_keeps_empty_days(db):
    days = {date(2026, 3, 2): {"a": 3, "b": 1}}
    chart = stacked(days, ["a", "b"], first=date(2026, 3, 1), last=date(2026, 3, 3))
    assert [column.total for column in chart.columns] == [0, 4, 0]
    lower, upper = chart.columns[1].blocks
    assert lower.y == pytest.approx(upper.y + upper.height)
    assert lower.height == pytest.approx(3 * upper.height, rel=0.01)
