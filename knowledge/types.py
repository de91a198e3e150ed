"""Values of the knowledge base that other apps pass around. Imports no Django."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf text is read, as a value that can cross a task queue.

    A draft is written for its requester, so it is read with the requester's eyes
    even when an agent asked for it.
    """

    is_agent: bool = False
    # Ids of the groups of readers that a customer is in, in order; agents need none.
    groups: tuple[int, ...] = ()

    @classmethod
    def of(cls, user: object) -> Viewer:
        """The viewer that `user` is; whoever is not known to be an agent is a customer."""
        if isinstance(user, Viewer):
            return user
        is_agent = bool(getattr(user, "is_agent", False))
        return cls(is_agent=True) if is_agent else cls.as_customer(user)

    @classmethod
    def as_customer(cls, user: object) -> Viewer:
        """What is sent to `user` as a customer, be they an agent or not."""
        return cls(groups=tuple(getattr(user, "reader_group_ids", ())))

    def is_meant_by(self, visibility: str, groups: Iterable[int]) -> bool:
        """Whether an article is for them, by whom it is for; `knowledge.readers` in SQL."""
        if self.is_agent or visibility == "public":
            return True
        return visibility == "restricted" and not set(self.groups).isdisjoint(groups)


CUSTOMER = Viewer(is_agent=False)
AGENT = Viewer(is_agent=True)


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What a revision says. The body is Markdown."""

    title: str
    body: str
    summary: str = ""

    def normalized(self) -> ArticleText:
        """With line breaks and outer space as they are stored, so that equal is equal."""
        body = self.body.replace("\r\n", "\n").replace("\r", "\n")
        return ArticleText(
            title=" ".join(self.title.split()),
            body=body.lstrip("\n").rstrip(),
            summary=" ".join(self.summary.split()),
        )


@dataclass(frozen=True, slots=True)
class ArticleDetails:
    """Who may read an article, when, and how it is found; its category aside."""

    visibility: str = "public"
    # Ids of the groups that a restricted article is for.
    reader_groups: tuple[int, ...] = ()
    language: str = "en"
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a new article is to stand. The category is one that somebody chose by its id."""

    category_id: int
    language: str
