"""Markdown cut into what can be quoted: sentences, list items, table rows.

Offsets are those of the raw body, so a citation is an exact quote; `plain` makes the
words fit for a letter. Imports no Django.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qa_engine.markdown import Block, Kind, blocks, heading_text

SEPARATOR = " › "  # noqa: RUF001

_ABBREVIATED = (
    "approx art bzw ca co dr e.g eg est etc excl fig i.e ie inc incl jr ltd max min mr mrs ms no "
    "nr p.m a.m pp prof resp sr st tel vol vs z.b d.h bijv o.a"
)
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_BREAK = re.compile(
    r"""(?P<stop>[.!?…]+)(?P<close>["'”’)\]*_]*)\s+(?=["'“‘(\[*_¿¡]*[^\W_a-z])|[。！？]+[”』」）]*\s*"""  # noqa: RUF001
)
_MARKER = re.compile(r"[ \t]*([-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_LAST_WORD = re.compile(r"[\w.]*$")
#: What has none of these is plain already, but for its spaces.
_MARKED = re.compile(r"[\[<>*_~`\\&]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable stretch: `text == body[start:end]`."""

    kind: Kind
    start: int
    end: int
    text: str
    heading_path: str
    # Equal for what stands under the same heading.
    section: int
    # Equal for sentences of one paragraph, items of one list, rows of one table.
    group: int
    # Of a list item: "-" or "1.".
    marker: str = ""
    # Whether it is the first under its heading.
    opens: bool = False

    @property
    def is_step(self) -> bool:
        return self.marker[:1].isdigit()


@lru_cache(maxsize=4_000)
def units(body: str) -> tuple[Unit, ...]:
    """All units of a text in order, headings among them."""
    return tuple(_units(body))


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a paragraph, without the space between them."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _BREAK.finditer(text):
        if found["stop"] == "." and is_abbreviation(text[start : found.start()]):
            continue
        end = found.end("close") if found["stop"] else found.start() + len(found[0].rstrip())
        spans.append((start, end))
        start = found.end()
    if text[start:].strip():
        spans.append((start, start + len(text[start:].rstrip())))
    return spans


@lru_cache(maxsize=1_000)
def plain(text: str) -> str:
    """The words of a stretch of Markdown, as one would write them in a letter."""
    if not _MARKED.search(text):
        return re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?m)^[ \t]*>[ \t]?", "", text)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\(\s*<?([^\s)>]*)>?(?:\s+[\"'][^)]*)?\)", _link, text)
    text = re.sub(r"<((?:https?://|mailto:)[^>\s]+)>", r"\1", text)
    text = re.sub(r"<br\s*/?>", " ", text)
    text = re.sub(r"</?[a-zA-Z][^<>]*>", "", text)
    text = re.sub(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1", r"\2", text, flags=re.DOTALL)
    text = re.sub(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])", r"\1", text)
    text = re.sub(r"(?<!\w)_(?=\S)([^_]+?)(?<=\S)_(?!\w)", r"\1", text)
    text = re.sub(r"(`+)(.+?)\1", r"\2", text)
    text = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|>~])", r"\1", text)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def _link(found: re.Match[str]) -> str:
    """A link's words, with the address where it means something outside the page."""
    label, target = found[1], found[2].removeprefix("mailto:")
    is_absolute = found[2].startswith(("http://", "https://", "mailto:"))
    return f"{label} ({target})" if is_absolute and target not in label else label


def _units(body: str) -> Iterator[Unit]:
    path: list[tuple[int, str]] = []
    section = group = 0
    before: Block | None = None
    opens = True
    for block in blocks(body):
        text = body[block.start : block.end]
        if block.kind is Kind.HEADING:
            path = [(level, words) for level, words in path if level < block.level]
            path.append((block.level, plain(heading_text(text))))
            section += 1
            opens = True
        is_same_group = before is not None and _belong_together(before, block)
        group += not is_same_group
        before = block
        heading_path = SEPARATOR.join(words for _, words in path)
        for start, end, marker in _quotable(block, text):
            yield Unit(
                kind=block.kind,
                start=block.start + start,
                end=block.start + end,
                text=text[start:end],
                heading_path=heading_path,
                section=section,
                group=group,
                marker=marker,
                opens=opens and block.kind is not Kind.HEADING,
            )
            opens = opens and block.kind in {Kind.HEADING, Kind.TABLE_HEAD}


def _quotable(block: Block, text: str) -> Iterator[tuple[int, int, str]]:
    if block.kind is Kind.PARAGRAPH:
        for start, end in split_sentences(text):
            yield start, end, ""
    elif block.kind is Kind.ITEM and (marker := _MARKER.match(text)):
        if marker.end() < len(text):
            yield marker.end(), len(text), marker[1]
    elif block.kind is Kind.HEADING:
        words = heading_text(text)
        start = text.find(words) if words else 0
        yield start, start + len(words) if words else len(text), ""
    else:
        yield 0, len(text), ""


def _belong_together(before: Block, block: Block) -> bool:
    if block.kind is Kind.ITEM:
        return before.kind is Kind.ITEM
    return block.kind is Kind.TABLE_ROW


def is_abbreviation(before: str) -> bool:
    """Whether the full stop after these words ends no sentence."""
    found = _LAST_WORD.search(before)
    word = found[0].lower() if found else ""
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i")
