"""The paragraphs of an article, and names for them that survive edits elsewhere.

Articles have a paragraph, a list item or a table row on each line, so a paragraph is a line
that is not blank. Pure.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*[^\s][^\n]*")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line with words in it: `text == body[start:end]`, offsets in code points."""

    start: int
    end: int
    text: str

    @property
    def key(self) -> str:
        return paragraph_key(self.text)


def paragraphs(body: str) -> list[Paragraph]:
    return [Paragraph(found.start(), found.end(), found[0]) for found in _LINE.finditer(body)]


def paragraph_at(body: str, offset: int) -> Paragraph | None:
    """The paragraph that holds the offset, else the last one before it, else the first."""
    found = paragraphs(body)
    if not found:
        return None
    return found[max(0, bisect_right([one.start for one in found], offset) - 1)]


def paragraph_key(text: str) -> str:
    """Names a paragraph by what it says; spaces and capitals make no difference."""
    plain = " ".join(text.casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()[:16] if plain else ""
