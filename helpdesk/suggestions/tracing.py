"""Which sentence of a proposed text is whose: numbers, and links to the replies beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, QuerySet, Value, When
from django.utils.html import format_html
from django.utils.safestring import SafeString

from knowledge.models import Suggestion, SuggestionEvidence
from knowledge.rendering import render, render_with_notes
from knowledge.types import ArticleText


@dataclass(frozen=True, slots=True)
class Trace:
    """The text with its sentences numbered, and by message which numbers it speaks for."""

    preview: SafeString
    numbers: Mapping[int, tuple[int, ...]]


def evidence_of(suggestion: Suggestion) -> QuerySet[SuggestionEvidence]:
    """The replies that the text was taken from first."""
    first = When(
        kind=SuggestionEvidence.Kind.REPLY,
        message_id__in={key for one in suggestion.sentences for key in one["messages"]},
        then=Value(0),
    )
    return suggestion.evidence.select_related("revision").order_by(
        Case(first, default=Value(1)), "-seen_at", "-pk"
    )


def trace_of(
    suggestion: Suggestion, text: ArticleText, shown: Sequence[SuggestionEvidence]
) -> Trace:
    """Sentences that somebody has rewritten since are not numbered."""
    rows = {row.message_id: row.pk for row in shown if row.kind == row.Kind.REPLY}
    notes: list[tuple[int, str]] = []
    numbers: dict[int, tuple[int, ...]] = {}
    for one in suggestion.sentences:
        at = text.body.find(one["text"])
        if at < 0:
            continue
        number = len(notes) + 1
        for key in one["messages"]:
            numbers[key] = (*numbers.get(key, ()), number)
        row = next((rows[key] for key in one["messages"] if key in rows), None)
        notes.append((at + len(one["text"]), _note(number, row)))
    preview = render_with_notes(text.body, notes, text.title) if notes else None
    return Trace(preview or render(text.body, text.title), numbers)


def _note(number: int, row: int | None) -> SafeString:
    if row is None:
        return format_html('<sup class="sg-note">{}</sup>', number)
    return format_html('<sup class="sg-note"><a href="#sg-proof-{}">{}</a></sup>', row, number)
