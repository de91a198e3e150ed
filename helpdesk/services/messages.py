"""Writing on a ticket: requesters, agents, and the helpdesk's own acknowledgement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from helpdesk import decisions, jobs, learning
from helpdesk.draft_jobs import job_key
from helpdesk.exceptions import EmptyMessage, NotAnAgent, TicketClosed
from helpdesk.models import Draft, Job, Message, Ticket, TicketEvent, User
from helpdesk.services.attachments import attach
from helpdesk.services.state import locked, move, record
from helpdesk.services.undoing import withdraw_unread
from helpdesk.texts import clean_text, to_html

ACKNOWLEDGEMENT = "acknowledgement"


@transaction.atomic
def post_requester_reply(
    *,
    ticket: Ticket,
    author: User,
    body: str,
    channel: str = Ticket.Channel.WEB,
    files: Sequence[UploadedFile[Any]] = (),
) -> Message:
    """The requester writes again: a solved ticket reopens, a draft made before is stale.

    What a rule has sent and nobody has read yet is withdrawn, for it answers less than was
    asked. Raises TicketClosed, EmptyMessage and AttachmentRefused.
    """
    body = clean_text(body)
    if not body:
        raise EmptyMessage
    ticket = locked(ticket)
    if ticket.is_closed:
        raise TicketClosed
    withdraw_unread(ticket)
    message = add_from_requester(
        ticket=ticket, author=author, body=body, channel=channel, files=files
    )
    record(ticket, TicketEvent.Kind.REPLIED, author, {"message": message.pk})
    if ticket.status != Ticket.Status.NEW:
        move(ticket, Ticket.Status.OPEN, author)
    return message


def add_from_requester(
    *, ticket: Ticket, author: User, body: str, channel: str, files: Sequence[UploadedFile[Any]]
) -> Message:
    """Add the message to a locked (or new) ticket and have it drafted."""
    message = Message.objects.create(
        ticket=ticket,
        author=author,
        is_from_requester=True,
        channel=channel,
        body=body,
        body_html=to_html(body),
        created_at=timezone.now(),
    )
    attach(message, files)
    _touch(ticket)
    Draft.objects.waiting().filter(ticket=ticket).update(state=Draft.State.STALE)
    jobs.enqueue(Job.Kind.DRAFT, job_key(message, attempt=1))
    return message


@transaction.atomic
def post_reply(
    *,
    ticket: Ticket,
    author: User,
    body: str,
    solve: bool = False,
    files: Sequence[UploadedFile[Any]] = (),
) -> Message:
    """An agent writes to the requester; the mail leaves when it can no longer be taken back.

    A waiting draft is replaced by it. Raises NotAnAgent, TicketClosed, EmptyMessage and
    AttachmentRefused.
    """
    ticket = _open_for(ticket, author)
    decisions.record_own_reply(ticket=ticket, sent=clean_text(body))
    Draft.objects.waiting().filter(ticket=ticket).update(state=Draft.State.SUPERSEDED)
    message = send_reply(ticket=ticket, author=author, body=body, solve=solve)
    attach(message, files)
    learning.learn_later(message)
    return message


def send_reply(
    *, ticket: Ticket, author: User | None, body: str, solve: bool, rule: str = ""
) -> Message:
    """Add a reply to a locked ticket and queue its mail. Without an author a rule approved it.

    What nobody has read can be taken back for longer.
    """
    body = clean_text(body)
    if not body:
        raise EmptyMessage
    now = timezone.now()
    message = Message.objects.create(
        ticket=ticket,
        author=author,
        body=body,
        body_html=to_html(body),
        created_at=now,
        message_id=new_message_id(ticket),
        delivery=Message.Delivery.QUEUED,
        send_after=now
        + timedelta(seconds=settings.UNDO_SECONDS if author else settings.RULE_UNDO_SECONDS),
        approved_by=author,
        approved_rule=rule,
    )
    record(
        ticket,
        TicketEvent.Kind.REPLIED,
        author,
        {
            "message": message.pk,
            "status_before": ticket.status,
            "first": ticket.first_replied_at is None,
        },
    )
    ticket.first_replied_at = ticket.first_replied_at or now
    ticket.assignee = ticket.assignee or author
    ticket.updated_at = now
    ticket.save(update_fields=["first_replied_at", "assignee", "updated_at"])
    move(ticket, Ticket.Status.SOLVED if solve else Ticket.Status.PENDING, author)
    jobs.enqueue(Job.Kind.MAIL, message.pk, run_at=message.send_after)
    return message


@transaction.atomic
def post_note(
    *, ticket: Ticket, author: User, body: str, files: Sequence[UploadedFile[Any]] = ()
) -> Message:
    """An internal note: only agents ever see it. Possible on a closed ticket too."""
    if not author.is_agent:
        raise NotAnAgent
    body = clean_text(body)
    if not body:
        raise EmptyMessage
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.NOTE,
        author=author,
        body=body,
        body_html=to_html(body),
        created_at=timezone.now(),
    )
    attach(message, files)
    record(ticket, TicketEvent.Kind.NOTED, author, {"message": message.pk})
    return message


def acknowledge(ticket: Ticket) -> Message:
    """Tell the requester that the ticket arrived, with its number and private link."""
    with translation.override(ticket.language):
        context = {
            "ticket": ticket,
            "link": settings.SITE_URL + ticket.get_absolute_url(),
            "shop_name": settings.SHOP_NAME,
        }
        body = render_to_string("mail/acknowledgement.txt", context).strip()
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.AUTOMATIC,
        body=body,
        body_html=to_html(body),
        created_at=timezone.now(),
        message_id=new_message_id(ticket),
        delivery=Message.Delivery.QUEUED,
        approved_rule=ACKNOWLEDGEMENT,
    )
    jobs.enqueue(Job.Kind.MAIL, message.pk)
    return message


def new_message_id(ticket: Ticket) -> str:
    """As RFC 5322 has it: unique, ours, and the same at every retry because it is stored."""
    return f"<{ticket.number}.{uuid4().hex}@{settings.MAIL_DOMAIN}>"


def _open_for(ticket: Ticket, author: User) -> Ticket:
    if not author.is_agent:
        raise NotAnAgent
    ticket = locked(ticket)
    if ticket.is_closed:
        raise TicketClosed
    return ticket


def _touch(ticket: Ticket) -> None:
    ticket.updated_at = timezone.now()
    ticket.save(update_fields=["updated_at"])
