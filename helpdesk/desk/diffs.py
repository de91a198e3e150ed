"""What an agent changed in a draft, word by word. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.diffing import Kind, Piece, diff_words


@dataclass(frozen=True, slots=True)
class Change:
    """The way from a draft to what was, or will be, sent."""

    pieces: tuple[Piece, ...]

    @property
    def is_empty(self) -> bool:
        return all(piece.kind is Kind.SAME for piece in self.pieces)

    @property
    def summary(self) -> str:
        """ "4 words added, 2 removed"."""
        added, removed = (self._words(kind) for kind in (Kind.ADDED, Kind.REMOVED))
        if not added and not removed:
            return _("Only spaces or signs changed") if not self.is_empty else _("Unchanged")
        parts = []
        if added:
            parts.append(ngettext("%d word added", "%d words added", added) % added)
        if removed:
            parts.append(ngettext("%d word removed", "%d words removed", removed) % removed)
        return ", ".join(parts)

    def _words(self, kind: Kind) -> int:
        return sum(len(piece.text.split()) for piece in self.pieces if piece.kind is kind)


def change_between(draft: str, sent: str) -> Change:
    """Line ends as browsers send them, and spaces around the text, are no changes."""
    return Change(_smoothed(diff_words(_plain(draft), _plain(sent))))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _smoothed(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Join runs of changes that only a space keeps apart, so that phrases read as phrases."""
    joined: list[Piece] = []
    removed = added = ""
    for index, piece in enumerate(pieces):
        between = piece.kind is Kind.SAME and not piece.text.strip(" ")
        has_more = index + 1 < len(pieces)
        if piece.kind is Kind.REMOVED:
            removed += piece.text
        elif piece.kind is Kind.ADDED:
            added += piece.text
        elif between and has_more and (removed or added):
            removed, added = removed + piece.text, added + piece.text
        else:
            joined += _flushed(removed, added)
            removed = added = ""
            joined.append(piece)
    return (*joined, *_flushed(removed, added))


def _flushed(removed: str, added: str) -> list[Piece]:
    return [
        Piece(kind, text)
        for kind, text in ((Kind.REMOVED, removed), (Kind.ADDED, added))
        if text.strip() or (text and not (removed.strip() or added.strip()))
    ]
