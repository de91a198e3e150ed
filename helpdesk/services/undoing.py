"""Replies that do not leave after all: an agent takes one back, or the requester was quicker."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from helpdesk import decisions
from helpdesk.exceptions import CannotUndo, NotAnAgent
from helpdesk.models import Attachment, Draft, Message, Ticket, TicketEvent, User
from helpdesk.services.state import locked, move, record


@transaction.atomic
def undo_reply(*, message: Message, by: User) -> Draft | None:
    """Take back a reply that has not been mailed yet; return its draft, waiting again.

    Raises NotAnAgent, and CannotUndo once the time is over. What was written is not lost:
    the draft keeps it, and a reply without a draft comes back in the composer (the caller
    has it). Where the requester has written meanwhile, the draft comes back out of date,
    and the status that their message made stays.
    """
    if not by.is_agent:
        raise NotAnAgent
    ticket = locked(message.ticket)
    row = Message.objects.select_for_update().filter(pk=message.pk).first()
    if (
        row is None
        or row.delivery != Message.Delivery.QUEUED
        or row.send_after is None
        or row.send_after <= timezone.now()
    ):
        raise CannotUndo
    draft = _take_back(ticket, row, by)
    record(ticket, TicketEvent.Kind.UNDONE, by, {})
    return draft


def withdraw_unread(ticket: Ticket) -> None:
    """Take back what a rule has queued on a locked ticket: its requester is writing again.

    The timeline says so, and no rule answers this ticket any more: a person does.
    """
    unread = Message.objects.select_for_update().filter(
        ticket=ticket,
        kind=Message.Kind.REPLY,
        author=None,
        delivery=Message.Delivery.QUEUED,
    )
    for row in unread:
        draft = _take_back(ticket, row, None)
        told = {"draft": draft.pk} if draft else {}
        record(ticket, TicketEvent.Kind.WITHDRAWN, None, {"rule": row.approved_rule} | told)


def _take_back(ticket: Ticket, row: Message, by: User | None) -> Draft | None:
    """Delete the queued reply and what followed from it."""
    sent = ticket.events.filter(kind=TicketEvent.Kind.REPLIED, data__message=row.pk).first()
    is_answered_since = ticket.messages.filter(kind=Message.Kind.REPLY, pk__gt=row.pk).exists()
    draft = _bring_back(Draft.objects.filter(reply=row).first(), is_stale=is_answered_since)
    if draft is None:
        decisions.forget_own_reply(ticket, since=row.created_at - timedelta(seconds=5))
    _forget_files(row)
    row.delete()
    if sent is not None:
        if sent.data["first"] and not is_answered_since:
            ticket.first_replied_at = None
            ticket.save(update_fields=["first_replied_at"])
        if not is_answered_since and not ticket.is_closed:
            move(ticket, sent.data["status_before"], by)
    return draft


def _bring_back(draft: Draft | None, *, is_stale: bool) -> Draft | None:
    if draft is None:
        return None
    decisions.forget(draft)
    draft.state = Draft.State.STALE if is_stale else Draft.State.WAITING
    draft.reply = draft.decided_by = draft.decided_at = None
    draft.decided_rule = ""
    draft.save(update_fields=["state", "reply", "decided_by", "decided_at", "decided_rule"])
    return draft


def _forget_files(message: Message) -> None:
    """Once the rows are gone for good; a file that is missing already is no matter."""
    for attachment in Attachment.objects.filter(message=message):
        delete = partial(attachment.file.storage.delete, str(attachment.file.name))
        transaction.on_commit(delete, robust=True)
