"""Drafts through the API: for agents, with their citations, each decided on once."""

from __future__ import annotations

import pytest

from helpdesk.drafting import store_result
from helpdesk.models import Draft, Job, Message
from helpdesk.services.messages import post_requester_reply
from tests.api.conftest import cited_result
from tests.factories import MessageFactory, TicketFactory

LIST = "/api/v1/drafts/"


def test_a_draft_shows_the_words_it_rests_on(client_of, ada, draft, revision):
    seen = client_of(ada).get(f"{LIST}{draft.pk}/").data
    (citation,) = seen["citations"]
    assert seen["ticket"] == draft.ticket.number
    assert seen["body"][citation["sentence_start"] : citation["sentence_end"]] == seen["body"]
    assert revision.body[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["revision"] == {
        "id": revision.pk, "article": "returns", "number": 1, "title": "Returns",
    }  # fmt: skip


@pytest.mark.parametrize("person", ["rex", "olga"])
@pytest.mark.parametrize(
    ("method", "more"),
    [("get", ""), ("get", "{}/"), ("post", "{}/approve/"), ("post", "{}/reject/")],
)
def test_requesters_have_nothing_to_do_with_drafts(
    request, client_of, draft, person, method, more
):
    client = client_of(request.getfixturevalue(person))
    response = getattr(client, method)(LIST + more.format(draft.pk), {"reason": "wrong"})
    assert (response.status_code, response.data["code"]) == (403, "not_an_agent")
    draft.refresh_from_db()
    assert draft.is_waiting


def test_an_approved_draft_becomes_a_reply(client_of, ada, draft):
    response = client_of(ada).post(f"{LIST}{draft.pk}/approve/", {})
    assert response.status_code == 200, response.data
    assert response.data["state"] == "approved"
    assert response.data["decided_by"]["id"] == ada.pk
    assert Message.objects.get(pk=response.data["reply"]).body == draft.body


def test_an_edited_draft_is_sent_as_edited(client_of, ada, draft):
    response = client_of(ada).post(
        f"{LIST}{draft.pk}/approve/", {"body": "Thirty days, yes.", "solve": True}
    )
    assert response.data["state"] == "edited"
    assert Message.objects.get(pk=response.data["reply"]).body == "Thirty days, yes."
    draft.ticket.refresh_from_db()
    assert draft.ticket.status == "solved"


def test_a_rejected_draft_keeps_the_reason(client_of, ada, draft):
    refused = client_of(ada).post(f"{LIST}{draft.pk}/reject/", {"reason": "no idea"})
    assert (refused.status_code, list(refused.data["fields"])) == (400, ["reason"])
    response = client_of(ada).post(
        f"{LIST}{draft.pk}/reject/", {"reason": "outdated", "comment": "It is 60 now."}
    )
    assert (response.data["state"], response.data["reject_reason"]) == ("rejected", "outdated")


def test_the_second_agent_is_told(client_of, ada, bo, draft):
    client_of(ada).post(f"{LIST}{draft.pk}/approve/")
    response = client_of(bo).post(f"{LIST}{draft.pk}/approve/")
    assert (response.status_code, response.data["code"]) == (409, "draft_decided")
    assert "Ada Novak" in response.data["message"]


def test_a_stale_draft_cannot_be_sent(client_of, ada, rex, ticket, draft):
    post_requester_reply(ticket=ticket, author=rex, body="And boots?")
    response = client_of(ada).post(f"{LIST}{draft.pk}/approve/")
    assert (response.status_code, response.data["code"]) == (409, "draft_stale")


def test_drafting_again_queues_the_next_attempt(client_of, ada, rex, ticket, draft):
    address = f"/api/v1/tickets/{ticket.number}/draft-again/"
    assert client_of(rex).post(address).status_code == 403
    response = client_of(ada).post(address)
    assert (response.status_code, response.data) == (202, {"attempt": 2})
    assert Job.objects.filter(kind="draft", key=f"{draft.message_id}:2").exists()


def test_the_list_is_narrowed_by_state_ticket_and_answer(client_of, ada, draft):
    client = client_of(ada)

    def found(query: str) -> int:
        return len(client.get(f"{LIST}?{query}").data["results"])

    assert found("state=waiting") == 1
    assert found("state=approved&state=rejected") == 0
    assert found(f"ticket={draft.ticket.number}") == 1
    assert found("ticket=1") == 0
    assert found("has_answer=false") == 0
    assert client.get(f"{LIST}?ticket=x").status_code == 400


def test_the_list_costs_the_same_however_long_it_is(
    client_of, ada, revision, django_assert_num_queries
):
    for count in (5, 45):
        for _ in range(count):
            message = MessageFactory(ticket=TicketFactory())
            store_result(message=message, attempt=1, result=cited_result(revision))
        with django_assert_num_queries(2):
            rows = client_of(ada).get(LIST).data["results"]
        assert len(rows) == Draft.objects.count()
