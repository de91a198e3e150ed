"""Deciding on drafts: approve, edit, reject, draft again. Of two agents one wins."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from helpdesk import decisions, holding, jobs, learning
from helpdesk.draft_jobs import job_key
from helpdesk.exceptions import (
    DraftAlreadyDecided,
    DraftHasNoAnswer,
    DraftHeld,
    DraftStale,
    EmptyMessage,
    NotAnAgent,
    TicketClosed,
)
from helpdesk.models import Draft, Job, Message, Ticket, TicketEvent, User
from helpdesk.services.messages import send_reply
from helpdesk.services.state import locked, record
from helpdesk.texts import clean_text


@transaction.atomic
def approve_draft(
    *,
    draft: Draft,
    by: User,
    body: str | None = None,
    solve: bool = False,
    despite_hold: bool = False,
) -> Message:
    """Send the draft as it stands, or as `by` has edited it.

    One that is held back is sent only `despite_hold`: whoever says so has read the reason.

    Raises DraftAlreadyDecided (naming who was first), DraftStale, DraftHasNoAnswer,
    DraftHeld, TicketClosed, NotAnAgent and EmptyMessage.
    """
    ticket, draft = _decidable(draft, by)
    if not draft.has_answer:
        raise DraftHasNoAnswer
    text = draft.body if body is None else clean_text(body)
    if not text:
        raise EmptyMessage
    if reasons := holding.open_reasons(draft):
        if not despite_hold:
            raise DraftHeld(reasons[0])
        holding.override(draft, by)
    is_edited = text != clean_text(draft.body)
    decisions.record_sent(draft=draft, ticket=ticket, sent=text)
    message = send_reply(ticket=ticket, author=by, body=text, solve=solve)
    draft.state = Draft.State.EDITED if is_edited else Draft.State.APPROVED
    draft.reply = message
    _decide(draft, by)
    kind = TicketEvent.Kind.DRAFT_EDITED if is_edited else TicketEvent.Kind.DRAFT_APPROVED
    despite = {"despite": reasons} if reasons else {}
    record(ticket, kind, by, {"draft": draft.pk, "message": message.pk, **despite})
    if is_edited:
        learning.learn_later(message)
    return message


@transaction.atomic
def reject_draft(*, draft: Draft, by: User, reason: str, comment: str = "") -> Draft:
    """Say that the draft must not be sent, and why. Raises as `approve_draft` does."""
    ticket, draft = _decidable(draft, by)
    draft.state = Draft.State.REJECTED
    draft.reject_reason = Draft.RejectReason(reason)
    draft.reject_comment = clean_text(comment)[:500]
    _decide(draft, by)
    if draft.has_answer:
        decisions.record_rejected(draft=draft, ticket=ticket)
    record(ticket, TicketEvent.Kind.DRAFT_REJECTED, by, {"draft": draft.pk, "reason": reason})
    return draft


@transaction.atomic
def draft_again(*, ticket: Ticket, by: User) -> int:
    """Have the requester's newest message drafted anew; return the attempt's number.

    The present draft stays until the new one is there. Raises NotAnAgent and TicketClosed.
    """
    if not by.is_agent:
        raise NotAnAgent
    ticket = locked(ticket)
    message = ticket.messages.from_requester().order_by("created_at", "pk").last()
    if message is None or not ticket.is_active:
        raise TicketClosed
    latest = Draft.objects.filter(message=message).aggregate(most=Max("attempt"))["most"]
    attempt = (latest or 0) + 1
    jobs.enqueue(Job.Kind.DRAFT, job_key(message, attempt))
    return attempt


def _decidable(draft: Draft, by: User) -> tuple[Ticket, Draft]:
    """Both rows, locked, if `by` may still decide on the draft."""
    if not by.is_agent:
        raise NotAnAgent
    ticket = locked(Ticket(pk=draft.ticket_id))
    draft = (
        Draft.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=draft.pk)
    )
    if draft.state == Draft.State.STALE:
        raise DraftStale
    if not draft.is_waiting:
        who = f" ({draft.decided_by})" if draft.decided_by else ""
        raise DraftAlreadyDecided(f"{DraftAlreadyDecided.default}{who}")
    if ticket.is_closed:
        raise TicketClosed
    return ticket, draft


def _decide(draft: Draft, by: User) -> None:
    draft.decided_by = by
    draft.decided_at = timezone.now()
    draft.save(
        update_fields=[
            "state",
            "reply",
            "reject_reason",
            "reject_comment",
            "decided_by",
            "decided_at",
        ]
    )
