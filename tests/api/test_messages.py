"""The conversation through the API: replies, notes, files."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from helpdesk.models import Attachment, Message, Ticket
from helpdesk.services.messages import post_note, post_reply
from tests.factories import MessageFactory

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def url(ticket: Ticket, action: str) -> str:
    return f"/api/v1/tickets/{ticket.number}/{action}/"


def bodies(response) -> list[str]:
    assert response.status_code == 200, response.data
    return [row["body"] for row in response.data["results"]]


def test_an_agents_reply_waits_to_be_mailed(client_of, ada, ticket):
    response = client_of(ada).post(url(ticket, "replies"), {"body": "Yes.", "solve": True})
    assert response.status_code == 201, response.data
    assert response.data["delivery"] == "queued"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("solved", ada)


def test_the_requesters_reply_reopens_the_ticket(client_of, rex, ticket):
    Ticket.objects.update(status="solved", solved_at=timezone.now())
    response = client_of(rex).post(url(ticket, "replies"), {"body": "Still broken."})
    assert response.status_code == 201, response.data
    assert "delivery" not in response.data
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert Message.objects.get(pk=response.data["id"]).is_from_requester


def test_nobody_writes_on_a_closed_ticket(client_of, rex, ada, ticket):
    Ticket.objects.update(status="closed", solved_at=timezone.now(), closed_at=timezone.now())
    for person in (rex, ada):
        response = client_of(person).post(url(ticket, "replies"), {"body": "Hello"})
        assert (response.status_code, response.data["code"]) == (409, "ticket_closed")


def test_the_requester_sees_no_notes_and_nothing_that_may_be_taken_back(
    client_of, rex, ada, ticket
):
    post_note(ticket=ticket, author=ada, body="Careful.")
    reply = post_reply(ticket=ticket, author=ada, body="Gladly.")
    asked = ticket.messages.first().body
    assert bodies(client_of(ada).get(url(ticket, "messages"))) == [asked, "Careful.", "Gladly."]
    assert bodies(client_of(rex).get(url(ticket, "messages"))) == [asked]

    Message.objects.filter(pk=reply.pk).update(send_after=timezone.now() - timedelta(seconds=1))
    response = client_of(rex).get(url(ticket, "messages"))
    assert bodies(response) == [asked, "Gladly."]
    assert response.data["results"][1]["author"] == {
        "id": None,
        "name": "Ada Novak",
        "email": None,
    }


def test_only_agents_add_notes(client_of, rex, ada, ticket):
    refused = client_of(rex).post(url(ticket, "notes"), {"body": "Psst."})
    assert (refused.status_code, refused.data["code"]) == (403, "not_an_agent")
    response = client_of(ada).post(url(ticket, "notes"), {"body": "Psst."})
    assert (response.status_code, response.data["kind"]) == (201, "note")


def test_files_come_with_a_reply_and_only_its_readers_get_them(client_of, rex, olga, ada, ticket):
    response = client_of(rex).post(
        url(ticket, "replies"),
        {"body": "See the picture.", "files": [SimpleUploadedFile("zip.png", PNG)]},
        format="multipart",
    )
    assert response.status_code == 201, response.data
    (attachment,) = response.data["attachments"]
    assert (attachment["name"], attachment["content_type"]) == ("zip.png", "image/png")

    got = client_of(ada).get(attachment["url"])
    assert b"".join(got.streaming_content) == PNG
    assert got["Content-Disposition"] == 'attachment; filename="zip.png"'
    assert client_of(olga).get(attachment["url"]).status_code == 404


def test_a_file_of_a_note_is_not_the_requesters(client_of, rex, ada, ticket):
    response = client_of(ada).post(
        url(ticket, "notes"),
        {"body": "From the returns desk.", "files": [SimpleUploadedFile("a.txt", b"fraud?")]},
        format="multipart",
    )
    (attachment,) = response.data["attachments"]
    assert client_of(rex).get(attachment["url"]).status_code == 404


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([SimpleUploadedFile("virus.exe", b"MZ\x00\x01")], "attachment_refused"),
        ([SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)], "invalid"),
    ],
)
def test_files_that_are_refused_leave_no_message(client_of, rex, ticket, files, code):
    response = client_of(rex).post(
        url(ticket, "replies"), {"body": "See.", "files": files}, format="multipart"
    )
    assert (response.status_code, response.data["code"]) == (400, code)
    assert Message.objects.count() == 1
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("body", ["", "   ", "a\x00b", None])
def test_a_reply_needs_words(client_of, rex, ticket, body):
    response = client_of(rex).post(url(ticket, "replies"), {"body": body})
    assert response.status_code == 400
    assert list(response.data["fields"]) == ["body"]


def test_half_a_character_is_refused(client_of, rex, ticket):
    response = client_of(rex).generic(
        "POST", url(ticket, "replies"), b'{"body": "\\ud800"}', "application/json"
    )
    assert response.status_code == 400


def test_a_conversation_costs_the_same_however_long_it_is(
    client_of, ada, rex, ticket, django_assert_num_queries
):
    for count in (4, 45):
        for _ in range(count):
            message = MessageFactory(ticket=ticket, author=rex)
            Attachment.objects.create(message=message, name="a.txt", size=1, file="a.txt")
        with django_assert_num_queries(3):  # the ticket, its messages, their attachments
            rows = client_of(ada).get(url(ticket, "messages")).data["results"]
        assert len(rows) == Message.objects.count()
