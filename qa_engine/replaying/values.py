"""What a replay is asked and what it says. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge.merging import merge_texts
from knowledge.types import ArticleText
from qa_engine.types import DraftRequest, DraftResult


class Outcome(StrEnum):
    """What a change would have made of one past message."""

    ANSWERED = "answered"  # no draft without the change, one with it
    CHANGED = "changed"  # another draft, no further from what was sent
    WORSE = "worse"  # another draft, further from what a person sent
    LOST = "lost"  # a draft without the change, none with it
    UNTOLD = "untold"  # the edit collides with what the article said on the day
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

    def replaced(self, shown: tuple[Shown, ...], hidden: frozenset[int]) -> Overlay:
        """With these texts instead of whatever showed of their articles, and without others."""
        touched = hidden | {one.article_id for one in shown}
        kept = tuple(one for one in self.shown if one.article_id not in touched)
        return Overlay(self.hidden | touched, kept + shown)


@dataclass(frozen=True, slots=True)
class Edit:
    """A text proposed for an article, and the one that it was made of.

    Without the latter it is a new article, which no day has known. `revision_id` is negative.
    """

    article_id: int
    revision_id: int
    text: ArticleText
    base: ArticleText | None = None

    def upon(self, then: ArticleText | None) -> ArticleText | None:
        """What the article would have said on a day; None where that cannot be told.

        Only the edit is carried over: what else the article has come to say since then is
        no effect of it.
        """
        if self.base is None:
            return self.text
        return None if then is None else merge_texts(self.base, self.text, then)


@dataclass(frozen=True, slots=True)
class Change:
    """Articles as they would read, articles that would be gone, another threshold."""

    edits: tuple[Edit, ...] = ()
    hidden: frozenset[int] = frozenset()
    min_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A day's state with a change made upon it.

    Where the two collide nobody can tell what the article would have said. The proposed text
    stands in for it, to find the messages that it would have reached.
    """

    overlay: Overlay
    is_certain: bool = True


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
