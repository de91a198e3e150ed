"""The inbox: what it shows to whom, and what it does to several tickets at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from helpdesk.desk.filters import InboxFilters
from helpdesk.models import Draft, Message, Ticket
from helpdesk.services.drafts import approve_draft
from helpdesk.services.tickets import assign_ticket, set_status
from tests.desk.conftest import HTMX
from tests.factories import TicketFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def inbox() -> str:
    return reverse("admin:helpdesk_ticket_changelist")


def test_a_row_shows_the_draft_its_confidence_and_the_newest_words(browser_of, ada, draft, inbox):
    page = browser_of(ada).get(inbox).content.decode()
    assert "Returning a jacket" in page
    assert "How long do I have to return a jacket?" in page
    assert "You can return it within 30 days." in page
    assert "92 % sure" in page


def test_requesters_do_not_get_in(browser_of, rex, ticket, inbox):
    response = browser_of(rex).get(inbox)
    assert response.status_code == 302
    assert "Returning a jacket" not in response.content.decode()


def test_nobody_gets_in_without_logging_in_through_allauth(client, db, inbox):
    response = client.get(inbox, follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_tabs_count_what_they_hold(browser_of, ada, draft, ticket, inbox):
    TicketFactory(assignee=ada)
    late = TicketFactory(due_at=timezone.now() - timedelta(hours=3))
    tabs = browser_of(ada).get(inbox).context["tabs"]
    assert [(tab.key, tab.count) for tab in tabs] == [
        ("drafts", 1), ("mine", 1), ("unassigned", 2), ("overdue", 1), ("all", None),
    ]  # fmt: skip
    rows = browser_of(ada).get(inbox, {"tab": "overdue"}).context["page"].rows
    assert [row.ticket for row in rows] == [late]
    assert rows[0].due == "overdue by 3 h"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "return a jacket"}, True),
        ({"q": "rex@example"}, True),
        ({"q": "submarine"}, False),
        ({"status": "new"}, True),
        ({"status": "solved"}, False),
        ({"priority": "4"}, False),
        ({"assignee": "none"}, True),
        ({"channel": "email"}, False),
    ],
)
def test_search_and_filters_narrow_the_list(browser_of, ada, ticket, inbox, asked, found):
    rows = browser_of(ada).get(inbox, asked).context["page"].rows
    assert [row.ticket for row in rows] == ([ticket] if found else [])


def test_an_empty_tab_says_so_in_plain_words(browser_of, ada, inbox):
    browser = browser_of(ada)
    assert "No draft is waiting." in browser.get(inbox).content.decode()
    assert "Nothing matches “zip”." in browser.get(inbox, {"q": "zip"}).content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "99999999999999999999"},
        {"page": "-1"},
        {"page": "x"},
        {"tab": "'"},
        {"queue": "1; drop table"},
        {"q": "\x00 a:* & (("},
        {"assignee": "9" * 30},
        {"tag": "²"},
    ],
)
def test_nonsense_in_the_address_is_no_error(browser_of, ada, ticket, inbox, asked):
    assert browser_of(ada).get(inbox, asked).status_code == 200


def test_the_query_of_a_list_asks_for_the_same_list(db):
    filters = InboxFilters(tab="mine", q="a b", status="open", assignee="none", page=3)
    from django.http import QueryDict

    assert InboxFilters.read(QueryDict(filters.query).dict()) == filters


def test_pages_follow_each_other(browser_of, ada, inbox):
    TicketFactory.create_batch(53)
    browser = browser_of(ada)
    first = browser.get(inbox, {"tab": "all"}).context["page"]
    second = browser.get(f"{inbox}?{first.older}").context["page"]
    assert (len(first.rows), len(second.rows), second.older) == (50, 3, "")
    shown = {row.ticket.pk for row in [*first.rows, *second.rows]}
    assert len(shown) == 53


def test_the_list_costs_the_same_however_many_rows(
    browser_of, ada, many, inbox, django_assert_num_queries
):
    browser = browser_of(ada)
    many(5)
    browser.get(inbox)
    with django_assert_num_queries(11):
        browser.get(inbox)
    many(45)
    with django_assert_num_queries(11):
        assert len(browser.get(inbox).context["page"].rows) == 50


def test_htmx_gets_the_list_alone(browser_of, ada, draft, inbox):
    part = browser_of(ada).get(inbox, headers=HTMX).content.decode()
    assert "Returning a jacket" in part
    assert "<html" not in part


def test_selected_tickets_are_assigned_moved_and_tagged(browser_of, ada, inbox):
    tickets = TicketFactory.create_batch(2)
    url, chosen = reverse("admin:helpdesk_ticket_bulk"), [ticket.pk for ticket in tickets]
    browser = browser_of(ada)
    browser.post(url, {"ticket": chosen, "action": "assign"})
    browser.post(url, {"ticket": chosen, "action": "tags", "tags": "warranty, zip"})
    response = browser.post(
        url, {"ticket": chosen, "action": "status", "status": "solved", "back": "tab=mine"}
    )
    assert response.url == f"{inbox}?tab=mine"
    for ticket in tickets:
        ticket.refresh_from_db()
        assert (ticket.assignee, ticket.status) == (ada, "solved")
        assert set(ticket.tags.values_list("name", flat=True)) == {"warranty", "zip"}


def test_a_refusal_of_one_row_is_told_and_the_others_are_done(browser_of, ada):
    done, closed = TicketFactory.create_batch(2)
    set_status(ticket=closed, status="closed", by=None)
    url = reverse("admin:helpdesk_ticket_bulk")
    fields = {"ticket": [done.pk, closed.pk], "action": "status", "status": "open"}
    page = browser_of(ada).post(url, fields, follow=True).content.decode()
    assert "1 ticket changed." in page
    assert f"#{closed.number}: This ticket is closed." in page


def test_selected_drafts_are_reviewed_one_under_the_other(browser_of, ada, many):
    tickets = many(2)
    fields = {"ticket": [ticket.pk for ticket in tickets], "action": "review"}
    response = browser_of(ada).post(reverse("admin:helpdesk_ticket_bulk"), fields, follow=True)
    page = response.content.decode()
    assert page.count("You can return it within 30 days.") == 2
    assert "Approve these 2" in page


def test_approving_several_tells_of_each_what_became_of_it(browser_of, ada, bo, many):
    first, second = (ticket.drafts.get() for ticket in many(2))
    approve_draft(draft=second, by=bo)
    url = reverse("admin:helpdesk_ticket_review")
    page = browser_of(ada).post(url, {"draft": [first.pk, second.pk]}).content.decode()
    assert "1 reply is on its way." in page
    assert "This draft has been decided already. (Bo Lindqvist)" in page
    first.refresh_from_db()
    assert (first.state, first.decided_by) == (Draft.State.APPROVED, ada)
    assert Message.objects.filter(delivery="queued").count() == 2


def test_drafts_that_are_less_sure_are_not_ticked_for_approval(browser_of, ada, draft):
    Draft.objects.filter(pk=draft.pk).update(confidence=0.6, is_sure=False)
    url = reverse("admin:helpdesk_ticket_review")
    page = browser_of(ada).get(url, {"ticket": draft.ticket_id})
    assert page.context["chosen"] == 0


def test_reviewing_costs_the_same_however_many_drafts(
    browser_of, ada, many, django_assert_max_num_queries
):
    browser, url = browser_of(ada), reverse("admin:helpdesk_ticket_review")
    chosen = [ticket.pk for ticket in many(12)]
    with django_assert_max_num_queries(9):
        browser.get(url, {"ticket": chosen})


def test_a_ticket_assigned_meanwhile_leaves_the_unassigned_tab(browser_of, ada, bo, ticket, inbox):
    assign_ticket(ticket=ticket, assignee=bo, by=bo)
    assert not browser_of(ada).get(inbox, {"tab": "unassigned"}).context["page"].rows
    assert Ticket.objects.get().assignee == bo
