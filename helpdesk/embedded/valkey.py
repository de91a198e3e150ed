"""The embedded Valkey: its settings and its life.

Must not know about PostgreSQL or about what is remembered between starts.
"""

import hashlib
import os
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from helpdesk.embedded.account import Account, check_owner
from helpdesk.embedded.errors import failure
from helpdesk.embedded.ports import LOOPBACK
from helpdesk.embedded.processes import (
    Surroundings,
    command_of,
    read_pid,
    spawn,
    tail,
    terminate,
    wait_until_gone,
)
from helpdesk.embedded.runtime import Runtime

STOP_TIMEOUT_S = 60


class Valkey:
    name = "valkey"
    title = "Valkey"
    port_setting = "HELPDESK_VALKEY_PORT"

    def __init__(
        self, *, directory: Path, log: Path, account: Account, runtime: Runtime, password: str
    ) -> None:
        self.data_dir = directory / "valkey"
        self.log = log
        self._account = account
        self._runtime = runtime
        self._password = password
        self._pid_file = self.data_dir / "valkey.pid"
        # Shown in the process title, so that a reused process id is told from our server.
        self._mark = f"helpdesk-{hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]}"
        self._around = Surroundings(
            account=account, cwd=directory, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        )

    def pid(self) -> int | None:
        pid = read_pid(self._pid_file)
        if pid is None or pid <= 0:
            return None
        command = command_of(pid)
        return pid if command and self._mark in command else None

    def left_traces(self) -> bool:
        return self._pid_file.exists()

    def answers(self, port: int) -> str | None:
        try:
            with self._connect(port) as client:
                info = client.info("server")
        except RedisError:
            return None
        return str(info["valkey_version"]) if info["process_id"] == self.pid() else None

    def initialise(self) -> None:
        if not self.data_dir.exists():
            self.data_dir.mkdir(mode=0o700)
            self._account.give(self.data_dir)
        check_owner(self.data_dir, self._account)

    def spawn(self, port: int) -> int:
        # The settings go through stdin: the password is neither in the arguments nor on disk.
        argv = [str(self._runtime.valkey_server), "-"]
        return spawn(argv, self._around, log=self.log, text=self._settings(port))

    def finish(self, port: int) -> None:
        """Nothing: Valkey is complete once it answers."""

    def reset_password(self) -> None:
        pid = self.pid()
        if pid is not None and not terminate(pid, STOP_TIMEOUT_S):
            raise self._did_not_stop(pid)

    def stop(self, port: int, pid: int) -> None:
        try:
            with self._connect(port) as client:
                client.shutdown(save=True)
        except RedisError:
            # It does not answer: the signal makes it save and end as well.
            terminate(pid, 0)
        if not wait_until_gone(pid, STOP_TIMEOUT_S):
            raise self._did_not_stop(pid)

    def _did_not_stop(self, pid: int) -> Exception:
        return failure(
            f"Valkey (process {pid}) did not stop within {STOP_TIMEOUT_S} s. End it with "
            f"`kill -9 {pid}`; what it has written to its log is kept.",
            log=tail(self.log),
            place=str(self.log),
        )

    def _connect(self, port: int) -> "Redis":
        return Redis(
            host=LOOPBACK,
            port=port,
            password=self._password,
            socket_timeout=5,
            socket_connect_timeout=5,
            retry=Retry(NoBackoff(), 0),
        )

    def _settings(self, port: int) -> str:
        return "\n".join(
            [
                f"bind {LOOPBACK}",
                f"port {port}",
                "protected-mode yes",
                f"requirepass {self._password}",
                f"dir {quoted(str(self.data_dir))}",
                f"pidfile {quoted(str(self._pid_file))}",
                f'proc-title-template "{{title}} {{listen-addr}} {self._mark}"',
                "daemonize no",
                'logfile ""',
                "tcp-backlog 128",
                # Every write is appended and synced each second; snapshots only at shutdown.
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "shutdown-on-sigterm save",
                # A broker that evicts loses work: it must refuse writes instead.
                "maxmemory-policy noeviction",
                "",
            ]
        )


def quoted(text: str) -> str:
    """A value as the settings file wants it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
