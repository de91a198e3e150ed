"""What an agent made of a draft, written down for the calibration. Within the decision's own
transaction; knows nothing of who asks.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from difflib import SequenceMatcher

from django.utils import timezone

from helpdesk.models import Draft, DraftDecision, ErrorPromise, Ticket

Verdict = DraftDecision.Verdict

#: An edit that keeps so much of the words is a light one …
LIGHTLY = 0.8
#: … unless it changes what a customer would act upon.
_FACTS = re.compile(
    r"https?://\S+|\S+@\S+|\d+(?:[.,:]\d+)*|\b(?:not?|never|none|only|unless|except|without"
    r"|nicht|kein\w*|nie|nur|ohne|niet|geen|nooit|alleen|zonder)\b|[不没无]",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


def record_sent(*, draft: Draft, ticket: Ticket, sent: str) -> DraftDecision:
    """The draft was approved, as it stood or with changes."""
    kept = share_kept(draft.body, sent)
    return _record(draft, ticket, verdict_on(draft.body, sent, kept), kept)


def record_rejected(*, draft: Draft, ticket: Ticket) -> DraftDecision:
    return _record(draft, ticket, Verdict.REJECTED, 0.0)


def record_own_reply(*, ticket: Ticket, sent: str) -> None:
    """The agent wrote a reply of their own while a draft waited: what became of the draft?

    Who copies most of the draft found it right; who does not has turned it down in silence,
    and leaving that out would make the engine look better than it is.
    """
    draft = Draft.objects.waiting().with_answer().filter(ticket=ticket).first()
    if draft is None:
        return
    kept = share_kept(draft.body, sent)
    verdict = verdict_on(draft.body, sent, kept)
    _record(draft, ticket, Verdict.REPLACED if verdict == Verdict.HEAVY else verdict, kept)


def forget(draft: Draft) -> None:
    """The decision was taken back."""
    DraftDecision.objects.filter(draft=draft).delete()


def forget_own_reply(ticket: Ticket, *, since: datetime) -> None:
    """The reply that had replaced a draft was taken back."""
    DraftDecision.objects.filter(
        draft__ticket=ticket, draft__state=Draft.State.SUPERSEDED, decided_at__gte=since
    ).delete()


def verdict_on(draft: str, sent: str, kept: float) -> DraftDecision.Verdict:
    """How heavily it was edited: by words, and always heavily where a fact changed."""
    if draft.split() == sent.split():
        return Verdict.APPROVED
    has_new_facts = sorted(_facts(draft)) != sorted(_facts(sent))
    return Verdict.HEAVY if has_new_facts or kept < LIGHTLY else Verdict.LIGHT


def share_kept(draft: str, sent: str) -> float:
    """Of the words of both, the part that stands in both in the same order: 0 … 1."""
    words = _WORD.findall(draft.lower()), _WORD.findall(sent.lower())
    return SequenceMatcher(None, *words, autojunk=False).ratio()


def draw_of(draft: Draft) -> float:
    """A number in [0, 1) that is the draft's own for ever: its lot in a check."""
    key = f"{draft.ticket_id}:{draft.message_id}:{draft.attempt}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


def _facts(text: str) -> list[str]:
    return [found.lower().rstrip(".,;:!?)") for found in _FACTS.findall(text)]


def _record(draft: Draft, ticket: Ticket, verdict: str, kept: float) -> DraftDecision:
    promise = ErrorPromise.objects.filter(queue=ticket.queue_id, sends=True).first()
    decision, _ = DraftDecision.objects.update_or_create(
        draft=draft,
        defaults={
            "verdict": verdict,
            "kept": kept,
            "language": ticket.language,
            "queue_id": ticket.queue_id,
            "fingerprint": draft.fingerprint,
            "own_confidence": draft.own_confidence,
            "confidence": draft.confidence,
            "features": [question.get("features", {}) for question in draft.questions],
            "is_drawn": promise is None or draw_of(draft) < promise.checked_share,
            "decided_at": timezone.now(),
        },
    )
    return decision
