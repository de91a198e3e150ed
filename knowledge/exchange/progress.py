"""How far a long run is, said at most once a second."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item")


class Stream(Protocol):
    def write(self, msg: str) -> object: ...


def track(
    items: Iterable[Item], *, stream: Stream, noun: str, every: float = 1.0
) -> Iterator[Item]:
    """Yield `items`, telling `stream` how many there were so far."""
    shown = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - shown >= every:
            shown = time.monotonic()
            stream.write(f"{done} {noun}…")
