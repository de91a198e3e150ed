"""Progress of long commands: a line a second at most, to stderr."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.core.management.base import OutputWrapper

Item = TypeVar("Item")


def track(
    items: Iterable[Item], *, total: int, stream: OutputWrapper, every: float = 1.0
) -> Iterator[Item]:
    """Yield `items`, writing "123/456 (27%)" at most once per `every` seconds."""
    shown = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if done == total or time.monotonic() - shown >= every:
            shown = time.monotonic()
            stream.write(f"{done}/{total} ({done / max(total, 1):.0%})")
