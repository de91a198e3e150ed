"""Markdown as a list of blocks with exact offsets. Imports no Django.

Not a renderer: it only has to know where headings, list items, table rows, code and
paragraphs begin and end, because passages and citations are cut between them. Offsets
count characters, and `body[block.start:block.end]` is the block without its line ending.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-*:?[ \t]*)*$")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")


class Kind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE_HEAD = "table head"
    TABLE_ROW = "table row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    kind: Kind
    start: int
    end: int
    # Of a heading 1 to 6; of a list item how far it is indented.
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


def blocks(body: str) -> list[Block]:
    """Every block that holds text, in order; blank lines and rules are left out."""
    return list(_blocks(_lines(body)))


def heading_text(text: str) -> str:
    """The words of a heading line: `## Refunds ##` → `Refunds`."""
    found = _HEADING.match(text.splitlines()[0]) if text else None
    return (found[2] or "").strip() if found else text.splitlines()[0].strip() if text else ""


def cells(row: str) -> list[str]:
    """The cells of a table row; an escaped pipe belongs to its cell."""
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def _lines(body: str) -> list[_Line]:
    lines: list[_Line] = []
    for found in re.finditer(r"([^\r\n]*)(\r\n|\r|\n|$)", body):
        if found.start() == len(body):
            break
        lines.append(_Line(found.start(), found.end(1), found[1]))
    return lines


def _blocks(lines: list[_Line]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.is_blank or _RULE.match(line.text):
            at += 1
        elif fence := _FENCE.match(line.text):
            last = _end_of_fence(lines, at, fence[1])
            yield Block(Kind.CODE, line.start, lines[last].end)
            at = last + 1
        elif heading := _HEADING.match(line.text):
            yield Block(Kind.HEADING, line.start, line.end, len(heading[1]))
            at += 1
        elif _begins_table(lines, at):
            at = yield from _table(lines, at)
        elif _ITEM.match(line.text):
            last = _end_of_text(lines, at, in_item=True)
            indent = len(line.text) - len(line.text.lstrip())
            yield Block(Kind.ITEM, line.start + indent, lines[last].end, indent)
            at = last + 1
        else:
            at = yield from _paragraph(lines, at)


def _paragraph(lines: list[_Line], at: int) -> Generator[Block, None, int]:
    last = _end_of_text(lines, at, in_item=False)
    underline = lines[last + 1] if last + 1 < len(lines) else None
    indent = len(lines[at].text) - len(lines[at].text.lstrip())
    start = lines[at].start + indent
    if underline and (rule := _SETEXT.match(underline.text)) and last == at:
        yield Block(Kind.HEADING, start, lines[last].end, 1 if rule[1][0] == "=" else 2)
        return last + 2
    yield Block(Kind.PARAGRAPH, start, lines[last].end)
    return last + 1


def _end_of_fence(lines: list[_Line], at: int, fence: str) -> int:
    for later in range(at + 1, len(lines)):
        if lines[later].text.strip().startswith(fence) and not lines[later].text.strip(
            " \t" + fence[0]
        ):
            return later
    return len(lines) - 1


def _begins_table(lines: list[_Line], at: int) -> bool:
    if at + 1 >= len(lines) or "|" not in lines[at].text:
        return False
    rule = lines[at + 1].text
    return "-" in rule and "|" in rule and _TABLE_RULE.match(rule) is not None


def _table(lines: list[_Line], at: int) -> Generator[Block, None, int]:
    yield Block(Kind.TABLE_HEAD, lines[at].start, lines[at].end)
    at += 2
    while at < len(lines) and "|" in lines[at].text:
        yield Block(Kind.TABLE_ROW, lines[at].start, lines[at].end)
        at += 1
    return at


def _end_of_text(lines: list[_Line], at: int, *, in_item: bool) -> int:
    """The last line of the paragraph or list item that starts at `at`."""
    last = at
    for later in range(at + 1, len(lines)):
        text = lines[later].text
        is_rule = _RULE.match(text) or (not in_item and _SETEXT.match(text))
        if lines[later].is_blank or is_rule or _FENCE.match(text) or _HEADING.match(text):
            break
        if _ITEM.match(text) or _begins_table(lines, later):
            break
        last = later
    return last
