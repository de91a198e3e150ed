"""Spans as citations, and as sentences for a letter. Imports no Django.

A citation's quote is `body[start:end]`, raw Markdown and all; the letter gets plain words.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from qa_engine.limits import limiting_heading
from qa_engine.markdown import Kind
from qa_engine.rows import row_in_words
from qa_engine.sentences import Unit, plain, units
from qa_engine.spans import table_head
from qa_engine.text import words
from qa_engine.types import Candidate, Evidence, Quote, Span

# Little words make up a fifth to a third of English prose; these are in no other language.
ENGLISH_SHARE = 0.04
_LITTLE_WORDS = "the and your you with this are we'll which when"
_ENGLISH = frozenset(_LITTLE_WORDS.split())


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


def quotes_of(span: Span, before: Sequence[Span] = ()) -> list[Quote]:
    """The span's sentences in plain words, each with the words that it quotes.

    A heading that limits what they say stands before them, unless what is quoted `before` of
    the same section has said it.
    """
    body = span.candidate.body or span.candidate.text
    offset = 0 if span.candidate.body else span.candidate.start
    chosen = _said_in(span, body, offset)
    quotes = [quote for unit in chosen if (quote := _quote(span, body, unit, offset)).text]
    told = [unit for one in before for unit in _said_in(one, body, offset)]
    if quotes and (heading := limiting_heading(body, chosen, told)):
        words = plain(heading.text).rstrip(" :")
        quotes.insert(0, Quote(f"{words}:", (_evidence(span, heading, offset),)))
    return quotes


def _said_in(span: Span, body: str, offset: int) -> list[Unit]:
    return [
        unit
        for unit in units(body)
        if span.start <= unit.start + offset
        and unit.end + offset <= span.end
        and unit.kind not in {Kind.HEADING, Kind.TABLE_HEAD}
    ]


def words_of(title: str, body: str, start: int, end: int) -> str:
    """`body[start:end]` as a letter has it: rows in words, steps one below the other."""
    whole = Candidate(
        passage_id=0, article_id=0, revision_id=0, title=title, heading_path="", text=body,
        start=0, end=len(body), score=0.0, body=body,
    )  # fmt: skip
    quotes = quotes_of(Span(whole, start, end, body[start:end], score=0.0))
    lines = [f"{quote.marker} {quote.text}" if quote.marker else quote.text for quote in quotes]
    together = "\n" if any(quote.marker for quote in quotes) else " "
    return together.join(lines) or plain(body[start:end])


def _quote(span: Span, body: str, unit: Unit, offset: int) -> Quote:
    own = _evidence(span, unit, offset)
    if unit.kind is Kind.TABLE_ROW:
        head = table_head(body, unit)
        above = (_evidence(span, head, offset),) if head else ()
        told = row_in_words(head.text if head else "", unit.text, language_of(body))
        return Quote(told, (own, *above))
    return Quote(plain(unit.text), (own,), unit.marker)


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


@lru_cache(maxsize=4_000)
def language_of(body: str) -> str:
    """English, or something else: whether a table's row can be put into an English sentence."""
    found = words(body)
    common = sum(word in _ENGLISH for word in found)
    return "en" if common >= ENGLISH_SHARE * len(found) else ""
