"""The inbox: tabs, filters, search and pages over the tickets, in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from helpdesk.desk.filters import LAST_PAGE, PAGE_SIZE, InboxFilters
from helpdesk.desk.wording import (
    draft_in_words,
    draft_level,
    due_in_words,
    reason_in_short,
    span_in_words,
)
from helpdesk.models import Queue, Tag, Ticket, User
from helpdesk.querysets import TABS

TAB_NAMES = {
    "drafts": gettext_lazy("Drafts waiting"),
    "mine": gettext_lazy("Mine"),
    "unassigned": gettext_lazy("Unassigned"),
    "overdue": gettext_lazy("Overdue"),
    "all": gettext_lazy("All"),
}
EMPTY = {
    "drafts": gettext_lazy("No draft is waiting. New ones appear here by themselves."),
    "mine": gettext_lazy("Nothing is assigned to you. “Unassigned” may hold some work."),
    "unassigned": gettext_lazy("Every ticket has somebody who looks after it."),
    "overdue": gettext_lazy("Nobody has waited too long for a first reply."),
    "all": gettext_lazy("No tickets yet. The first one that a customer writes appears here."),
}


@dataclass(frozen=True, slots=True)
class Tab:
    key: str
    name: str
    query: str
    is_current: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket as the list shows it."""

    ticket: Ticket
    excerpt: str
    age: str
    # Time left, or how much too late; empty once somebody has replied.
    due: str
    is_overdue: bool
    draft_line: str = ""
    has_answer: bool = False
    percent: int = 0
    level: str = ""
    sureness: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    first: int
    newer: str
    older: str

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def tabs_for(filters: InboxFilters, user: User) -> list[Tab]:
    counts = Ticket.objects.visible_to(user).tab_counts(user)
    return [
        Tab(
            key=key,
            name=str(TAB_NAMES[key]),
            query=filters.in_tab(key).query,
            is_current=key == filters.tab,
            count=counts.get(key),
        )
        for key in TABS
    ]


def page_for(filters: InboxFilters, user: User) -> Page:
    """The rows of one page, and the addresses of its neighbours. One row more is read to
    know whether there is an older page: counting 100,000 tickets would cost more."""
    tickets = filters.apply(Ticket.objects.visible_to(user), user)
    first = (filters.page - 1) * PAGE_SIZE
    found = list(
        tickets.order_by("-updated_at", "-pk")
        .for_list()
        .prefetch_related("tags")[first : first + PAGE_SIZE + 1]
    )
    now = timezone.now()
    has_older = len(found) > PAGE_SIZE and filters.page < LAST_PAGE
    return Page(
        rows=[_row(ticket, now) for ticket in found[:PAGE_SIZE]],
        first=first + 1,
        newer=filters.on_page(filters.page - 1).query if filters.page > 1 else "",
        older=filters.on_page(filters.page + 1).query if has_older else "",
    )


def choices_for(filters: InboxFilters) -> list[dict[str, Any]]:
    """The filters as selects: name, label, the value chosen, and what can be chosen."""
    agents = [(str(agent.pk), str(agent)) for agent in agents_by_name()]
    nobody = [("none", _("Nobody"))]
    queues = [(str(pk), name) for pk, name in Queue.objects.values_list("pk", "name")]
    tags = [(str(pk), name) for pk, name in Tag.objects.values_list("pk", "name")[:200]]
    priorities = [(str(value), label) for value, label in Ticket.Priority.choices]
    return [
        _choice("status", _("Status"), filters.status, Ticket.Status.choices),
        _choice("priority", _("Priority"), filters.priority, priorities),
        _choice("queue", _("Queue"), filters.queue, queues),
        _choice("channel", _("Channel"), filters.channel, Ticket.Channel.choices),
        _choice("assignee", _("Assignee"), filters.assignee, nobody + agents),
        _choice("tag", _("Tag"), filters.tag, tags),
    ]


def agents_by_name() -> list[User]:
    """Everybody who can be given a ticket."""
    roles = [User.Role.AGENT, User.Role.ADMIN]
    return list(User.objects.filter(role__in=roles, is_active=True).order_by("name", "email"))


def empty_text(filters: InboxFilters) -> str:
    if filters.q:
        return _("Nothing matches “%(text)s”.") % {"text": filters.q}
    if filters.narrowing:
        return _("No ticket fits these filters.")
    return str(EMPTY[filters.tab])


def _choice(name: str, label: str, value: str, options: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "value": value, "options": options}


def _row(ticket: Ticket, now: datetime) -> Row:
    waits_for_first_reply = ticket.is_active and ticket.first_replied_at is None
    due_at = ticket.due_at if waits_for_first_reply else None
    draft = ticket.waiting_draft if ticket.is_active else None
    words: dict[str, Any] = {}
    if draft is not None:
        said = draft.body[draft.first_claim or 0 :]
        line = " ".join(said.split()) if said else reason_in_short(draft.reason)
        words = {
            "draft_line": line[:220],
            "has_answer": draft.has_answer,
            "percent": round(draft.confidence * 100),
            "level": draft_level(draft),
            "sureness": draft_in_words(draft),
        }
    return Row(
        ticket=ticket,
        excerpt=" ".join((ticket.newest_text or "").split())[:160],
        age=span_in_words(now - ticket.updated_at),
        due=due_in_words(due_at, now) if due_at else "",
        is_overdue=ticket.is_overdue(now),
        **words,
    )
