"""What PostgreSQL and Valkey have in common, and starting either one.

Must not know which server it is.
"""

import time
from pathlib import Path
from typing import Protocol

from helpdesk.embedded.errors import EmbeddedServiceError, failure
from helpdesk.embedded.ports import forced_port
from helpdesk.embedded.processes import command_of, prepare_log, tail

# Recovery after a crash replays the log first, which takes its time on a busy database.
READY_TIMEOUT_S = 120
# A killed postmaster's children notice within moments; until then its memory is in use.
ORPHANS_TIMEOUT_S = 15
ORPHANS_SIGN = "pre-existing shared memory block"


class Server(Protocol):
    name: str
    title: str
    port_setting: str
    data_dir: Path
    log: Path

    def pid(self) -> int | None:
        """The process that has our data directory open, if it lives."""

    def left_traces(self) -> bool:
        """Whether a pid file lies there, as a crash leaves it behind."""

    def answers(self, port: int) -> str | None:
        """The version, if it is our server that answers there with our password."""

    def initialise(self) -> None:
        """Make the data directory, or raise when the one that is there cannot be used."""

    def spawn(self, port: int) -> int:
        """Start the process and return its id, without waiting until it answers."""

    def finish(self, port: int) -> None:
        """What the running server still lacks before it can be used."""

    def reset_password(self) -> None:
        """Accept the new password after the old one was lost, ending a server that has it."""

    def stop(self, port: int, pid: int) -> None:
        """Stop the process cleanly, or raise."""


class _Retry(Exception):
    """The start failed for a reason that passes."""


def found_running(server: Server, remembered: int) -> bool:
    """Whether the server already runs; waits for one that is still coming up."""
    pid = server.pid()
    if pid is None:
        return False
    if (forced := forced_port(server.port_setting)) and forced != remembered:
        raise EmbeddedServiceError(
            f"{server.title} is running on port {remembered}, but {server.port_setting} asks for "
            f"{forced}. Run `manage.py services stop` first."
        )
    deadline = time.monotonic() + READY_TIMEOUT_S
    while server.answers(remembered) is None:
        if server.pid() != pid:
            return False
        if time.monotonic() > deadline:
            raise failure(
                f"{server.title} runs as process {pid} but does not answer on port {remembered}. "
                f"End it with `kill {pid}` and start again.",
                log=tail(server.log),
                place=str(server.log),
            )
        time.sleep(0.05)
    return True


def start(server: Server, port: int) -> None:
    """Start the server on `port`, which is free, and wait until it answers."""
    deadline = time.monotonic() + ORPHANS_TIMEOUT_S
    while True:
        try:
            _start_once(server, port)
        except _Retry as exc:
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(str(exc)) from exc
            time.sleep(0.2)
        else:
            return


def _start_once(server: Server, port: int) -> None:
    log_start = prepare_log(server.log)
    pid = server.spawn(port)
    deadline = time.monotonic() + READY_TIMEOUT_S
    while server.answers(port) is None:
        if command_of(pid) is None:
            said = tail(server.log, log_start)
            error = failure(f"{server.title} did not start.", log=said, place=str(server.log))
            if ORPHANS_SIGN in said:
                raise _Retry(str(error))
            raise error
        if time.monotonic() > deadline:
            raise failure(
                f"{server.title} started as process {pid} but did not answer within "
                f"{READY_TIMEOUT_S} s.",
                log=tail(server.log, log_start),
                place=str(server.log),
            )
        time.sleep(0.02)
