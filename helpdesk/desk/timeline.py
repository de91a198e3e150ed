"""A ticket's conversation as a chat, with what else happened folded between. Few queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.desk.diffs import Change, change_between
from helpdesk.desk.wording import event_in_words
from helpdesk.models import Attachment, Draft, Message, Ticket, TicketEvent, User

#: Said by the message itself.
_SHOWN_AS_MESSAGE = frozenset(
    {TicketEvent.Kind.REPLIED, TicketEvent.Kind.NOTED, TicketEvent.Kind.CREATED}
)
_BY_ENGINE = frozenset(
    {TicketEvent.Kind.DRAFTED, TicketEvent.Kind.ABSTAINED, TicketEvent.Kind.SENT_BY_RULE}
)


@dataclass(frozen=True, slots=True)
class EventLine:
    who: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, or what happened between two of them."""

    message: Message | None = None
    attachments: Sequence[Attachment] = ()
    # What the agent changed in the draft that was sent; None where nothing was.
    change: Change | None = None
    from_draft: Draft | None = None
    can_undo: bool = False
    events: Sequence[EventLine] = ()

    @property
    def side(self) -> str:
        """For the style: who is speaking."""
        if self.message is None:
            return "events"
        if self.message.kind != Message.Kind.REPLY:
            return str(self.message.kind)
        return "requester" if self.message.is_from_requester else "agent"


def timeline_of(ticket: Ticket, reader: User) -> list[Entry]:
    messages = (
        Message.objects.visible_to(reader)
        .filter(ticket=ticket)
        .select_related("author", "from_draft")
        .prefetch_related("attachments")
        .order_by("created_at", "pk")
    )
    events = TicketEvent.objects.visible_to(reader).filter(ticket=ticket).select_related("actor")
    moments: list[tuple[datetime, int, Message | TicketEvent]] = [
        *((message.created_at, 0, message) for message in messages),
        *((event.created_at, 1, event) for event in events if event.kind not in _SHOWN_AS_MESSAGE),
    ]
    moments.sort(key=lambda moment: (moment[0], moment[1], moment[2].pk))
    entries: list[Entry] = []
    between: list[EventLine] = []
    for _at, _order, what in moments:
        if isinstance(what, TicketEvent):
            between.append(_line(what))
            continue
        if between:
            entries.append(Entry(events=between))
            between = []
        entries.append(_entry(what))
    if between:
        entries.append(Entry(events=between))
    return entries


def can_undo(message: Message) -> bool:
    """The time in which it may be taken back is not over. `undo_reply` decides."""
    return (
        message.delivery == Message.Delivery.QUEUED
        and (message.approved_by_id is not None or message.kind == Message.Kind.REPLY)
        and message.send_after is not None
        and message.send_after > timezone.now()
    )


def _entry(message: Message) -> Entry:
    # The other end of a one-to-one is absent, not None, where there is none.
    draft: Draft | None = getattr(message, "from_draft", None)
    is_edited = draft is not None and draft.state == Draft.State.EDITED
    return Entry(
        message=message,
        attachments=list(message.attachments.all()),
        change=change_between(draft.body, message.body) if draft and is_edited else None,
        from_draft=draft,
        can_undo=can_undo(message),
    )


def _line(event: TicketEvent) -> EventLine:
    names = {str(value): str(label) for value, label in Ticket.Status.choices}
    is_by_engine = event.kind in _BY_ENGINE
    who = str(event.actor) if event.actor else (_("The engine") if is_by_engine else _("Helpdesk"))
    text = event_in_words(event.get_kind_display(), event.data, names)
    return EventLine(who=who, text=text, at=event.created_at)
