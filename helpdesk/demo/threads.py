"""A demo ticket's rows: its thread, its timeline and its times, as of `now`.

Builds rows and saves none. Past mail counts as sent, so nothing is mailed for the past.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from helpdesk.demo.records import DemoMessage, DemoTicket
from helpdesk.models import Message, Queue, Ticket, TicketEvent, TicketRating, User
from helpdesk.services.tickets import first_reply_due
from helpdesk.texts import to_html

CLOSED_AFTER = timedelta(days=4)
RATED_AFTER = timedelta(hours=3)


@dataclass
class Thread:
    """Unsaved rows; the ticket is saved first."""

    ticket: Ticket
    messages: list[Message] = field(default_factory=list)
    events: list[TicketEvent] = field(default_factory=list)
    rating: TicketRating | None = None


def message_id(record: DemoTicket, position: int) -> str:
    """Stable, so that a ticket that was loaded before is found again."""
    return f"<demo.{record.id}.{position}@{settings.MAIL_DOMAIN}>"


def build(
    record: DemoTicket, *, requester: User, agent: User | None, queue: Queue, now: datetime
) -> Thread:
    """The rows of one demo ticket. `agent` wrote whatever the requester did not."""
    created_at = record.created_at(now)
    ticket = Ticket(
        subject=record.subject[:200],
        priority=Ticket.Priority[record.priority.upper()],
        channel=record.channel,
        language=record.language,
        requester=requester,
        organization=requester.organization,
        assignee=agent if record.assignee else None,
        queue=queue,
        order_reference=record.order_reference,
        created_at=created_at,
    )
    ticket.due_at = first_reply_due(queue, ticket.priority, created_at)
    thread = Thread(ticket)
    _tell(thread, TicketEvent.Kind.CREATED, requester, created_at, {"channel": record.channel})
    if ticket.assignee:
        to = {"from": "", "to": str(agent)}
        _tell(thread, TicketEvent.Kind.ASSIGNEE, agent, created_at, to)
    for position, entry in enumerate(record.messages):
        _add(thread, record, entry, position, requester, agent, now)
    _finish(thread, record, agent, now)
    return thread


def _add(
    thread: Thread,
    record: DemoTicket,
    entry: DemoMessage,
    position: int,
    requester: User,
    agent: User | None,
    now: datetime,
) -> None:
    ticket = thread.ticket
    at = min(ticket.created_at + timedelta(hours=entry.hours_after), now)
    is_mailed = not entry.is_from_requester and not entry.is_note
    author = requester if entry.is_from_requester else agent
    message = Message(
        ticket=ticket,
        kind=Message.Kind.NOTE if entry.is_note else Message.Kind.REPLY,
        author=author,
        is_from_requester=entry.is_from_requester,
        channel=record.channel if entry.is_from_requester else Ticket.Channel.WEB,
        body=entry.body,
        body_html=to_html(entry.body),
        created_at=at,
        message_id="" if entry.is_note else message_id(record, position),
    )
    if is_mailed:
        message.delivery, message.sent_at = Message.Delivery.SENT, at
        message.approved_by = author
        ticket.first_replied_at = ticket.first_replied_at or at
    if not entry.is_note:
        ticket.mail_references.append(message.message_id)
        if is_mailed or ticket.status != Ticket.Status.NEW:
            _move(thread, Ticket.Status.PENDING if is_mailed else Ticket.Status.OPEN, author, at)
    if position:
        kind = TicketEvent.Kind.NOTED if entry.is_note else TicketEvent.Kind.REPLIED
        _tell(thread, kind, author, at, {})
    ticket.updated_at = at
    thread.messages.append(message)


def _move(thread: Thread, status: str, by: User | None, at: datetime) -> None:
    ticket = thread.ticket
    if ticket.status == status:
        return
    data = {"from": str(ticket.status), "to": str(status)}
    _tell(thread, TicketEvent.Kind.STATUS, by, at, data)
    ticket.status = Ticket.Status(status)


def _finish(thread: Thread, record: DemoTicket, agent: User | None, now: datetime) -> None:
    """The state that the ticket is in today."""
    ticket, last = thread.ticket, thread.messages[-1].created_at
    if record.status in Ticket.DONE:
        _move(thread, Ticket.Status.SOLVED, agent, last)
        ticket.solved_at = last
    if record.rating:
        at = min(last + RATED_AFTER, now)
        thread.rating = TicketRating(
            ticket=ticket, rating=record.rating, comment=record.comment, created_at=at
        )
        _tell(thread, TicketEvent.Kind.RATED, ticket.requester, at, {"rating": record.rating})
    if record.status == Ticket.Status.CLOSED:
        ticket.closed_at = min(last + CLOSED_AFTER, now)
        _move(thread, Ticket.Status.CLOSED, None, ticket.closed_at)
    _move(thread, record.status, agent, last)


def _tell(
    thread: Thread, kind: str, actor: User | None, at: datetime, data: dict[str, str]
) -> None:
    thread.events.append(
        TicketEvent(ticket=thread.ticket, kind=kind, actor=actor, data=data, created_at=at)
    )
