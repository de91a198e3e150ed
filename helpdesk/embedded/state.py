"""What is remembered between starts: ports, passwords, where the data is.

One JSON file, readable by its owner only, replaced atomically; and the lock that keeps two
starts apart. Must not know about processes.
"""

import fcntl
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from helpdesk.embedded.account import user_name
from helpdesk.embedded.errors import EmbeddedServiceError

LOCK_TIMEOUT_S = 180


@dataclass(frozen=True)
class Remembered:
    """How to reach one service. Port 0 stands for "not chosen yet"."""

    port: int
    password: str


@dataclass(frozen=True)
class State:
    postgres: Remembered
    valkey: Remembered
    # None: the data is in the data directory itself.
    elsewhere: str | None = None

    @classmethod
    def new(cls, elsewhere: str | None) -> Self:
        return cls(
            postgres=Remembered(0, secrets.token_hex(24)),
            valkey=Remembered(0, secrets.token_hex(24)),
            elsewhere=elsewhere,
        )

    def service(self, name: str) -> Remembered:
        return self.postgres if name == "postgres" else self.valkey

    def with_port(self, name: str, port: int) -> "State":
        changed = replace(self.service(name), port=port)
        if name == "postgres":
            return replace(self, postgres=changed)
        return replace(self, valkey=changed)


def load(path: Path) -> State | None:
    """The remembered state, or None when nothing was ever started here."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return State(
            postgres=Remembered(int(raw["postgres"]["port"]), str(raw["postgres"]["password"])),
            valkey=Remembered(int(raw["valkey"]["port"]), str(raw["valkey"]["password"])),
            elsewhere=raw["elsewhere"],
        )
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as exc:
        raise EmbeddedServiceError(
            f"{path} cannot be read: the services here belong to {_owner(path)}, and you are "
            f"{user_name(os.geteuid())}. Work as that user, or choose another data directory."
        ) from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise EmbeddedServiceError(
            f"{path} is damaged. Delete it and start again: the data is kept, ports and "
            "passwords are chosen anew."
        ) from exc


def _owner(path: Path) -> str:
    try:
        return user_name(path.stat().st_uid)
    except PermissionError:
        return "another user"


def save(path: Path, state: State) -> None:
    # mkstemp makes the file readable by its owner only.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    replacement = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(state), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(path, replacement)
        replacement.replace(path)
    except OSError:
        replacement.unlink(missing_ok=True)
        raise


def _keep_owner(path: Path, replacement: Path) -> None:
    """Root must not lock out the user whose file it rewrites."""
    if os.geteuid() == 0 and path.exists():
        before = path.stat()
        os.chown(replacement, before.st_uid, before.st_gid)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it when its holder dies."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for_lock(handle, path)
        yield
    finally:
        os.close(handle)


def _wait_for_lock(handle: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"Another process has been starting or stopping the services for "
                    f"{LOCK_TIMEOUT_S} s. See who holds {path} and end it."
                ) from None
            time.sleep(0.05)
        else:
            return
