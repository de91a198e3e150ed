"""Where a new sentence, list item or table row goes, and in which shape. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_engine.markdown import Kind, cells
from qa_engine.sentences import split_sentences
from qa_engine.suggesting.locating import Paragraph, Ranked, paragraphs
from qa_engine.suggesting.rewriting import Stretch
from qa_engine.text import content_stems

_MARKER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_OWN_BLOCK = re.compile(r"\s*(?:#{1,6}[ \t]|```|~~~|>|\|)")
_NUMBER = re.compile(r"(\d+)([.)])")


def insert(body: str, ranked: Sequence[Ranked], text: str) -> tuple[Stretch, str, Ranked]:
    """What to insert, which kind of thing it is, and by which paragraph."""
    place = ranked[0]
    paragraph = place.paragraph
    text = text.strip()
    if is_own_block(text) or paragraph.kind in {Kind.HEADING, Kind.CODE}:
        return block(body, paragraph, text), "block", place
    if paragraph.kind is Kind.ITEM:
        return item(body, paragraph, text), "item", place
    if paragraph.kind in {Kind.TABLE_ROW, Kind.TABLE_HEAD}:
        return _beside_table(body, paragraph, text, place)
    if is_item(text):
        return block(body, paragraph, text), "block", place
    return _sentence(paragraph, text), "sentence", place


def is_own_block(text: str) -> bool:
    """Several lines, a heading, a quotation, a table, code."""
    return "\n" in text.strip() or bool(_OWN_BLOCK.match(text))


def is_item(text: str) -> bool:
    return bool(_MARKER.match(text.strip()))


def _sentence(paragraph: Paragraph, text: str) -> Stretch:
    """After the sentence that it has most in common with; else at the end."""
    wanted = content_stems(text)
    best, most = paragraph.end, 0
    for start, end in split_sentences(paragraph.text):
        shared = len(wanted & content_stems(paragraph.text[start:end]))
        if shared >= most and shared:
            best, most = paragraph.start + end, shared
    return Stretch(best, best, f" {text}")


def item(body: str, paragraph: Paragraph, text: str) -> Stretch:
    """Another item like this one, with its marker and indent."""
    line = body.rfind("\n", 0, paragraph.start) + 1
    found = _MARKER.match(body[line:])
    marker = _next(found[0]) if found else "* "
    if own := _MARKER.match(text):
        text = text[own.end() :]
    return Stretch(paragraph.end, paragraph.end, f"\n{marker}{text}")


def _next(marker: str) -> str:
    """1. stays 1. where all are; who counts, counts on."""
    number = _NUMBER.search(marker)
    if number is None or number[1] == "1":
        return marker.replace("[x]", "[ ]").replace("[X]", "[ ]")
    return marker[: number.start()] + f"{int(number[1]) + 1}{number[2]}" + marker[number.end() :]


def _beside_table(
    body: str, paragraph: Paragraph, text: str, place: Ranked
) -> tuple[Stretch, str, Ranked]:
    """A row where the fact names what a row names; otherwise a paragraph after the table."""
    width = len(cells(paragraph.text))
    name, colon, rest = text.partition(":")
    parts = [name, rest] if colon and width == 2 else cells(text) if "|" in text else []
    if len(parts) == width and all(part.strip() for part in parts):
        row = "| " + " | ".join(part.strip().replace("|", "\\|") for part in parts) + " |"
        at = _end_of_rule(body, paragraph) if paragraph.kind is Kind.TABLE_HEAD else paragraph.end
        return Stretch(at, at, f"\n{row}"), "row", place
    return block(body, _last_row(body, paragraph), text), "block", place


def _end_of_rule(body: str, head: Paragraph) -> int:
    """A table's first row comes after the line of dashes."""
    newline = body.find("\n", head.end)
    end = body.find("\n", newline + 1)
    return len(body) if end < 0 else end


def _last_row(body: str, paragraph: Paragraph) -> Paragraph:
    last = paragraph
    for one in paragraphs(body)[paragraph.number + 1 :]:
        if one.kind is not Kind.TABLE_ROW:
            break
        last = one
    return last


def block(body: str, paragraph: Paragraph, text: str) -> Stretch:
    """Paragraphs of their own; a list item goes on in the list."""
    at = paragraph.end
    if paragraph.kind is Kind.TABLE_HEAD:
        at = _end_of_rule(body, paragraph)
    close = paragraph.kind is Kind.ITEM and _MARKER.match(text)
    before = "\n" if close else "\n\n"
    after = "" if close or body[at:].startswith("\n\n") or not body[at:].strip() else "\n"
    return Stretch(at, at, f"{before}{text}{after}")
