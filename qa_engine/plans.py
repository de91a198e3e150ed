"""What an article's passages should be, from its text alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from knowledge.models import Revision
from qa_engine import chunking, indexable


@dataclass(frozen=True, slots=True)
class PlannedPassage:
    position: int
    heading_path: str
    start: int
    end: int
    text: str
    content_hash: str
    # As it is embedded.
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What an article's passages should be; none for what is not published."""

    revision_id: int | None
    title: str
    summary: str
    # What the article is about, as it is embedded: part of each passage's vector.
    head: str
    passages: tuple[PlannedPassage, ...]


def plan(revision: Revision | None) -> Plan:
    """The passages of a revision. Pure: reads nothing but its arguments."""
    if revision is None:
        return Plan(None, "", "", "", ())
    title, summary = revision.title, revision.summary
    passages = planned_passages(title, summary, revision.body)
    return Plan(revision.pk, title, summary, indexable.head(title, summary), passages)


def planned_passages(title: str, summary: str, body: str) -> tuple[PlannedPassage, ...]:
    """How a text is cut and what of it is embedded, whether or not it was ever saved."""
    head = indexable.head(title, summary)
    passages = []
    for position, chunk in enumerate(chunking.split(body, title)):
        words = indexable.passage(title, chunk.heading_path, chunk.text)
        passages.append(
            PlannedPassage(
                position=position,
                heading_path=chunk.heading_path,
                start=chunk.start,
                end=chunk.end,
                text=chunk.text,
                content_hash=_digest(f"{head}\n\n{words}"),
                words=words,
            )
        )
    return tuple(passages)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
