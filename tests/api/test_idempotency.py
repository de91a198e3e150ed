"""A request that is sent again takes effect once."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from helpdesk.models import IdempotentRequest, Message, Ticket
from helpdesk.services.messages import post_reply
from helpdesk.tasks import purge

TICKETS = "/api/v1/tickets/"


def post(client, content, key="k1", path=TICKETS, **more):
    return client.post(path, content, headers={"Idempotency-Key": key}, **more)


def test_the_same_request_gets_the_first_answer(client_of, rex):
    first = post(client_of(rex), {"body": "Hello"})
    again = post(client_of(rex), {"body": "Hello"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Ticket.objects.count() == 1


def test_another_content_with_the_same_key_is_a_conflict(client_of, rex, ticket):
    post(client_of(rex), {"body": "Hello"})
    for path in (TICKETS, f"{TICKETS}{ticket.number}/replies/"):
        response = post(client_of(rex), {"body": "Goodbye"}, path=path)
        assert (response.status_code, response.data["code"]) == (409, "idempotency_key_reused")


def test_two_people_may_use_the_same_key(client_of, rex, olga):
    for person in (rex, olga):
        assert post(client_of(person), {"body": "Hello"}).status_code == 201
    assert Ticket.objects.count() == 2


def test_a_request_that_was_refused_may_be_sent_again(client_of, rex):
    assert post(client_of(rex), {"body": "\x07"}).status_code == 400
    assert post(client_of(rex), {"body": "Hello"}).status_code == 201


def test_files_are_part_of_what_was_sent(client_of, rex, ticket):
    path = f"{TICKETS}{ticket.number}/replies/"

    def send(content: bytes):
        form = {"body": "See.", "files": [SimpleUploadedFile("a.txt", content)]}
        return post(client_of(rex), form, path=path, format="multipart")

    assert [send(b"one").status_code, send(b"one").status_code] == [201, 201]
    assert send(b"two").status_code == 409
    assert Message.objects.filter(attachments__name="a.txt").count() == 1


def test_a_key_is_forgotten_after_a_day(client_of, rex):
    post(client_of(rex), {"body": "Hello"})
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert post(client_of(rex), {"body": "Hello"}).status_code == 201
    assert Ticket.objects.count() == 2

    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    purge()
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize("key", ["x" * 101, "tab\there"])
def test_a_key_that_cannot_be_kept_is_refused(client_of, rex, key):
    assert post(client_of(rex), {"body": "Hello"}, key=key).status_code == 400


def test_an_agent_who_sends_a_reply_twice_sends_one_mail(client_of, ada, ticket):
    path = f"{TICKETS}{ticket.number}/replies/"
    post(client_of(ada), {"body": "Yes."}, path=path)
    post(client_of(ada), {"body": "Yes."}, path=path)
    assert Message.objects.filter(delivery="queued").count() == 1
    post_reply(ticket=ticket, author=ada, body="Without a key each is one.")


@pytest.mark.django_db(transaction=True)
def test_the_same_request_twice_at_once_takes_effect_once(client_of, rex):
    answers = []

    def send() -> None:
        answers.append(post(client_of(rex), {"body": "Hello"}).json())
        connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1]
    assert Ticket.objects.count() == 1
