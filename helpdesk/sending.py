"""Drafts that a rule may send: proven to be right often enough, and harmless in any case.

Off until an admin switches it on for a queue. A message with anything sensitive in it, or with
a question left open, always waits for a person; so does a share drawn by lot, from which the
proof goes on.
"""

from __future__ import annotations

from django.utils import timezone

from helpdesk import decisions, holding
from helpdesk.models import Draft, ErrorPromise, Message, Ticket, TicketEvent
from helpdesk.services.messages import send_reply
from helpdesk.services.state import record
from qa_engine import services as engine


def send_by_rule(*, draft: Draft, ticket: Ticket, promise: ErrorPromise | None) -> Message | None:
    """Send a fresh draft of a locked ticket if its queue's rule says so."""
    if promise is None or not promise.sends or not may_go(draft, ticket, promise):
        return None
    message = send_reply(
        ticket=ticket, author=None, body=draft.body, solve=False, rule=promise.rule
    )
    draft.state, draft.reply = Draft.State.APPROVED, message
    draft.decided_rule, draft.decided_at = promise.rule, timezone.now()
    draft.save(update_fields=["state", "reply", "decided_rule", "decided_at"])
    data = {
        "draft": draft.pk,
        "message": message.pk,
        "rule": promise.rule,
        "threshold": promise.threshold,
        "most_wrong": promise.most_wrong,
        "surety": promise.surety,
    }
    record(ticket, TicketEvent.Kind.SENT_BY_RULE, None, data)
    return message


def may_go(draft: Draft, ticket: Ticket, promise: ErrorPromise) -> bool:
    if not draft.is_sure or not draft.body:
        return False
    if not draft.questions or not all(found["is_answered"] for found in draft.questions):
        return False
    if holding.is_unsettled(draft):
        return False
    if ticket.events.filter(kind=TicketEvent.Kind.WITHDRAWN).exists():
        return False  # a rule has answered too early here: a person goes on
    if decisions.draw_of(draft) < promise.checked_share:
        return False
    # Of the whole conversation: who threatened yesterday is not answered by a machine today.
    said = ticket.messages.from_requester().values_list("body", flat=True)
    return not any(engine.needs_a_person(body, ticket.subject) for body in said)
