"""What the inbox is asked to show, read from the address. Nonsense is ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from helpdesk.models import Ticket, User
from helpdesk.querysets import TABS, TicketQuerySet

PAGE_SIZE = 50
#: Deeper than this nobody pages; they search.
LAST_PAGE = 200


@dataclass(frozen=True, slots=True)
class InboxFilters:
    tab: str = "drafts"
    q: str = ""
    status: str = ""
    priority: str = ""
    queue: str = ""
    channel: str = ""
    # A user's pk, or "none".
    assignee: str = ""
    tag: str = ""
    # A suggestion's pk: drafts are held until it is decided.
    held: str = ""
    page: int = 1

    @classmethod
    def read(cls, values: Mapping[str, str]) -> InboxFilters:
        tab, page = values.get("tab", ""), values.get("page", "")
        return cls(
            # Whoever searches or filters without a tab means all tickets.
            tab=tab if tab in TABS else ("all" if any(values.values()) else "drafts"),
            q=values.get("q", "").replace("\x00", "").strip()[:200],
            status=_one_of(values.get("status", ""), Ticket.Status.values),
            priority=_one_of(values.get("priority", ""), map(str, Ticket.Priority.values)),
            channel=_one_of(values.get("channel", ""), Ticket.Channel.values),
            queue=_number(values.get("queue", "")),
            assignee="none"
            if values.get("assignee") == "none"
            else _number(values.get("assignee", "")),
            tag=_number(values.get("tag", "")),
            held=_number(values.get("held", "")),
            page=min(max(int(page), 1), LAST_PAGE) if _number(page) else 1,
        )

    def apply(self, tickets: TicketQuerySet, user: User) -> TicketQuerySet:
        tickets = tickets.in_tab(self.tab, user)
        exact = {
            "status": self.status,
            "priority": self.priority,
            "queue": self.queue,
            "channel": self.channel,
            "tags": self.tag,
        }
        tickets = tickets.filter(**{name: value for name, value in exact.items() if value})
        if self.assignee:
            wanted = None if self.assignee == "none" else int(self.assignee)
            tickets = tickets.filter(assignee=wanted)
        if self.held:
            tickets = tickets.held_for(int(self.held))
        return tickets.matching(self.q) if self.q else tickets

    @property
    def narrowing(self) -> int:
        """How many filters beside the tab are on."""
        chosen = (self.status, self.priority, self.queue, self.channel, self.assignee, self.tag)
        return sum(1 for value in (*chosen, self.held) if value)

    @property
    def query(self) -> str:
        """The address that asks for this again."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "page"}
        chosen = {name: value for name, value in values.items() if value}
        return urlencode(chosen | ({"page": self.page} if self.page > 1 else {}))

    def on_page(self, page: int) -> InboxFilters:
        return replace(self, page=page)

    def in_tab(self, tab: str) -> InboxFilters:
        return replace(self, tab=tab, page=1)


def _one_of(value: str, known: Iterable[str]) -> str:
    return value if value in set(known) else ""


def _number(value: str) -> str:
    return value if value.isascii() and value.isdigit() and len(value) < 15 else ""
