"""Texts cut into what can state a fact, each with what stands around it. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from qa_engine.markdown import Kind as BlockKind
from qa_engine.sentences import SEPARATOR, plain, units
from qa_engine.suggesting.facts import row_text


@dataclass(frozen=True, slots=True)
class Text:
    """What may have to change: an article's revision, a macro, or a draft."""

    key: object
    title: str
    body: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """`field[start:end]` gives way to `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A unit of a text with what stands around it."""

    key: object
    field: str
    start: int
    end: int
    text: str
    title: str
    heading_path: str
    before: str = ""
    table_head: str = ""
    # Neither a heading nor the head of a table.
    is_statement: bool = True

    @property
    def context(self) -> str:
        """Itself and what it stands under."""
        return ". ".join(
            part
            for part in (self.title, self.heading_path, self.table_head, plain(self.text))
            if part
        )


def stretches(text: Text) -> list[Stretch]:
    return list(stretches_of(text.key, text.title, text.summary, text.body))


@lru_cache(maxsize=20_000)
def stretches_of(key: object, title: str, summary: str, body: str) -> tuple[Stretch, ...]:
    return cut(key, title, summary, body)


def cut(key: object, title: str, summary: str, body: str) -> tuple[Stretch, ...]:
    """As `stretches_of`, for texts that are read once: keeps nothing."""
    found = [Stretch(key, "title", 0, len(title), title, title, "")] if title else []
    if summary:
        found.append(Stretch(key, "summary", 0, len(summary), summary, title, ""))
    before, head, section = "", "", -1
    for unit in units(body):
        if unit.section != section:
            before, head, section = "", "", unit.section
        if unit.kind is BlockKind.TABLE_HEAD:
            head = row_text(unit.text)
        in_table = unit.kind is BlockKind.TABLE_ROW
        path = unit.heading_path
        if unit.kind is BlockKind.HEADING:
            path = SEPARATOR.join(path.split(SEPARATOR)[:-1])
        found.append(
            Stretch(
                key, "body", unit.start, unit.end, unit.text, title, path, before,
                head if in_table else "",
                unit.kind not in {BlockKind.HEADING, BlockKind.TABLE_HEAD},
            )
        )  # fmt: skip
        before = "" if in_table else plain(unit.text)
    return tuple(found)
