"""Tells whoever waits what is being done: "2/7 Preparing the database … 1.2 s"."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Output(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...


class Step:
    """One of the steps while it lasts. `note` says what came of it."""

    def __init__(self, output: Output) -> None:
        self.note = ""
        self._output = output

    def make_room(self) -> None:
        """Before something else writes: it begins on a line of its own."""
        self._output.write("\n")
        self._output.flush()


class Steps:
    """Numbers the steps and times them."""

    def __init__(self, total: int, output: Output, *, done: int = 0) -> None:
        self._total = total
        self._output = output
        self._done = done

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        self._done += 1
        self._say(f"{self._done}/{self._total} {title} … ")
        started, step = time.monotonic(), Step(self._output)
        try:
            yield step
        except BaseException:
            self._say("failed\n")
            raise
        note = f" ({step.note})" if step.note else ""
        self._say(f"{time.monotonic() - started:.1f} s{note}\n")

    def _say(self, text: str) -> None:
        self._output.write(text)
        self._output.flush()
