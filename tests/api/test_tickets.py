"""Tickets through the API: who sees what, and what each may do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.models import Message, Organization, Tag, Ticket, TicketEvent
from helpdesk.services.messages import post_note, post_reply
from helpdesk.services.tickets import assign_ticket
from tests.factories import MessageFactory, QueueFactory, TicketFactory, UserFactory

LIST = "/api/v1/tickets/"


def url(ticket: Ticket, *more: str) -> str:
    return "/".join([f"{LIST}{ticket.number}", *more]) + "/"


def numbers(response) -> list[int]:
    assert response.status_code == 200, response.data
    return [row["number"] for row in response.data["results"]]


def test_a_requester_sees_only_their_own(client_of, rex, olga, ticket):
    assert numbers(client_of(rex).get(LIST)) == [ticket.number]
    assert numbers(client_of(olga).get(LIST)) == []


@pytest.mark.parametrize(
    ("method", "more", "content"),
    [
        ("get", [], None),
        ("get", ["messages"], None),
        ("post", ["replies"], {"body": "Hi"}),
    ],
)
def test_somebody_elses_ticket_is_not_found(client_of, olga, ticket, method, more, content):
    response = getattr(client_of(olga), method)(url(ticket, *more), content)
    assert (response.status_code, response.data["code"]) == (404, "not_found")
    assert Message.objects.count() == 1


def test_colleagues_see_each_others_tickets_if_their_organization_shares(client_of, ticket, rex):
    club = Organization.objects.create(name="Alpine club", shares_tickets=True)
    colleague = UserFactory(organization=club)
    Ticket.objects.update(organization=club)
    assert numbers(client_of(colleague).get(LIST)) == [ticket.number]

    Organization.objects.update(shares_tickets=False)
    colleague.organization.refresh_from_db()
    assert numbers(client_of(colleague).get(LIST)) == []


def test_a_requester_does_not_see_how_agents_sort_the_ticket(client_of, rex, ada, ticket):
    assign_ticket(ticket=ticket, assignee=ada, by=ada)
    seen = client_of(rex).get(url(ticket)).data
    assert not {"priority", "queue", "tags", "assignee", "due_at", "token"} & seen.keys()
    assert client_of(ada).get(url(ticket)).data["assignee"]["email"] == ada.email


def test_a_requester_opens_a_ticket_that_is_acknowledged_and_drafted(client_of, rex):
    response = client_of(rex).post(
        LIST,
        {"subject": "Zip broke", "body": "The zip of my jacket broke.", "order_reference": "9"},
    )
    assert response.status_code == 201, response.data
    ticket = Ticket.objects.get(number=response.data["number"])
    assert (ticket.requester, ticket.channel, ticket.order_reference) == (rex, "api", "9")
    assert [message.kind for message in ticket.messages.all()] == ["reply", "automatic"]
    assert response.data["requester"]["email"] == rex.email


def test_an_agent_opens_a_ticket_for_somebody_new(client_of, ada):
    queue = QueueFactory(slug="repairs")
    response = client_of(ada).post(
        LIST,
        {
            "body": "She called: the zip broke.",
            "requester_email": "Nia@Example.com",
            "requester_name": "Nia",
            "priority": "high",
            "queue": "repairs",
        },
    )
    assert response.status_code == 201, response.data
    ticket = Ticket.objects.get()
    assert (ticket.requester.email, ticket.priority, ticket.queue) == ("nia@example.com", 3, queue)
    assert response.data["priority"] == "high"


@pytest.mark.parametrize("field", ["requester_email", "priority", "queue"])
def test_a_requester_may_not_choose_what_is_for_agents(client_of, rex, field):
    QueueFactory(slug="repairs")
    content = {"requester_email": "nia@example.com", "priority": "urgent", "queue": "repairs"}
    response = client_of(rex).post(LIST, {"body": "Hello", field: content[field]})
    assert (response.status_code, response.data["code"]) == (403, "not_an_agent")
    assert not Ticket.objects.exists()


def test_an_agent_changes_a_ticket_all_at_once(client_of, ada, bo, ticket):
    QueueFactory(slug="repairs")
    response = client_of(ada).patch(
        url(ticket),
        {
            "status": "open",
            "priority": "urgent",
            "assignee": bo.pk,
            "queue": "repairs",
            "tags": ["zip", "Zip", "jacket"],
        },
    )
    assert response.status_code == 200, response.data
    assert response.data["status"] == "open"
    assert response.data["priority"] == "urgent"
    assert response.data["assignee"]["id"] == bo.pk
    assert response.data["queue"] == "repairs"
    assert response.data["tags"] == ["Zip", "jacket"]
    assert set(ticket.events.values_list("kind", flat=True)) == {
        "status", "priority", "assignee", "queue", "tags",
    }  # fmt: skip


def test_a_change_that_is_refused_changes_nothing(client_of, ada, ticket):
    Ticket.objects.update(status="closed", solved_at=timezone.now(), closed_at=timezone.now())
    response = client_of(ada).patch(url(ticket), {"priority": "urgent", "status": "open"})
    assert (response.status_code, response.data["code"]) == (409, "ticket_closed")
    ticket.refresh_from_db()
    assert ticket.priority == Ticket.Priority.NORMAL
    assert not TicketEvent.objects.exists()


def test_a_ticket_cannot_be_assigned_to_a_requester(client_of, ada, olga, ticket):
    response = client_of(ada).patch(url(ticket), {"assignee": olga.pk})
    assert response.status_code == 400
    assert list(response.data["fields"]) == ["assignee"]


def test_a_requester_may_not_change_a_ticket(client_of, rex, ticket):
    response = client_of(rex).patch(url(ticket), {"status": "closed"})
    assert (response.status_code, response.data["code"]) == (403, "not_an_agent")


@pytest.fixture
def shelf(ada, bo, rex, ticket):
    """Three tickets that differ in everything that can be asked for."""
    old = TicketFactory(subject="Lost parcel", assignee=ada, status="open", priority=4)
    old.tags.add(Tag.objects.create(name="DHL"))
    Ticket.objects.filter(pk=old.pk).update(updated_at=timezone.now() - timedelta(days=9))
    MessageFactory(ticket=old, body="The courier left it in the rain.")
    earlier = timezone.now() - timedelta(hours=1)
    solved = TicketFactory(
        subject="Voucher", assignee=bo, status="solved", created_at=earlier, solved_at=earlier
    )
    return {"ticket": ticket.number, "old": old.number, "solved": solved.number}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=open", {"old"}),
        ("status=open&status=solved", {"old", "solved"}),
        ("priority=urgent", {"old"}),
        ("assignee=me", {"old"}),
        ("assignee=none", {"ticket"}),
        ("assignee=0", set()),
        ("assignee=nonsense", set()),
        ("tag=dhl", {"old"}),
        ("requester=REX@example.com", {"ticket"}),
        ("q=courier", {"old"}),
        ("q=voucher", {"solved"}),
        ("q=99999999999999999999999999", set()),
        ("queue=nowhere", set()),
    ],
)
def test_an_agent_narrows_the_list(client_of, ada, shelf, query, expected):
    assert set(numbers(client_of(ada).get(f"{LIST}?{query}"))) == {
        shelf[name] for name in expected
    }


def test_an_agent_narrows_the_list_by_the_id_of_an_agent_and_by_time(client_of, ada, bo, shelf):
    client = client_of(ada)
    assert numbers(client.get(f"{LIST}?assignee={bo.pk}")) == [shelf["solved"]]
    since = (timezone.now() - timedelta(days=1)).isoformat().replace("+", "%2B")
    assert shelf["old"] not in numbers(client.get(f"{LIST}?updated_since={since}"))


@pytest.mark.parametrize(
    "query", ["status=lost", "updated_since=tomorrow", "q=a%00b", "priority=9"]
)
def test_a_filter_that_makes_no_sense_is_refused(client_of, ada, query):
    response = client_of(ada).get(f"{LIST}?{query}")
    assert (response.status_code, response.data["code"]) == (400, "invalid")


def test_a_requester_cannot_find_out_what_agents_note(client_of, rex, ada, ticket):
    post_note(ticket=ticket, author=ada, body="Possible fraud.")
    ticket.tags.add(Tag.objects.create(name="fraud"))
    client = client_of(rex)
    assert numbers(client.get(f"{LIST}?q=jacket")) == [ticket.number]
    assert numbers(client.get(f"{LIST}?q=fraud")) == []
    # A filter that is for agents does nothing.
    assert numbers(client.get(f"{LIST}?tag=other&assignee=me")) == [ticket.number]
    assert numbers(client_of(ada).get(f"{LIST}?q=fraud")) == [ticket.number]


def test_a_requester_cannot_find_a_reply_that_may_be_taken_back(client_of, rex, ada, ticket):
    post_reply(ticket=ticket, author=ada, body="Gladly, an exchange.")
    assert numbers(client_of(rex).get(f"{LIST}?q=exchange")) == []


def test_pages_go_on_where_the_last_one_ended(client_of, ada):
    made = [TicketFactory().number for _ in range(5)]
    client = client_of(ada)
    first = client.get(f"{LIST}?page_size=3")
    TicketFactory()
    second = client.get(first.data["next"])
    assert numbers(first) + numbers(second) == made[::-1]


@pytest.mark.parametrize("role", ["ada", "rex"])
def test_the_list_costs_the_same_however_long_it_is(
    request, client_of, django_assert_num_queries, role
):
    person = request.getfixturevalue(role)
    queue, tag = QueueFactory(), Tag.objects.create(name="zip")
    for count in (5, 45):
        for _ in range(count):
            ticket = TicketFactory(requester=request.getfixturevalue("rex"), queue=queue)
            ticket.tags.add(tag)
        with django_assert_num_queries(2):
            listed = numbers(client_of(person).get(LIST))
        assert len(listed) == Ticket.objects.count()


def test_a_number_beyond_all_bounds_is_not_found(client_of, ada):
    assert client_of(ada).get(f"{LIST}999999999999999999/").status_code == 404
    assert client_of(ada).get(f"{LIST}99999999999999999999999/").status_code == 404
