"""Spans as citations, and as sentences for a letter. Imports no Django.

A citation's quote is `body[start:end]`, raw Markdown and all; the letter gets plain words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from qa_engine.markdown import Kind, cells
from qa_engine.sentences import Unit, plain, units
from qa_engine.spans import table_head
from qa_engine.text import words
from qa_engine.types import Evidence, Quote, Span

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
        told = row_in_words(head.text if head else "", unit.text, language_of(body))
        return Quote(told, (own, *above))
    return Quote(plain(unit.text), (own,), unit.marker)


def row_in_words(head: str, row: str, language: str = "en") -> str:
    """A table row as a sentence: "PayPal: the time after our e-mail is 1 working day."

    Only English has the grammar for it; other languages name and value: "PayPal: Dauer 1 Tag".
    """
    values = [plain(cell) for cell in cells(row)]
    names = [plain(cell) for cell in cells(head)] if head else []
    told = [
        (name, value)
        for name, value in zip(_padded(names[1:], len(values) - 1), values[1:], strict=True)
        if value and value not in {"-", "–", "—"}
    ]
    if not told:
        return values[0] if values else ""
    lead = f"{values[0]}: " if values[0] else ""
    if len(told) == 1 and _is_sentence(told[0][1]):
        return lead + told[0][1]
    parts = [_named(name, value, language) for name, value in told]
    sentence = lead + _listed(parts, language)
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def _listed(parts: Sequence[str], language: str) -> str:
    """With semicolons where a part has commas of its own."""
    if len(parts) == 1 or language != "en":
        return ", ".join(parts)
    comma = "; " if any("," in part for part in parts) else ", "
    return f"{comma.join(parts[:-1])}{';' if comma == '; ' else ''} and {parts[-1]}"


def _named(name: str, value: str, language: str) -> str:
    if not name:
        return value
    if name.endswith("?"):
        return f"{_small(name)} {value}"
    if _ENDS_IN_PREPOSITION.search(name):
        return f"{_small(name)} {value}"
    if language != "en" or not _IS_FIGURE.match(value):
        return f"{_small(name)}: {value}"
    noun = _small(name)
    is_adjective = noun.split()[0] in _ADJECTIVES and len(noun.split()) == 1
    article = "" if is_adjective or noun.split()[0] in {"the", "our", "your"} else "the "
    first = noun.split(" ")[0].lower()
    is_plural = len(noun.split()) == 1 and first.endswith("s") and not first.endswith(("ss", "us"))
    return f"{article}{noun} {'are' if is_plural else 'is'} {value}"


def _is_sentence(value: str) -> bool:
    return len(value.split()) >= 4 and value[:1].isupper() and value.endswith((".", "!"))


_ENDS_IN_PREPOSITION = re.compile(
    r"\b(?:from|until|to|by|in|within|at|on|with|for|of|above|below|after|before|ab|bis|vanaf|tot)$",
    re.IGNORECASE,
)
_IS_FIGURE = re.compile(
    r"(?:up to |about |from |at least |at most )?(?:[€$£]\s?)?\d", re.IGNORECASE
)
_SORTS = "standard express economy normal regular priority overnight free small medium large"
_ADJECTIVES = frozenset(_SORTS.split())


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


@lru_cache(maxsize=4_000)
def language_of(body: str) -> str:
    """English, or something else: whether a table's row can be put into an English sentence."""
    found = words(body)
    common = sum(word in _ENGLISH for word in found)
    return "en" if common >= ENGLISH_SHARE * len(found) else ""
