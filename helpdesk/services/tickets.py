"""Opening tickets and moving them: each a verb that a person would say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk.exceptions import EmptyMessage, NotAnAgent, TicketAlreadyTaken, TicketClosed
from helpdesk.models import Queue, Tag, Ticket, TicketEvent, User
from helpdesk.services import messages
from helpdesk.services.state import locked, move, record
from helpdesk.texts import clean_text
from qa_engine.services import detect_language

#: How the queue's time for the first reply stretches with the priority.
PRIORITY_FACTOR = {
    Ticket.Priority.LOW: 2.0,
    Ticket.Priority.NORMAL: 1.0,
    Ticket.Priority.HIGH: 0.5,
    Ticket.Priority.URGENT: 0.25,
}


@transaction.atomic
def open_ticket(
    *,
    requester: User,
    subject: str,
    body: str,
    channel: str = Ticket.Channel.WEB,
    queue: Queue | None = None,
    priority: int = Ticket.Priority.NORMAL,
    order_reference: str = "",
    language: str = "",
    files: Sequence[UploadedFile[Any]] = (),
) -> Ticket:
    """Open a ticket with its first message, acknowledge it, and have it drafted.

    The language is the one the message is written in; where it is too short to tell,
    `language`, or the requester's own, or the shop's.

    Raises EmptyMessage, and AttachmentRefused for a file that is too large or not allowed.
    """
    body, subject = clean_text(body), clean_text(subject).replace("\n", " ")[:200]
    if not body:
        raise EmptyMessage
    queue = queue or default_queue()
    usual = language or requester.language or settings.LANGUAGE_CODE
    now = timezone.now()
    ticket = Ticket.objects.create(
        subject=subject or body.split("\n", 1)[0][:80],
        requester=requester,
        organization=requester.organization,
        queue=queue,
        priority=priority,
        channel=channel,
        language=detect_language(f"{subject}\n\n{body}", usual),
        order_reference=clean_text(order_reference)[:50],
        created_at=now,
        updated_at=now,
        due_at=first_reply_due(queue, priority, now),
    )
    ticket.refresh_from_db(fields=["number"])
    record(ticket, TicketEvent.Kind.CREATED, requester, {"channel": channel})
    messages.add_from_requester(
        ticket=ticket, author=requester, body=body, channel=channel, files=files
    )
    messages.acknowledge(ticket)
    return ticket


def find_or_create_requester(*, email: str, name: str = "", language: str = "") -> User:
    """Whoever has this address; a new requester without a password where nobody has.

    An existing person's name is never changed by what a stranger typed into a form.
    """
    email = email.strip().lower()
    known = User(email=email, name=clean_text(name)[:150], language=language, password="!")
    # The same statements whether the address is known or not: time tells nothing.
    User.objects.bulk_create([known], ignore_conflicts=True)
    return User.objects.select_related("organization").get(email=email)


def default_queue() -> Queue:
    """Where new tickets wait; made on first use, so that no ticket is ever refused."""
    if queue := Queue.objects.filter(is_default=True).first():
        return queue
    return Queue.objects.get_or_create(
        slug="support", defaults={"name": "Support", "is_default": True}
    )[0]


def first_reply_due(queue: Queue, priority: int, at: datetime) -> datetime:
    factor = PRIORITY_FACTOR[Ticket.Priority(priority)]
    return at + timedelta(hours=queue.first_reply_hours * factor)


def take_ticket(*, ticket: Ticket, agent: User) -> Ticket:
    """Assign an unassigned ticket to `agent`; the first of two agents wins."""
    if not agent.is_agent:
        raise NotAnAgent
    with transaction.atomic():
        taken = Ticket.objects.unassigned().filter(pk=ticket.pk).update(assignee=agent)
        if not taken:
            raise TicketAlreadyTaken
        record(ticket, TicketEvent.Kind.ASSIGNEE, agent, {"to": str(agent)})
    ticket.refresh_from_db()
    return ticket


@transaction.atomic
def assign_ticket(*, ticket: Ticket, assignee: User | None, by: User) -> Ticket:
    """Give the ticket to an agent, or to nobody. Raises NotAnAgent for anybody else."""
    if assignee is not None and not assignee.is_agent:
        raise NotAnAgent
    ticket = locked(ticket)
    if ticket.assignee_id != (assignee.pk if assignee else None):
        before, ticket.assignee = ticket.assignee, assignee
        ticket.save(update_fields=["assignee"])
        data = {"from": str(before or ""), "to": str(assignee or "")}
        record(ticket, TicketEvent.Kind.ASSIGNEE, by, data)
    return ticket


@transaction.atomic
def set_status(*, ticket: Ticket, status: str, by: User | None) -> Ticket:
    """Move the ticket. A closed ticket stays closed: raises TicketClosed."""
    ticket = locked(ticket)
    if ticket.is_closed and status != Ticket.Status.CLOSED:
        raise TicketClosed
    move(ticket, Ticket.Status(status), by)
    return ticket


@transaction.atomic
def set_priority(*, ticket: Ticket, priority: int, by: User) -> Ticket:
    """Change the priority, and with it when the first reply is due."""
    ticket = locked(ticket)
    if ticket.priority != priority:
        data = {"from": ticket.get_priority_display(), "to": ""}
        ticket.priority = Ticket.Priority(priority)
        ticket.due_at = first_reply_due(ticket.queue, priority, ticket.created_at)
        ticket.save(update_fields=["priority", "due_at"])
        record(ticket, TicketEvent.Kind.PRIORITY, by, data | {"to": ticket.get_priority_display()})
    return ticket


@transaction.atomic
def set_queue(*, ticket: Ticket, queue: Queue, by: User) -> Ticket:
    ticket = locked(ticket)
    if ticket.queue_id != queue.pk:
        data = {"from": ticket.queue.name, "to": queue.name}
        ticket.queue = queue
        ticket.save(update_fields=["queue"])
        record(ticket, TicketEvent.Kind.QUEUE, by, data)
    return ticket


@transaction.atomic
def set_tags(*, ticket: Ticket, names: Iterable[str], by: User) -> Ticket:
    """Give the ticket exactly these tags; unknown ones are made."""
    ticket = locked(ticket)
    wanted = {name.casefold(): name for raw in names if (name := clean_text(raw)[:50])}
    before = sorted(ticket.tags.values_list("name", flat=True))
    tags = [_tag(name) for name in wanted.values()]
    after = sorted(tag.name for tag in tags)
    if before != after:
        ticket.tags.set(tags)
        record(ticket, TicketEvent.Kind.TAGS, by, {"from": before, "to": after})
    return ticket


def _tag(name: str) -> Tag:
    if tag := Tag.objects.filter(name__iexact=name).first():
        return tag
    try:
        with transaction.atomic():
            return Tag.objects.create(name=name)
    except IntegrityError:  # another agent has made it at this moment
        return Tag.objects.get(name__iexact=name)
