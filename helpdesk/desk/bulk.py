"""What an agent does to several tickets at once, told row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.exceptions import HelpdeskError
from helpdesk.models import Draft, Ticket, User
from helpdesk.services.drafts import approve_draft
from helpdesk.services.tickets import assign_ticket, set_status, set_tags

#: As many as a page of the inbox holds.
MOST = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row."""

    ticket: Ticket
    is_done: bool
    text: str


def for_each(tickets: Sequence[Ticket], act: Callable[[Ticket], object]) -> list[Result]:
    """Do it to each; a refusal concerns that row only."""
    results = []
    for ticket in tickets:
        try:
            act(ticket)
        except HelpdeskError as refused:
            results.append(Result(ticket, False, refused.message))
        else:
            results.append(Result(ticket, True, _("Done")))
    return results


def assign_all(tickets: Sequence[Ticket], by: User) -> list[Result]:
    return for_each(tickets, lambda ticket: assign_ticket(ticket=ticket, assignee=by, by=by))


def move_all(tickets: Sequence[Ticket], status: str, by: User) -> list[Result]:
    return for_each(tickets, lambda ticket: set_status(ticket=ticket, status=status, by=by))


def tag_all(tickets: Sequence[Ticket], names: Sequence[str], by: User) -> list[Result]:
    """Add the tags to what each ticket has."""

    def add(ticket: Ticket) -> Ticket:
        present = ticket.tags.values_list("name", flat=True)
        return set_tags(ticket=ticket, names=[*present, *names], by=by)

    return for_each(tickets, add)


def approve_all(drafts: Sequence[Draft], by: User) -> dict[int, Result]:
    """Send each draft as it stands; by the draft's key, what became of it."""
    results = {}
    for draft in drafts:
        try:
            approve_draft(draft=draft, by=by)
        except HelpdeskError as refused:
            results[draft.pk] = Result(draft.ticket, False, refused.message)
        else:
            results[draft.pk] = Result(draft.ticket, True, _("Sent"))
    return results


def drafts_to_review(tickets: Sequence[int], by: User) -> QuerySet[Draft]:
    """The waiting drafts with an answer of these tickets."""
    seen = Ticket.objects.visible_to(by).filter(pk__in=tickets)
    drafts = Draft.objects.visible_to(by).waiting().with_answer().filter(ticket__in=seen)
    return with_all_that_is_shown(drafts)


def with_all_that_is_shown(drafts: QuerySet[Draft]) -> QuerySet[Draft]:
    return (
        drafts.select_related("ticket__requester", "message")
        .prefetch_related("citations__revision")
        .order_by("-ticket__updated_at", "-ticket_id")
    )


def summary(results: Sequence[Result]) -> str:
    done = sum(result.is_done for result in results)
    said = ngettext("%d ticket changed.", "%d tickets changed.", done) % done
    refused = [f"#{row.ticket.number}: {row.text}" for row in results if not row.is_done]
    return " ".join([said, *refused])
