"""Work is not lost, and not done twice, whatever dies.

Real workers, a real PostgreSQL and a real Valkey. All of them are killed and started
again at random while tickets are opened.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from helpdesk.embedded import Services
from tests.running.programs import ROOT, Program, environment, manage

TICKETS = 500
KILLS = ["worker", "valkey", "postgres"] * 4
SEED = int(os.environ.get("KILL_SEED", "7"))
#: After the last kill: lapsed leases, pauses between tries, and the work itself.
PATIENCE_S = 240
SETTINGS = {
    "JOB_LEASE_SECONDS": "8",
    "TASK_SOFT_TIME_LIMIT": "7",
    "TASK_TIME_LIMIT": "8",
    "JOB_SWEEP_SECONDS": "1",
    "QA_BATCH_SIZE": "8",
}

pytestmark = pytest.mark.slow


@pytest.fixture
def services() -> Iterator[Services]:
    place = Path(tempfile.mkdtemp(prefix="kill-", dir="/tmp"))
    place.chmod(0o755)
    services = Services(place / "data")
    services.start()
    yield services
    services.remove()
    shutil.rmtree(place)


@pytest.fixture
def env(services: Services) -> dict[str, str]:
    """The environment of a helpdesk that has articles and an index."""
    env = environment(services.data_dir, **SETTINGS)
    manage(env, "migrate", "--verbosity", "0")
    manage(env, "import_articles", "--verbosity", "0", "helpdesk/demo/content/articles")
    manage(env, "build_index", "--verbosity", "0")
    return env


@pytest.fixture
def programs(env: dict[str, str], services: Services) -> Iterator[dict[str, Program]]:
    """The two workers and beat, as `make run` starts them."""
    log = services.data_dir / "programs.log"
    found = {name: Program(name, env, log) for name in ("models", "worker", "beat")}
    for program in found.values():
        program.start()
    yield found
    for program in found.values():
        program.stop()


class Killer:
    """Kills one thing at a time and starts it again after a moment."""

    def __init__(self, services: Services, programs: dict[str, Program], seed: int) -> None:
        self._services = services
        self._programs = programs
        self._random = random.Random(seed)
        self.killed: Counter[str] = Counter()

    def go(self) -> None:
        what = list(KILLS)
        self._random.shuffle(what)
        for name in what:
            time.sleep(self._random.uniform(1.5, 3.5))
            if name == "worker":
                self._kill_worker()
            else:
                self._kill_service(name)
            self.killed[name] += 1

    def _kill_worker(self) -> None:
        # The models' worker does the work, so it is hit more often than the other.
        program = self._programs[self._random.choice(["models", "models", "worker"])]
        program.kill()
        time.sleep(self._random.uniform(0, 1))
        program.start()

    def _kill_service(self, name: str) -> None:
        pid = next(row.pid for row in self._services.status() if row.name == name)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        time.sleep(self._random.uniform(0, 1))
        self._services.start()


def ask(services: Services, sql: str) -> list[tuple[Any, ...]]:
    endpoints = services.endpoints()
    assert endpoints is not None
    with psycopg.connect(endpoints.database_url, connect_timeout=5) as connection:
        return connection.execute(sql).fetchall()


def wait_until_all_is_done(services: Services) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while left := ask(services, "SELECT kind, state, count(*) FROM helpdesk_job "
                                "WHERE state IN ('queued', 'running') GROUP BY 1, 2"):  # fmt: skip
        assert time.monotonic() < deadline, f"still to do after {PATIENCE_S} s: {left}"
        time.sleep(0.5)


@pytest.mark.xdist_group("kill")
def test_every_ticket_has_one_draft_whatever_was_killed(services, programs, env):
    command = [sys.executable, "-m", "tests.running.opening", str(TICKETS), "0.03"]
    opener = subprocess.Popen(command, cwd=ROOT, env=env)
    killer = Killer(services, programs, SEED)
    try:
        killer.go()
        assert opener.wait(timeout=PATIENCE_S) == 0
    finally:
        opener.kill()
        opener.wait()
    wait_until_all_is_done(services)

    assert killer.killed.total() >= 10
    assert min(killer.killed.values()) >= 3
    assert all(program.is_running for program in programs.values())
    assert ask(services, "SELECT count(*), count(DISTINCT subject) FROM helpdesk_ticket") == [
        (TICKETS, TICKETS)
    ]
    waiting = ask(
        services,
        "SELECT waiting, count(*) FROM (SELECT count(d.id) AS waiting FROM helpdesk_ticket t "
        "LEFT JOIN helpdesk_draft d ON d.ticket_id = t.id AND d.state = 'waiting' "
        "GROUP BY t.id) AS per_ticket GROUP BY 1",
    )
    assert waiting == [(1, TICKETS)]
    assert ask(services, "SELECT count(*) FROM helpdesk_draft") == [(TICKETS,)]
    assert ask(services, "SELECT last_error FROM helpdesk_job WHERE state = 'dead'") == []
    unsent = "SELECT delivery, count(*) FROM helpdesk_message WHERE kind = 'automatic' GROUP BY 1"
    assert ask(services, unsent) == [("sent", TICKETS)]
