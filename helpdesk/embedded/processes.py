"""Starting servers that outlive us, and looking at processes by id.

Must not know which servers these are.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.embedded.account import Account

LOG_LINES = 20
LOG_ROTATE_BYTES = 10 * 1024 * 1024
# Starts "$@" in the background with our stdin and log, and prints its process id. The shell
# ends at once, so the server is nobody's child here: no zombie to reap, no parent to miss.
DETACH = 'exec 3<&0; (exec "$@" <&3 3<&- >&2) & echo $!'


@dataclass(frozen=True)
class Surroundings:
    """As whom, where and with which environment a server's programs run."""

    account: Account
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)


def run(argv: Sequence[str], around: Surroundings, *, text: str = "") -> tuple[int, str]:
    """Run a program to its end; its exit status and all it wrote."""
    finished = subprocess.run(
        argv,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        cwd=around.cwd,
        env=around.env,
        user=around.account.user,
        group=around.account.group,
        extra_groups=around.account.extra_groups,
        umask=0o077,
    )
    return finished.returncode, finished.stdout


def spawn(argv: Sequence[str], around: Surroundings, *, log: Path, text: str = "") -> int:
    """Start a server in a session of its own and return its process id."""
    with log.open("ab") as log_file:
        finished = subprocess.run(
            ["/bin/sh", "-c", DETACH, "sh", *argv],
            input=text.encode(),
            stdout=subprocess.PIPE,
            stderr=log_file,
            check=True,
            cwd=around.cwd,
            env=around.env,
            user=around.account.user,
            group=around.account.group,
            extra_groups=around.account.extra_groups,
            umask=0o077,
            start_new_session=True,
        )
    return int(finished.stdout)


def command_of(pid: int) -> str | None:
    """The command line of a process that runs; None for a dead one and for a zombie."""
    if not Path("/proc/self").exists():
        return _command_from_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The process state follows the name, which is in parentheses and may hold anything.
    if stat.rpartition(")")[2].split()[0] in {"Z", "X"}:
        return None
    return os.fsdecode(command.replace(b"\0", b" "))


def _command_from_ps(pid: int) -> str | None:
    finished = subprocess.run(
        ["/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, command = finished.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else command.strip()


def read_pid(path: Path) -> int | None:
    """The process id on the first line of a pid file."""
    try:
        return int(path.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def wait_until_gone(pid: int, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while command_of(pid) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def terminate(pid: int, timeout_s: float) -> bool:
    """Ask a process to end; whether it did."""
    os.kill(pid, signal.SIGTERM)
    return wait_until_gone(pid, timeout_s)


def prepare_log(path: Path) -> int:
    """Make room for the log, keep one old one, and return where new lines will begin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    if path.stat().st_size > LOG_ROTATE_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
        path.touch(mode=0o600)
    return path.stat().st_size


def tail(path: Path, start: int = 0) -> str:
    """The last lines of a log, as far as they come after byte `start`."""
    try:
        with path.open("rb") as file:
            file.seek(max(start, path.stat().st_size - 64 * 1024))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-LOG_LINES:])
