"""What stands where the reply is written: a draft, an open composer, or what was just sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from helpdesk.desk.evidence import reason_for
from helpdesk.desk.sentences import Segment, segments_of
from helpdesk.desk.timeline import can_undo
from helpdesk.desk.wording import draft_in_words, draft_level
from helpdesk.draft_jobs import job_key
from helpdesk.holding import open_reasons
from helpdesk.models import Citation, Draft, Job, Message, Ticket

#: What waits, and what the requester's newest message has made out of date.
_SHOWN = frozenset({Draft.State.WAITING, Draft.State.STALE})


class Mode(StrEnum):
    DRAFT = "draft"  # a draft waits; it can be sent
    EDIT = "edit"  # the same, in a textarea
    STALE = "stale"  # the requester wrote again; greyed, cannot be sent
    OPEN = "open"  # no draft: the composer is open
    SENT = "sent"  # a reply left a moment ago and can be taken back
    CLOSED = "closed"  # only notes


@dataclass(frozen=True, slots=True)
class Composer:
    mode: Mode
    draft: Draft | None = None
    citations: Sequence[Citation] = ()
    segments: Sequence[Segment] = ()
    # In the textarea when the page is drawn.
    text: str = ""
    reason: str = ""
    is_drafting: bool = False
    # The requester wrote last.
    is_unanswered: bool = False
    # Who made the draft stale, and when.
    newest: Message | None = None
    # A newer draft waits to be shown in place of this one.
    has_newer: bool = False
    sent: Message | None = None
    alert: str = ""
    # Why the draft must not be sent yet.
    holds: Sequence[str] = ()

    @property
    def can_draft(self) -> bool:
        """The requester waits, no draft does, and none is on its way."""
        has_answer = self.draft is not None and bool(self.draft.body)
        return self.is_unanswered and not has_answer and not self.is_drafting

    @property
    def sureness(self) -> str:
        return draft_in_words(self.draft) if self.draft else ""

    @property
    def level(self) -> str:
        return draft_level(self.draft) if self.draft else ""

    @property
    def percent(self) -> int:
        return round(self.draft.confidence * 100) if self.draft else 0

    @property
    def undo_until(self) -> datetime | None:
        return self.sent.send_after if self.sent else None

    @property
    def seconds_to_undo(self) -> int:
        if self.sent is None or self.sent.send_after is None:
            return 0
        return max(int((self.sent.send_after - timezone.now()).total_seconds()), 0)


def composer_for(
    ticket: Ticket,
    *,
    text: str | None = None,
    edit: bool = False,
    own: bool = False,
    alert: str = "",
    on_screen: str = "",
) -> Composer:
    """The composer's state now. `text` is what somebody has typed and must not lose;
    with `own` it is written beside the draft, not into it. `on_screen` is the key of the draft
    that the agent reads: another one never takes its place, with a button that sends it, unless
    the agent asks."""
    newest = ticket.messages.from_requester().select_related("author").last()
    latest, is_drafting = _latest(ticket, newest)
    draft = latest if latest and ticket.is_active and latest.state in _SHOWN else None
    last = _last_reply(ticket)
    sent = last if last and can_undo(last) and not text and not own else None
    if ticket.is_closed:
        return Composer(Mode.CLOSED, text=text or "", alert=alert)
    if sent is not None:
        return Composer(Mode.SENT, sent=sent, alert=alert)
    if draft and draft.body and (read := _outdated(ticket, draft, on_screen)):
        return Composer(Mode.STALE, draft=read, newest=newest, has_newer=True, alert=alert)
    citations = list(draft.citations.all()) if draft else []
    if draft is None or not draft.body or own:
        return Composer(
            Mode.OPEN,
            draft=draft,
            citations=citations,
            text=text or "",
            reason=reason_for(draft, ticket.requester.get_short_name())
            if draft and draft.reason
            else "",
            is_drafting=is_drafting,
            is_unanswered=ticket.is_active and last is not None and last.is_from_requester,
            newest=newest,
            alert=alert,
        )
    is_stale = draft.state == Draft.State.STALE
    wants_text = edit or text is not None
    # Of a stale draft nothing can be sent; what was typed goes out as a reply of its own.
    mode = (
        (Mode.OPEN if wants_text else Mode.STALE)
        if is_stale
        else (Mode.EDIT if wants_text else Mode.DRAFT)
    )
    return Composer(
        mode,
        draft=draft,
        citations=citations,
        segments=segments_of(draft.body, citations),
        text=draft.body if text is None else text,
        is_drafting=is_drafting,
        newest=newest,
        alert=alert,
        holds=open_reasons(draft),
    )


def _outdated(ticket: Ticket, draft: Draft, on_screen: str) -> Draft | None:
    """The draft that is read now, where the newer `draft` would take its place."""
    if not on_screen.isdecimal() or on_screen == str(draft.pk):
        return None
    return ticket.drafts.filter(pk=on_screen, state=Draft.State.STALE).exclude(body="").first()


def _last_reply(ticket: Ticket) -> Message | None:
    return (
        ticket.messages.filter(kind=Message.Kind.REPLY)
        .select_related("author")
        .order_by("created_at", "pk")
        .last()
    )


def _latest(ticket: Ticket, newest: Message | None) -> tuple[Draft | None, bool]:
    """The latest draft, and whether another one is being written.

    A draft that is stored between the two looks would be on no page that waits for it: where
    nothing is being written and the newest message has none, they are taken again.
    """
    latest = _latest_draft(ticket)
    if newest is None or not ticket.is_active:
        return latest, False
    if _is_drafting(newest, latest):
        return latest, True
    has_none = latest is None or latest.message_id != newest.pk
    if has_none and ticket.drafts.filter(message=newest).exists():
        latest = _latest_draft(ticket)
    return latest, False


def _latest_draft(ticket: Ticket) -> Draft | None:
    return ticket.drafts.order_by("-created_at", "-pk").prefetch_related("citations").first()


def _is_drafting(message: Message, latest: Draft | None) -> bool:
    """A draft of this message is queued or being written. Two indexed look-ups."""
    attempts = (latest.attempt if latest and latest.message_id == message.pk else 0) + 1
    keys = [job_key(message, attempt) for attempt in range(1, attempts + 1)]
    named = Job.objects.filter(kind=Job.Kind.DRAFT, key__in=keys)
    return named.filter(Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING)).exists()
