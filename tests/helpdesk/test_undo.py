"""Taking a reply back, also when the world has moved on in those seconds."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helpdesk.drafting import store_result
from helpdesk.exceptions import CannotUndo, NotAnAgent
from helpdesk.models import Draft, Message, Ticket
from helpdesk.services.drafts import approve_draft
from helpdesk.services.messages import post_reply, post_requester_reply
from helpdesk.services.tickets import set_status
from helpdesk.services.undoing import undo_reply
from tests.helpdesk.test_drafts import result_of


def test_nobody_takes_back_what_has_been_sent(ada, ticket):
    reply = post_reply(ticket=ticket, author=ada, body="Yes.")
    Message.objects.filter(pk=reply.pk).update(delivery="sending")
    with pytest.raises(CannotUndo):
        undo_reply(message=reply, by=ada)


def test_a_reply_is_taken_back_once(ada, ticket):
    reply = post_reply(ticket=ticket, author=ada, body="Yes.")
    kept = Message(pk=reply.pk, ticket=ticket)
    undo_reply(message=reply, by=ada)
    with pytest.raises(CannotUndo):
        undo_reply(message=kept, by=ada)


def test_a_requester_takes_nothing_back(rex, ada, ticket):
    reply = post_reply(ticket=ticket, author=ada, body="Yes.")
    with pytest.raises(NotAnAgent):
        undo_reply(message=reply, by=rex)


def test_a_draft_that_comes_back_after_the_requester_wrote_again_is_out_of_date(
    ada, rex, ticket, message
):
    draft = store_result(message=message, attempt=1, result=result_of())
    reply = approve_draft(draft=draft, by=ada)
    newer = post_requester_reply(ticket=ticket, author=rex, body="And boots?")
    store_result(message=newer, attempt=1, result=result_of("Boots too."))

    assert undo_reply(message=reply, by=ada).state == Draft.State.STALE
    assert Draft.objects.waiting().get().body == "Boots too."
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.OPEN


def test_a_ticket_that_was_closed_meanwhile_stays_closed(ada, bo, ticket):
    reply = post_reply(ticket=ticket, author=ada, body="Yes.")
    set_status(ticket=ticket, status="closed", by=bo)
    undo_reply(message=reply, by=ada)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.CLOSED


def test_the_second_of_two_replies_taken_back_leaves_the_first(ada, ticket):
    post_reply(ticket=ticket, author=ada, body="First.")
    second = post_reply(ticket=ticket, author=ada, body="Second.", solve=True)
    undo_reply(message=second, by=ada)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.PENDING
    assert ticket.first_replied_at is not None
    assert [m.body for m in ticket.messages.filter(author=ada)] == ["First."]


def test_taking_back_the_first_of_two_replies_keeps_what_the_second_did(ada, ticket):
    first = post_reply(ticket=ticket, author=ada, body="First.")
    post_reply(ticket=ticket, author=ada, body="Second.", solve=True)
    undo_reply(message=first, by=ada)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.SOLVED
    assert ticket.first_replied_at is not None


def test_the_files_of_a_reply_taken_back_leave_the_disk(
    ada, ticket, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    with django_capture_on_commit_callbacks(execute=True):
        reply = post_reply(ticket=ticket, author=ada, body="See it.", files=[_file("price.txt")])
        kept = post_reply(ticket=ticket, author=ada, body="Terms.", files=[_file("terms.txt")])
    assert len(_on_disk(tmp_path)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        undo_reply(message=reply, by=ada)
    assert _on_disk(tmp_path) == [tmp_path / kept.attachments.get().file.name]


def _file(name):
    return SimpleUploadedFile(name, b"plain words")


def _on_disk(folder):
    return sorted(one for one in folder.rglob("*") if one.is_file())
