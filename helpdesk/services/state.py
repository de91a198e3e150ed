"""What every use case on a ticket shares: its lock, its moves, its timeline."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from helpdesk.models import Draft, Ticket, TicketEvent, User


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends."""
    rows = Ticket.objects.select_for_update(of=("self",))
    row: Ticket = rows.select_related("queue", "requester", "assignee").get(pk=ticket.pk)
    return row


def move(ticket: Ticket, status: str, by: User | None) -> None:
    """Set the status of a locked ticket with the times that go with it.

    A ticket that leaves the active ones needs no draft any more.
    """
    if ticket.status == status:
        return
    now = timezone.now()
    record(ticket, TicketEvent.Kind.STATUS, by, {"from": ticket.status, "to": str(status)})
    ticket.status = Ticket.Status(status)
    is_done = status in Ticket.DONE
    ticket.solved_at = (ticket.solved_at or now) if is_done else None
    ticket.closed_at = now if status == Ticket.Status.CLOSED else None
    ticket.save(update_fields=["status", "solved_at", "closed_at"])
    if is_done:
        Draft.objects.waiting().filter(ticket=ticket).update(state=Draft.State.SUPERSEDED)


def record(ticket: Ticket, kind: str, actor: User | None, data: dict[str, Any]) -> None:
    """Add to the timeline. Never a message's words."""
    TicketEvent.objects.create(
        ticket=ticket, kind=kind, actor=actor, data=data, created_at=timezone.now()
    )
