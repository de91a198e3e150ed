"""Spans as citations, and as sentences for a letter. Imports no Django.

A citation's quote is `body[start:end]`, raw Markdown and all; the letter gets plain words.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_engine.markdown import Kind, cells
from qa_engine.sentences import Unit, plain, units
from qa_engine.spans import table_head
from qa_engine.types import Evidence, Quote, Span


def evidence_of(span: Span) -> Evidence:
    """The whole span as one citation."""
    return Evidence(
        article_id=span.candidate.article_id,
        revision_id=span.candidate.revision_id,
        title=span.candidate.title,
        heading_path=span.heading_path,
        start=span.start,
        end=span.end,
        quote=span.text,
        score=span.score,
    )


def quotes_of(span: Span) -> list[Quote]:
    """The span's sentences in plain words, each with the words that it quotes."""
    body = span.candidate.body or span.candidate.text
    offset = 0 if span.candidate.body else span.candidate.start
    inside = [
        unit
        for unit in units(body)
        if span.start <= unit.start + offset and unit.end + offset <= span.end
    ]
    return [
        quote
        for unit in inside
        if unit.kind not in {Kind.HEADING, Kind.TABLE_HEAD}
        and (quote := _quote(span, body, unit, offset)).text
    ]


def _quote(span: Span, body: str, unit: Unit, offset: int) -> Quote:
    own = _evidence(span, unit, offset)
    if unit.kind is Kind.TABLE_ROW:
        head = table_head(body, unit)
        above = (_evidence(span, head, offset),) if head else ()
        return Quote(row_in_words(head.text if head else "", unit.text), (own, *above))
    return Quote(plain(unit.text), (own,), unit.marker)


def row_in_words(head: str, row: str) -> str:
    """A table row as a sentence: "PayPal – time after our e-mail: 1 working day."."""
    values = [plain(cell) for cell in cells(row)]
    names = [plain(cell) for cell in cells(head)] if head else []
    parts = [
        f"{_small(name)}: {value}" if name else value
        for name, value in zip(_padded(names[1:], len(values) - 1), values[1:], strict=True)
        if value and value not in {"-", "–", "—"}
    ]
    if not parts:
        return values[0] if values else ""
    mark = " –" if any(names) else ":"  # a table without heads names its values in front
    sentence = f"{values[0]}{mark} {', '.join(parts)}" if values[0] else ", ".join(parts)
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def _padded(names: Sequence[str], count: int) -> list[str]:
    return [*names, *[""] * count][:count]


def _small(name: str) -> str:
    """A column head inside a sentence; abbreviations keep their capitals."""
    return name if name[1:2].isupper() or name[1:2].isdigit() else name[:1].lower() + name[1:]


def _evidence(span: Span, unit: Unit, offset: int) -> Evidence:
    return Evidence(
        article_id=span.candidate.article_id,
        revision_id=span.candidate.revision_id,
        title=span.candidate.title,
        heading_path=unit.heading_path,
        start=unit.start + offset,
        end=unit.end + offset,
        quote=unit.text,
        score=span.score,
    )
