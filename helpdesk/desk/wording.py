"""Figures and codes in words that a person would use. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from helpdesk.models import Draft
from helpdesk.sureness import FAIRLY_SURE, SURE
from qa_engine.types import Reason

_SHORT = {
    Reason.NO_PASSAGE: gettext_lazy("Nothing published answers this"),
    Reason.UNCLEAR: gettext_lazy("No question could be read"),
    Reason.LOW_CONFIDENCE: gettext_lazy("Found something, but not sure enough"),
    Reason.WANTS_PERSON: gettext_lazy("Asks for a person"),
    Reason.NEEDS_ORDER_DATA: gettext_lazy("Needs a look at the order"),
    Reason.LANGUAGE: gettext_lazy("Nothing is published in its language"),
    Reason.ANGER: gettext_lazy("Angry: needs a person"),
    Reason.LEGAL: gettext_lazy("Legal: needs a person"),
    Reason.THREATS: gettext_lazy("A threat: needs a person"),
    Reason.SELF_HARM: gettext_lazy("Self-harm: needs a person now"),
    Reason.PAYMENT_DATA: gettext_lazy("Holds payment data: needs a person"),
    Reason.MINORS: gettext_lazy("About a child's order: needs a person"),
    Reason.INJURY: gettext_lazy("Somebody is hurt: needs a person"),
    Reason.SENSITIVE: gettext_lazy("Sensitive: needs a person"),
}
_SENSITIVE = {
    Reason.ANGER: gettext_lazy("The requester is angry, so a person answers"),
    Reason.LEGAL: gettext_lazy("The law is mentioned, so a person answers from the first word"),
    Reason.THREATS: gettext_lazy("Somebody is threatened, so a person answers"),
    Reason.SELF_HARM: gettext_lazy(
        "The requester may hurt themselves. Read this now; do not leave it in the queue"
    ),
    Reason.PAYMENT_DATA: gettext_lazy(
        "The message holds payment data. Do not repeat it in the reply"
    ),
    Reason.MINORS: gettext_lazy("A child wrote this or placed the order, so a person answers"),
    Reason.INJURY: gettext_lazy("Somebody was hurt, so a person answers from the first word"),
    Reason.SENSITIVE: gettext_lazy(
        "This message is sensitive, so a person answers it from the first word"
    ),
}


#: In the timeline, where "found no answer" would be wrong: nothing was looked for.
_LEFT_TO_A_PERSON = {
    Reason.WANTS_PERSON: gettext_lazy("asked for"),
    Reason.NEEDS_ORDER_DATA: gettext_lazy("only the order system knows"),
    Reason.ANGER: gettext_lazy("the requester is angry"),
    Reason.LEGAL: gettext_lazy("the law is mentioned"),
    Reason.THREATS: gettext_lazy("somebody is threatened"),
    Reason.SELF_HARM: gettext_lazy("the requester may hurt themselves"),
    Reason.PAYMENT_DATA: gettext_lazy("it holds payment data"),
    Reason.MINORS: gettext_lazy("a child's order"),
    Reason.INJURY: gettext_lazy("somebody was hurt"),
    Reason.SENSITIVE: gettext_lazy("it is sensitive"),
}


#: Where nothing could be found, for another reason than that nothing is there.
_NOT_FOUND = {
    Reason.UNCLEAR: gettext_lazy("could read no question in it"),
    Reason.LANGUAGE: gettext_lazy("found nothing published in its language"),
}


def confidence_level(confidence: float) -> str:
    """A word for style sheets and tests."""
    if confidence >= SURE:
        return "sure"
    return "fairly" if confidence >= FAIRLY_SURE else "unsure"


def draft_level(draft: Draft) -> str:
    """As its queue's promise has it: a high confidence alone makes no sure draft there."""
    if draft.is_sure:
        return "sure"
    return "fairly" if draft.confidence >= FAIRLY_SURE else "unsure"


def confidence_in_words(confidence: float) -> str:
    return _in_words(confidence, confidence_level(confidence))


def draft_in_words(draft: Draft) -> str:
    return _in_words(draft.confidence, draft_level(draft))


def _in_words(confidence: float, level: str) -> str:
    percent = round(confidence * 100)
    match level:
        case "sure":
            return _("%(percent)s %% sure") % {"percent": percent}
        case "fairly":
            return _("%(percent)s %%, fairly sure") % {"percent": percent}
        case _other:
            return _("%(percent)s %%, unsure") % {"percent": percent}


def reason_in_short(reason: str) -> str:
    """For a row of a list."""
    return str(_SHORT[Reason(reason)]) if reason in set(Reason) else reason


def reason_in_words(
    reason: str, *, requester: str = "", question: str = "", nearest: Sequence[str] = ()
) -> str:
    """Why there is no draft, as a sentence above the composer."""
    asked = question.strip().rstrip(".?!") or _("this")
    match reason:
        case Reason.NO_PASSAGE:
            said = _("No published article says anything about “%(asked)s”") % {"asked": asked}
        case Reason.LOW_CONFIDENCE:
            said = _("What the articles say about “%(asked)s” is not sure enough to send") % {
                "asked": asked
            }
        case Reason.UNCLEAR:
            said = _("No question could be read in this message")
        case Reason.WANTS_PERSON:
            said = _("%(name)s asks for a person") % {"name": requester or _("The requester")}
        case Reason.NEEDS_ORDER_DATA:
            said = _("Only the order system knows the answer to “%(asked)s”") % {"asked": asked}
        case Reason.LANGUAGE:
            said = _("Nothing is published in the language of this message")
        case kind if kind in _SENSITIVE:
            said = str(_SENSITIVE[Reason(kind)])
        case _other:
            said = _("There is no draft (%(reason)s)") % {"reason": reason}
    if nearest and reason in {Reason.NO_PASSAGE, Reason.LOW_CONFIDENCE}:
        return f"{said}. " + _("Nearest: %(places)s.") % {"places": "; ".join(nearest)}
    return f"{said}."


def span_in_words(span: timedelta) -> str:
    """ "3 h", "2 d": short enough for a row."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return _("moments")
    if minutes < 60:
        return _("%d min") % minutes
    if minutes < 48 * 60:
        return _("%d h") % (minutes // 60)
    return _("%d d") % (minutes // 60 // 24)


def due_in_words(due_at: datetime, now: datetime) -> str:
    if due_at < now:
        return _("overdue by %s") % span_in_words(now - due_at)
    return _("%s left") % span_in_words(due_at - now)


def event_in_words(kind_display: str, data: dict[str, Any], names: dict[str, str]) -> str:
    """What happened, without who: "changed the status from New to Open"."""
    if why := _LEFT_TO_A_PERSON.get(data.get("reason", "")):
        return _("left it to a person: %(why)s") % {"why": why}
    if said := _NOT_FOUND.get(data.get("reason", "")):
        return str(said)
    if "to" not in data:
        return kind_display
    before, after = (_value(data.get(key), names) for key in ("from", "to"))
    if not after:
        return _("%(what)s: no longer %(before)s") % {"what": kind_display, "before": before}
    if before:
        return _("%(what)s from %(before)s to %(after)s") % {
            "what": kind_display,
            "before": before,
            "after": after,
        }
    return _("%(what)s to %(after)s") % {"what": kind_display, "after": after}


def answered_in_words(answered: int, asked: int) -> str:
    return ngettext(
        "%(answered)d of %(asked)d question answered",
        "%(answered)d of %(asked)d questions answered",
        asked,
    ) % {"answered": answered, "asked": asked}


def _value(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return names.get(str(value), str(value)) if value else ""
