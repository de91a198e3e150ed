"""Everything the ticket page shows, read in a constant number of queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils import timezone

from helpdesk.desk.composer import Composer, Mode
from helpdesk.desk.evidence import Why, why
from helpdesk.desk.inbox import agents_by_name
from helpdesk.desk.timeline import Entry, timeline_of
from helpdesk.desk.viewing import others
from helpdesk.desk.wording import answered_in_words, due_in_words
from helpdesk.models import Draft, Macro, Message, Queue, Tag, Ticket, User
from qa_engine.grounding import UNAVAILABLE

SIMILAR = 3


def page_context(ticket: Ticket, agent: User, composer: Composer) -> dict[str, Any]:
    timeline = timeline_of(ticket, agent)
    return {
        "ticket": ticket,
        "composer": composer,
        "timeline": timeline,
        "last_message": _last_message(timeline),
        "viewers": others(ticket, agent),
        **requester_context(ticket, agent),
        **properties_context(ticket),
        **evidence_context(composer),
        **macros_context(ticket, composer),
    }


def macros_context(ticket: Ticket, composer: Composer) -> dict[str, Any]:
    """What can be inserted, and what cannot until its edit is decided."""
    if composer.mode != Mode.OPEN:
        return {}
    macros = list(Macro.objects.offered_for(ticket).with_open_edits())
    return {
        "macros": macros,
        "macros_unsettled": [macro for macro in macros if macro.open_edits],
    }


def requester_context(ticket: Ticket, agent: User) -> dict[str, Any]:
    tickets = Ticket.objects.visible_to(agent).filter(requester=ticket.requester)
    return {
        "requester_tickets": tickets.count(),
        "similar": list(similar_solved(ticket, agent)[:SIMILAR]),
    }


def properties_context(ticket: Ticket) -> dict[str, Any]:
    now = timezone.now()
    is_waiting = ticket.is_active and ticket.first_replied_at is None and ticket.due_at
    return {
        "statuses": Ticket.Status.choices,
        "priorities": Ticket.Priority.choices,
        "agents": agents_by_name(),
        "queues": list(Queue.objects.all()),
        "tags": list(ticket.tags.all()),
        "known_tags": list(Tag.objects.values_list("name", flat=True)[:200]),
        "due": due_in_words(ticket.due_at, now) if is_waiting and ticket.due_at else "",
        "is_overdue": ticket.is_overdue(now),
    }


def evidence_context(composer: Composer) -> dict[str, Any]:
    found: Why | None = why(composer.draft, composer.citations) if composer.draft else None
    answered = (
        answered_in_words(found.answered, len(found.questions))
        if found and found.questions
        else ""
    )
    grounding = composer.draft.grounding if composer.draft else {}
    dropped = grounding.get("dropped", "")
    is_unavailable = dropped.startswith(UNAVAILABLE)
    return {
        "why": found,
        "answered": answered,
        # Why what a language model wrote was not taken, or why it wrote nothing.
        "dropped": "" if is_unavailable else dropped,
        "unavailable": dropped.removeprefix(UNAVAILABLE) if is_unavailable else "",
        # Why a configured model took no part.
        "unasked": grounding.get("unasked", ""),
        "unranked": grounding.get("unranked", ""),
        "reject_reasons": Draft.RejectReason.choices,
    }


def similar_solved(ticket: Ticket, agent: User) -> QuerySet[Ticket]:
    """Solved tickets whose subjects share three-letter stretches; served by an index on
    the subject in capitals."""
    subject = ticket.subject.upper()
    found: QuerySet[Ticket] = (
        Ticket.objects.visible_to(agent)
        .annotate(capitals=Upper("subject"))
        .filter(capitals__trigram_similar=subject, status__in=Ticket.DONE)
        .exclude(pk=ticket.pk)
        .annotate(likeness=TrigramSimilarity("capitals", subject))
        .order_by("-likeness", "-pk")
    )
    return found


def next_with_draft(ticket: Ticket, agent: User) -> Ticket | None:
    """The next one down the list of waiting drafts, then from its top.

    Where this ticket stood is told by the requester's newest message: a reply that was
    just sent has moved the ticket itself to the top.
    """
    waiting = Ticket.objects.visible_to(agent).with_draft_waiting().exclude(pk=ticket.pk)
    waiting = waiting.order_by("-updated_at", "-pk")
    asked_at = (
        Message.objects.from_requester()
        .filter(ticket=ticket)
        .order_by("-created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    here: datetime = asked_at or ticket.updated_at
    return waiting.filter(updated_at__lte=here).first() or waiting.first()


def _last_message(timeline: list[Entry]) -> int:
    return max((entry.message.pk for entry in timeline if entry.message), default=0)
