"""What a replay is asked and what it says. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge.types import ArticleText
from qa_engine.types import DraftRequest, DraftResult


class Outcome(StrEnum):
    """What a change would have made of one past message."""

    ANSWERED = "answered"  # no draft without the change, one with it
    CHANGED = "changed"  # another draft, no further from what was sent
    WORSE = "worse"  # another draft, further from what a person sent
    LOST = "lost"  # a draft without the change, none with it
    SAME = "same"

    @property
    def is_loss(self) -> bool:
        return self in {Outcome.WORSE, Outcome.LOST}


@dataclass(frozen=True, slots=True)
class Shown:
    """An article's text as it stands, or stood, before readers.

    `revision_id` is negative for a text that nobody has saved.
    """

    article_id: int
    revision_id: int
    text: ArticleText


@dataclass(frozen=True, slots=True)
class Overlay:
    """How a knowledge base differs from the indexed one."""

    hidden: frozenset[int] = frozenset()
    shown: tuple[Shown, ...] = ()

    def with_change(self, change: Change) -> Overlay:
        """The change made upon this state of things."""
        touched = change.hidden | {one.article_id for one in change.shown}
        kept = tuple(one for one in self.shown if one.article_id not in touched)
        return Overlay(self.hidden | touched, kept + change.shown)


@dataclass(frozen=True, slots=True)
class Change:
    """Articles as they would read, articles that would be gone, another threshold."""

    shown: tuple[Shown, ...] = ()
    hidden: frozenset[int] = frozenset()
    min_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class PastMessage:
    """A requester's message, when it came, and what a person sent in answer, if anything."""

    key: int
    request: DraftRequest
    at: datetime
    sent: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One message, answered without the change and with it. Both None where nothing differs."""

    key: int
    outcome: Outcome
    before: DraftResult | None = None
    after: DraftResult | None = None
