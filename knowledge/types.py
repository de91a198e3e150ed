"""Values of the knowledge base that other apps pass around. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf text is read, as a value that can cross a task queue.

    A draft is written for its requester, so it is read with the requester's eyes
    even when an agent asked for it.
    """

    is_agent: bool = False

    @classmethod
    def of(cls, user: object) -> Viewer:
        """The viewer that `user` is; whoever is not known to be an agent is a customer."""
        return cls(is_agent=bool(getattr(user, "is_agent", False)))


CUSTOMER = Viewer(is_agent=False)
AGENT = Viewer(is_agent=True)
