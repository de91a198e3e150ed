"""Runs several programs as one: all of them, or none.

Their output is shown line by line behind their names. When one dies, it is said which
and why, and the others are stopped. Nothing is left behind: programs are asked to end,
then killed with all that they started; should the supervisor itself be killed, the
kernel ends them. Knows nothing of Django or of what the programs do.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

STOP_SECONDS = 10  # between being asked to end and being killed
LAST_LINES = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
COLOURS = (36, 33, 32, 35, 34, 31)

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Part:
    """A program to run; `env` is added to the supervisor's own."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Death:
    """A part ended although nobody had asked it to."""

    name: str
    how: str
    last_lines: Sequence[str]

    def __str__(self) -> str:
        head = f"{self.name} died: {self.how}."
        if not self.last_lines:
            return f"{head} It had said nothing."
        return "\n".join([f"{head} Its last lines:", *(f"  {line}" for line in self.last_lines)])


class _Running:
    def __init__(self, part: Part, colour: int) -> None:
        self.name = part.name
        self.colour = colour
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._half = b""
        self.process = subprocess.Popen(
            list(part.argv),
            env={**os.environ, **part.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # A group of its own: the terminal's Ctrl-C reaches the supervisor alone.
            process_group=0,
            preexec_fn=end_with_parent,
        )
        assert self.process.stdout is not None
        self.output: IO[bytes] = self.process.stdout
        os.set_blocking(self.output.fileno(), False)

    def read(self) -> list[str] | None:
        """New whole lines; None once the output has ended."""
        data = self.output.read()
        if data is None:
            return []
        if not data:
            rest, self._half = self._half, b""
            return self._keep([rest]) if rest else None
        *lines, self._half = (self._half + data).split(b"\n")
        return self._keep(lines)

    def signal_group(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def _keep(self, raw: Sequence[bytes]) -> list[str]:
        lines = [line.decode("utf-8", "replace").rstrip("\r") for line in raw]
        self.last_lines.extend(line for line in lines if line.strip())
        return lines


class Supervisor:
    """Start parts with `start`, then stay in `watch` until all is over."""

    def __init__(self, output: Any = None) -> None:
        self._output = output or sys.stdout
        self._selector = selectors.DefaultSelector()
        self._running: list[_Running] = []
        self._width = 0
        self._stop_asked = 0

    def start(self, parts: Sequence[Part]) -> None:
        self._width = max(len(part.name) for part in parts)
        for part in parts:
            running = _Running(part, COLOURS[len(self._running) % len(COLOURS)])
            self._running.append(running)
            self._selector.register(running.output, selectors.EVENT_READ, running)

    def watch(self, on_tick: Callable[[], None] = lambda: None) -> Death | None:
        """Until a signal asks to stop (None), or until a part has died."""
        death = None
        while not self._stop_asked and death is None:
            self._relay(0.1)
            death = self._first_death()
            on_tick()
        return death

    def stop(self) -> None:
        """End all parts and what they started, the hard way after some seconds."""
        for running in self._running:
            if running.process.poll() is None:
                running.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and self._alive():
            self._relay(0.1)
        for running in self._alive():
            self.say(f"{running.name} did not end within {STOP_SECONDS} s and is killed.")
        for running in self._running:
            running.signal_group(signal.SIGKILL)
            running.process.wait()
        self._relay(0)
        self._selector.close()
        for running in self._running:
            running.output.close()

    def say(self, text: str) -> None:
        for line in text.splitlines():
            self._write("", 0, line)

    def ask_to_stop(self, number: int, _frame: Any = None) -> None:
        """A signal handler: ends `watch`. Pressing Ctrl-C again changes nothing."""
        self._stop_asked = number

    @contextmanager
    def signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.ask_to_stop) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _alive(self) -> list[_Running]:
        return [running for running in self._running if running.process.poll() is None]

    def _first_death(self) -> Death | None:
        for running in self._running:
            status = running.process.poll()
            if status is not None:
                self._drain(running)
                return Death(running.name, how_it_ended(status), tuple(running.last_lines))
        return None

    def _relay(self, timeout: float) -> None:
        if not self._selector.get_map():
            time.sleep(timeout)
            return
        for key, _ in self._selector.select(timeout):
            self._show(key.data)

    def _drain(self, running: _Running) -> None:
        """What a dead part had still written; children may hold the pipe open."""
        for _ in range(10):
            self._relay(0.02)
            if running.output not in {key.fileobj for key in self._selector.get_map().values()}:
                return

    def _show(self, running: _Running) -> None:
        lines = running.read()
        if lines is None:
            self._selector.unregister(running.output)
            return
        for line in lines:
            self._write(running.name, running.colour, line)

    def _write(self, name: str, colour: int, line: str) -> None:
        prefix = f"{name:<{self._width}} |" if name else ""
        if prefix and self._output.isatty():
            prefix = f"\033[{colour}m{prefix}\033[0m"
        self._output.write(f"{prefix} {line}\n" if prefix else f"{line}\n")
        self._output.flush()


def how_it_ended(status: int) -> str:
    """What an exit status means, in words."""
    if status >= 0:
        return f"it ended by itself with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = ", perhaps for want of memory" if -status == signal.SIGKILL else ""
    return f"it was killed by {name}{hint}"


def end_with_parent() -> None:
    """For Popen's preexec_fn: the kernel ends the child when we die, however that happens."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
