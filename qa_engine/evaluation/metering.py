"""How much time and memory something took: on shared machines the wall clock tells little."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Spent:
    wall: float
    # Processor seconds of this process, all threads.
    python: float
    # Of the connection's PostgreSQL backend; None where it is not on this machine. Parallel
    # workers of a query are processes of their own and are not counted.
    database: float | None

    @property
    def cpu(self) -> float:
        return self.python + (self.database or 0.0)


class Meter:
    """Starts when it is made; `read` may be called as often as one likes."""

    def __init__(self) -> None:
        self._pid = _backend_pid()
        self._database = _backend_seconds(self._pid)
        self._python = time.process_time()
        self._wall = time.perf_counter()

    def read(self) -> Spent:
        wall = time.perf_counter() - self._wall
        python = time.process_time() - self._python
        now = _backend_seconds(self._pid)
        if now is None or self._database is None:
            return Spent(wall, python, None)
        return Spent(wall, python, now - self._database)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def resident_mb() -> float:
    """Memory that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * _PAGE / 2**20


def peak_mb() -> float:
    """The most memory that the process ever held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return max(most, resident_mb())  # the kernel counts the two in different batches


def forget_peak() -> bool:
    """Let `peak_since_mb` start anew; False where the kernel does not offer that."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def peak_since_mb() -> float:
    """The most memory that the process held since `forget_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _backend_pid() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    try:
        name = Path(f"/proc/{pid}/comm").read_text(encoding="ascii")
    except OSError:
        return None
    return pid if name.startswith("postgres") else None


def _backend_seconds(pid: int | None) -> float | None:
    if pid is None:
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return None
    # The name may hold spaces, so count from the parenthesis that ends it.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
