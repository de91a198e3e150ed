"""The demo people's passwords: random, and kept where only their owner can read them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "demo-people.json"
# Without letters and digits that look alike.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class DemoLogin:
    role: str
    email: str
    password: str


def new_password() -> str:
    """Twelve characters in groups of four: 59 random bits that can be read out aloud."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def read(data_dir: Path) -> list[DemoLogin]:
    """Whose passwords are known here; nobody's where the demo was never loaded."""
    try:
        raw = json.loads((data_dir / FILE_NAME).read_text(encoding="utf-8"))
        return [DemoLogin(**row) for row in raw]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def add(data_dir: Path, logins: Sequence[DemoLogin]) -> None:
    """Keep new passwords beside those already there."""
    new = {login.email for login in logins}
    rows = [login for login in read(data_dir) if login.email not in new]
    path = data_dir / FILE_NAME
    unfinished = path.with_suffix(".part")
    data_dir.mkdir(parents=True, exist_ok=True)
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump([asdict(login) for login in [*rows, *logins]], file, indent=2)
    unfinished.replace(path)
