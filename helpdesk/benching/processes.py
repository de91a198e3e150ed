"""What other processes of this machine took and hold, as the kernel says it (Linux). No Django."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children[int(fields[1])].append(int(entry.name))
    found = [pid]
    for one in found:  # grows while it is gone through
        found += children[one]
    return found


def parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def cpu_seconds(pid: int) -> float:
    """Of the process and its descendants, those that have ended included."""
    ticks = 0
    for one in family(pid):
        if fields := _stat(one):
            ticks += sum(int(fields[at]) for at in (11, 12, 13, 14))
    return ticks / _TICKS


def memory_mb(pids: Iterable[int]) -> tuple[float, float]:
    """(resident, proportional) of all together: what two of them share counts twice in the
    first, and once in the second."""
    resident = proportional = 0
    for pid in pids:
        try:
            told = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        sizes = {line.split()[0]: int(line.split()[1]) for line in told.splitlines()[1:]}
        resident += sizes.get("Rss:", 0)
        proportional += sizes.get("Pss:", 0)
    return resident / 1024, proportional / 1024


def _stat(pid: int) -> list[str]:
    """From the state on; empty where the process has gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []
