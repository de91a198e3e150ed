"""A draft's text cut at its cited sentences, so that each can be pointed at. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.models import Citation


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the draft: a sentence with the numbers of its citations, or what stands
    between (then there are none)."""

    text: str
    numbers: tuple[int, ...] = ()

    @property
    def is_cited(self) -> bool:
        return bool(self.numbers)

    @property
    def key(self) -> str:
        return " ".join(map(str, self.numbers))


def segments_of(body: str, citations: Iterable[Citation]) -> list[Segment]:
    """The whole body, in order; overlapping sentences keep the first."""
    numbers: dict[tuple[int, int], list[int]] = {}
    for citation in citations:
        place = (citation.sentence_start, citation.sentence_end)
        numbers.setdefault(place, []).append(citation.number)
    segments: list[Segment] = []
    position = 0
    for (start, end), cited in sorted(numbers.items()):
        if start < position or end > len(body):
            continue
        if start > position:
            segments.append(Segment(body[position:start]))
        segments.append(Segment(body[start:end], tuple(sorted(set(cited)))))
        position = end
    if position < len(body):
        segments.append(Segment(body[position:]))
    return segments


def still_standing(segments: Iterable[Segment], text: str) -> tuple[list[int], list[int]]:
    """The citations whose sentence is in the edited text word for word, and the others."""
    kept: set[int] = set()
    lost: set[int] = set()
    plain = " ".join(text.split())
    for segment in segments:
        stands = " ".join(segment.text.split()) in plain
        (kept if stands else lost).update(segment.numbers)
    return sorted(kept), sorted(lost - kept)
