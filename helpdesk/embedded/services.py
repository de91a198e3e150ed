"""PostgreSQL and Valkey as one thing that is started, found again and stopped.

Usable before Django is set up: settings ask it for the endpoints. Must not know Django.
"""

import errno
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from helpdesk.embedded import server as servers
from helpdesk.embedded import state as states
from helpdesk.embedded.account import Account, reachable_directory, service_account
from helpdesk.embedded.errors import EmbeddedServiceError
from helpdesk.embedded.ports import LOOPBACK, choose_port
from helpdesk.embedded.postgres import DATABASE, USER, Postgres
from helpdesk.embedded.runtime import locate, unpack
from helpdesk.embedded.server import Server
from helpdesk.embedded.state import State
from helpdesk.embedded.valkey import Valkey

ALL_SERVICES = ("postgres", "valkey")
# How long a killed server's port is waited for.
AFTER_CRASH_S = 5


@dataclass(frozen=True)
class Endpoints:
    """Where the services listen, passwords included."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class ServiceStatus:
    """`dead` means that it ran, did not stop by itself and does not answer."""

    name: str
    state: Literal["running", "stopped", "dead"]
    pid: int | None
    port: int | None
    version: str | None
    data_dir: str


class Services:
    """The embedded services of one data directory.

    `wanted` names those to run, for shops that bring one of the two themselves; the other's URL
    leads nowhere. Programs are unpacked into `runtime_dir`, which several data directories may
    share.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        wanted: Collection[str] = ALL_SERVICES,
        runtime_dir: Path | None = None,
    ) -> None:
        # Resolved: processes are recognised by this path, whichever way it was reached.
        self.data_dir = data_dir.resolve()
        self.log_dir = self.data_dir / "log"
        self._wanted = [name for name in ALL_SERVICES if name in wanted]
        self._runtime_dir = runtime_dir
        self._state_file = self.data_dir / "services.json"
        self._lock_file = self.data_dir / "services.lock"

    def start(self) -> Endpoints:
        """Start what does not run yet, and return once everything answers."""
        with self._exclusively():
            state = states.load(self._state_file) or self._begin()
            directory = self._directory(state)
            if not directory.exists():
                raise EmbeddedServiceError(
                    f"The data that {self._state_file} remembers in {directory} is gone. Put it "
                    f"back, or delete {self._state_file} to begin with an empty database."
                )
            unpack(self._programs(state))
            for name in self._wanted:
                state = self._start(name, state)
        return _endpoints(state)

    def endpoints(self) -> Endpoints | None:
        """What is remembered on disk; nothing is started and no process is looked at."""
        state = states.load(self._state_file)
        if state is None or not any(state.service(name).port for name in ALL_SERVICES):
            return None
        return _endpoints(state)

    def status(self) -> list[ServiceStatus]:
        state = states.load(self._state_file)
        if state is None:
            return [
                ServiceStatus(name, "stopped", None, None, None, str(self.data_dir / name))
                for name in self._wanted
            ]
        return [
            _status(self._server(name, state), state.service(name).port or None)
            for name in self._wanted
        ]

    def stop(self) -> None:
        """Stop cleanly what runs; no error when nothing does."""
        if not self._state_file.exists():
            return
        with self._exclusively():
            state = states.load(self._state_file)
            if state is None:
                return
            # The broker first: nothing is to hand out work whose database has gone.
            for name in reversed(self._wanted):
                server = self._server(name, state)
                if pid := server.pid():
                    unpack(self._programs(state))
                    server.stop(state.service(name).port, pid)

    def remove(self) -> None:
        """Stop, and delete all data for good."""
        self.stop()
        state = states.load(self._state_file)
        directory = self._directory(state) if state else self.data_dir
        for name in (*ALL_SERVICES, "postgres.new", "runtime"):
            shutil.rmtree(directory / name, ignore_errors=True)
        if directory != self.data_dir:
            directory.rmdir()
        shutil.rmtree(self.log_dir, ignore_errors=True)
        self._state_file.unlink(missing_ok=True)
        self._lock_file.unlink(missing_ok=True)

    def psql_argv(self) -> list[str]:
        """The command that opens psql; the password goes through `psql_env`."""
        state = self._started_state()
        unpack(self._programs(state))
        return self._postgres(state).psql_argv(state.postgres.port)

    def psql_env(self) -> dict[str, str]:
        return {**os.environ, "PGPASSWORD": self._started_state().postgres.password}

    @cached_property
    def _account(self) -> Account:
        return service_account()

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        try:
            self._make_data_dir()
            with states.locked(self._lock_file):
                yield
        except OSError as exc:
            raise EmbeddedServiceError(_in_plain_words(exc)) from exc

    def _make_data_dir(self) -> None:
        if self.data_dir.exists():
            return
        self.data_dir.mkdir(parents=True)
        # Others may pass through, since the services' account has to; what is inside is closed.
        self.data_dir.chmod(0o755 if self._account.is_other else 0o700)

    def _begin(self) -> State:
        """A new state. Data that is already there is kept and gets the new passwords."""
        directory = reachable_directory(self.data_dir, self._account)
        state = State.new(None if directory == self.data_dir else str(directory))
        unpack(self._programs(state))
        for name in ALL_SERVICES:
            self._server(name, state).reset_password()
        states.save(self._state_file, state)
        return state

    def _start(self, name: str, state: State) -> State:
        server = self._server(name, state)
        remembered = state.service(name).port
        if not servers.found_running(server, remembered):
            patience_s = AFTER_CRASH_S if server.left_traces() else 0
            server.initialise()
            port = choose_port(server.port_setting, remembered, patience_s=patience_s)
            # Remembered first: whoever is killed after the start still leaves the way there.
            state = state.with_port(name, port)
            states.save(self._state_file, state)
            servers.start(server, port)
        server.finish(state.service(name).port)
        return state

    def _directory(self, state: State) -> Path:
        return Path(state.elsewhere) if state.elsewhere else self.data_dir

    def _programs(self, state: State) -> Path:
        return self._runtime_dir or self._directory(state) / "runtime"

    def _postgres(self, state: State) -> Postgres:
        return Postgres(
            directory=self._directory(state),
            log=self.log_dir / "postgres.log",
            account=self._account,
            runtime=locate(self._programs(state)),
            password=state.postgres.password,
        )

    def _server(self, name: str, state: State) -> Server:
        if name == "postgres":
            return self._postgres(state)
        return Valkey(
            directory=self._directory(state),
            log=self.log_dir / "valkey.log",
            account=self._account,
            runtime=locate(self._programs(state)),
            password=state.valkey.password,
        )

    def _started_state(self) -> State:
        state = states.load(self._state_file)
        if state is None or not state.postgres.port:
            raise EmbeddedServiceError(
                "PostgreSQL was never started here. Run `manage.py services start` first."
            )
        return state


def _endpoints(state: State) -> Endpoints:
    postgres, valkey = state.postgres, state.valkey
    return Endpoints(
        database_url=(
            f"postgresql://{USER}:{postgres.password}@{LOOPBACK}:{postgres.port}/{DATABASE}"
        ),
        redis_url=f"redis://:{valkey.password}@{LOOPBACK}:{valkey.port}/0",
    )


def _status(server: Server, port: int | None) -> ServiceStatus:
    pid = server.pid()
    version = server.answers(port) if pid and port else None
    state: Literal["running", "stopped", "dead"] = "stopped"
    if version:
        state = "running"
    elif pid or server.left_traces():
        state = "dead"
    return ServiceStatus(server.name, state, pid, port, version, str(server.data_dir))


def _in_plain_words(exc: OSError) -> str:
    where = exc.filename or "the data directory"
    if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk is full at {where}. Free some space and start again."
    if exc.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"You may not use {where}. Work as the user who owns it, or choose another data "
            "directory."
        )
    if exc.errno == errno.EROFS:
        return f"{where} is on a disk that cannot be written. Choose another data directory."
    return f"The embedded services failed at {where}: {exc.strerror or exc}."
