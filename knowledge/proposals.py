"""What a source of suggestions hands to `services.suggestions.propose`. Imports no Django.

The reference of a piece of evidence is plain values: the knowledge base knows no tickets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What accepting the suggestion would do."""

    EDIT = "edit"
    NEW_ARTICLE = "new"
    MERGE = "merge"  # the target takes the text, the other article is archived
    CONTRADICTION = "contradiction"  # an edit that settles what two passages say differently
    RETIRE = "retire"
    CHECK = "check"  # a person reads it again: it holds, is edited, or is put away


class Origin(StrEnum):
    """What brought it up."""

    AGENTS = "agents"  # what agents change in drafts
    GAP = "gap"  # questions that nobody answered
    SOURCE = "source"  # a product or a policy changed
    REVIEW = "review"  # contradictions, duplicates, staleness
    PERSON = "person"


class EvidenceKind(StrEnum):
    QUESTION = "question"  # a requester's words
    REPLY = "reply"  # an agent's words
    SOURCE = "source"  # a version of a source document
    PASSAGE = "passage"  # words of an article
    READER = "reader"  # what a reader said of an article


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A quotation and where it stands.

    Of a question or reply `ticket_number` is what people call the ticket and `message_id`
    the entry of its thread; of a passage `revision_id`, `start` and `end` (code points);
    of a reader's words `revision_id` is what they had read.
    """

    kind: EvidenceKind
    quote: str
    seen_at: datetime
    ticket_number: int | None = None
    message_id: int | None = None
    source_version_id: int | None = None
    revision_id: int | None = None
    start: int | None = None
    end: int | None = None
    # Who or what says it, as shown before the quote: "ada", "repairs.md, version 4, line 12".
    label: str = ""
    # What was said instead before: by the draft, or by the older version.
    before: str = ""

    @property
    def key(self) -> str:
        """Names the place, so that the same piece counts once."""
        parts: tuple[object, ...]
        match self.kind:
            case EvidenceKind.SOURCE:
                parts = (self.source_version_id, self.start, self.label)
            case EvidenceKind.PASSAGE:
                parts = (self.revision_id, self.start, self.end)
            case EvidenceKind.READER:
                parts = (self.revision_id, self.seen_at.isoformat())
            case _:
                parts = (self.ticket_number, self.message_id)
        return ":".join([self.kind, *(str(part) for part in parts if part is not None)])[:200]


@dataclass(frozen=True, slots=True)
class TracedSentence:
    """Words of the proposed text, and the replies that say so: entries of tickets' threads."""

    text: str
    messages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A need and the text that would meet it.

    `base_revision_id` is the revision that the text was written against; None proposes a
    new article, which needs `category_id`. `paragraph_at` is an offset in the base's body
    (code points) inside the paragraph that is to change; None means the whole article.
    `fact_key` names the fact independently of its words: together with the article and the
    paragraph it decides whether a need has been seen before.
    """

    kind: Kind
    origin: Origin
    title: str
    body: str
    rationale: str
    fact_key: str
    fingerprint: str
    evidence: tuple[EvidenceItem, ...]
    confidence: float
    base_revision_id: int | None = None
    paragraph_at: int | None = None
    # Of MERGE and CONTRADICTION: the other article.
    other_article_id: int | None = None
    category_id: int | None = None
    summary: str = ""
    language: str = "en"
    # Dismissed once is dismissed for good: the fact itself names the text it is about, so
    # that another text is another fact.
    asks_once: bool = False
    # Where the text was put together from what people wrote: which words are whose.
    sentences: tuple[TracedSentence, ...] = ()
    # Expected effect: tickets that it would spare or better, and what each of them costs.
    tickets_per_week: float = 0.0
    handling_minutes: float = 0.0
    # Figures of a replay and the like; merged into the suggestion's `effect`.
    effect: Mapping[str, Any] = field(default_factory=dict)
