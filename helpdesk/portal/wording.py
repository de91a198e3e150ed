"""Where a ticket stands, and when something happens, in words a requester would use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from helpdesk.models import Message, Ticket, User


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket's state: a few words, a sentence, and how it is coloured."""

    label: str
    detail: str
    tone: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the reader of the page sees it."""

    message: Message
    name: str
    initial: str
    # Written by the requester's side; the shop's stands on the other side of the page.
    is_theirs: bool


def standing_of(ticket: Ticket, at: datetime | None = None) -> Standing:
    match ticket.status:
        case Ticket.Status.PENDING:
            return Standing(
                _("Waiting for your answer"),
                _("We have replied. Write back if something is missing."),
                "warn",
            )
        case Ticket.Status.SOLVED:
            return Standing(_("Solved"), _("Not quite? You can reopen it by writing again."), "ok")
        case Ticket.Status.CLOSED:
            return Standing(_("Closed"), _("This conversation has ended."), "quiet")
    return Standing(_("We are working on it"), _promise(ticket, at), "busy")


def due_in_words(due_at: datetime, at: datetime | None = None) -> str:
    """ "today by 18:00", "tomorrow by 09:30", "by Friday 4 December, 09:30"."""
    due, now = timezone.localtime(due_at), timezone.localtime(at)
    clock = time_format(due, "H:i")
    match (due.date() - now.date()).days:
        case 0:
            return _("today by %(time)s") % {"time": clock}
        case 1:
            return _("tomorrow by %(time)s") % {"time": clock}
    return _("by %(day)s, %(time)s") % {"day": date_format(due, "l j F"), "time": clock}


def entry_of(message: Message, reader: User | None, shop_name: str) -> Entry:
    """Agents appear by first name alone; of requesters no address is ever shown."""
    author = message.author
    if author is not None and author == reader and message.is_from_requester:
        name = _("You")
    elif author is not None and author.first_name:
        name = author.first_name
    else:
        name = _("Customer") if message.is_from_requester else shop_name
    initial = (author.first_name if author else "")[:1] or name[:1]
    return Entry(message, name, initial.upper(), message.is_from_requester)


def _promise(ticket: Ticket, at: datetime | None) -> str:
    now = at or timezone.now()
    if ticket.first_replied_at is None and ticket.due_at is not None:
        if ticket.due_at > now:
            return _("You will hear from us %(when)s.") % {
                "when": due_in_words(ticket.due_at, now)
            }
        return _("It is taking longer than we promised. We have not forgotten you.")
    return _("You will hear from us by e-mail, and see it here.")
