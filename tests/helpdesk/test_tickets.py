"""Opening tickets and moving them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from helpdesk.exceptions import (
    AttachmentRefused,
    EmptyMessage,
    NotAnAgent,
    RatingNotPossible,
    TicketClosed,
)
from helpdesk.models import Queue, Ticket, TicketRating, User
from helpdesk.services.messages import post_note, post_reply, post_requester_reply
from helpdesk.services.ratings import rate_ticket
from helpdesk.services.tickets import (
    assign_ticket,
    find_or_create_requester,
    open_ticket,
    set_priority,
    set_status,
    set_tags,
    take_ticket,
)


def test_a_ticket_without_a_subject_is_called_by_its_first_words(rex):
    ticket = open_ticket(requester=rex, subject=" ", body="The zip broke.\nPlease help.")
    assert ticket.subject == "The zip broke."


def test_a_ticket_without_words_is_refused(rex):
    with pytest.raises(EmptyMessage):
        open_ticket(requester=rex, subject="Hello", body=" \x00\n ")
    assert not Ticket.objects.exists()


def test_control_characters_and_line_breaks_do_not_reach_a_subject(rex):
    ticket = open_ticket(requester=rex, subject="Hi\r\nBcc: x@y.example\x00", body="Text")
    assert ticket.subject == "Hi Bcc: x@y.example"


@pytest.mark.parametrize(("priority", "hours"), [(1, 48), (2, 24), (3, 12), (4, 6)])
def test_the_first_reply_is_due_by_queue_and_priority(rex, ada, priority, hours):
    ticket = open_ticket(requester=rex, subject="x", body="x", priority=priority)
    assert ticket.due_at - ticket.created_at == timedelta(hours=hours)
    moved = set_priority(ticket=ticket, priority=4, by=ada)
    assert moved.due_at - moved.created_at == timedelta(hours=6)


def test_new_tickets_wait_in_the_default_queue(rex):
    queue = Queue.objects.create(name="Front", slug="front", is_default=True)
    assert open_ticket(requester=rex, subject="x", body="x").queue == queue


def test_a_person_who_writes_again_is_the_same_and_keeps_their_name(rex):
    again = find_or_create_requester(email=" REX@example.com ", name="Mallory")
    assert (again, again.name) == (rex, "Rex Ortega")
    new = find_or_create_requester(email="Nia@Example.com", name="Nia")
    assert (new.email, new.has_usable_password()) == ("nia@example.com", False)
    assert User.objects.filter(email="nia@example.com").count() == 1


def test_only_agents_reply_note_take_and_get_tickets(rex, ada, ticket):
    for act in (
        lambda: post_reply(ticket=ticket, author=rex, body="x"),
        lambda: post_note(ticket=ticket, author=rex, body="x"),
        lambda: take_ticket(ticket=ticket, agent=rex),
        lambda: assign_ticket(ticket=ticket, assignee=rex, by=ada),
    ):
        with pytest.raises(NotAnAgent):
            act()


def test_a_closed_ticket_stays_closed(rex, ada, ticket):
    set_status(ticket=ticket, status="closed", by=ada)
    for act in (
        lambda: post_requester_reply(ticket=ticket, author=rex, body="x"),
        lambda: post_reply(ticket=ticket, author=ada, body="x"),
        lambda: set_status(ticket=ticket, status="open", by=ada),
    ):
        with pytest.raises(TicketClosed):
            act()
    post_note(ticket=ticket, author=ada, body="A note is possible.")


def test_a_solved_ticket_that_reopens_is_no_longer_solved(rex, ada, ticket):
    post_reply(ticket=ticket, author=ada, body="Done.", solve=True)
    post_requester_reply(ticket=ticket, author=rex, body="No!")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.solved_at) == ("open", None)


def test_tags_are_told_apart_by_letters_not_by_case(ada, ticket):
    for _ in range(2):
        set_tags(ticket=ticket, names=["Zip", "zip", " ", "jacket"], by=ada)
    assert [tag.name.lower() for tag in ticket.tags.all()] == ["zip", "jacket"] or [
        tag.name.lower() for tag in ticket.tags.all()
    ] == ["jacket", "zip"]
    assert ticket.events.filter(kind="tags").count() == 1


def test_help_is_rated_once_the_ticket_is_solved_and_the_newest_counts(rex, ada, ticket):
    with pytest.raises(RatingNotPossible):
        rate_ticket(ticket=ticket, by=rex, rating="good")
    set_status(ticket=ticket, status="solved", by=ada)
    rate_ticket(ticket=ticket, by=rex, rating="bad", comment="Slow.")
    rate_ticket(ticket=ticket, by=rex, rating="good")
    assert TicketRating.objects.get().rating == "good"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(40), "image/png"),
        ("page.html", b"<script>alert(1)</script>", "text/plain"),
        ("../../etc/passwd", b"root", "text/plain"),
        ("C:\\windows\\a.txt", b"text", "text/plain"),
    ],
)
def test_files_are_typed_by_their_bytes_and_named_without_a_path(
    rex, settings, name, content, kind
):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    upload = SimpleUploadedFile(name, content, content_type="image/svg+xml")
    ticket = open_ticket(requester=rex, subject="x", body="x", files=[upload])
    (kept,) = ticket.messages.first().attachments.all()
    assert kept.content_type == kind
    assert "/" not in kept.name
    assert "\\" not in kept.name


def test_a_refused_file_leaves_no_ticket(rex, settings):
    settings.ATTACHMENT_MAX_BYTES = 3
    for content in (b"four", b"MZ\x00"):
        with pytest.raises(AttachmentRefused):
            open_ticket(
                requester=rex, subject="x", body="x", files=[SimpleUploadedFile("a", content)]
            )
    assert not Ticket.objects.exists()


def test_a_ticket_is_overdue_until_somebody_replies(rex, ada):
    ticket = open_ticket(requester=rex, subject="x", body="x")
    later = timezone.now() + timedelta(hours=25)
    assert ticket.is_overdue(later)
    assert list(Ticket.objects.overdue(later)) == [ticket]
    post_reply(ticket=ticket, author=ada, body="Hello.")
    assert not Ticket.objects.overdue(later).exists()


@pytest.mark.parametrize(
    ("body", "said", "own", "language"),
    [
        ("Wann kommt meine Bestellung endlich an?", "en", "", "de"),
        ("OK?", "nl", "de", "nl"),
        ("OK?", "", "de", "de"),
        ("OK?", "", "", "en"),
    ],
)
def test_a_ticket_is_in_the_language_it_is_written_in(rex, body, said, own, language):
    rex.language = own
    ticket = open_ticket(requester=rex, subject="", body=body, language=said)

    ticket.refresh_from_db()
    assert ticket.language == language
