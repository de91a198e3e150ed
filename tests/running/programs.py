"""Real programs for real tests: workers and beat on a helpdesk of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.running.parts import Plan, parts

ROOT = Path(__file__).resolve().parents[2]


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """Nothing of the tests' own helpdesk, and quick answers without weights."""
    foreign = ("DJANGO_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEBUG", "SITE_URL", "QA_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {
        **env,
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
        "DATA_DIR": str(data_dir),
        "DEBUG": "0",
        "SECRET_KEY": "tests-only",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "EMAIL_URL": "dummymail://",
        "LOG_JSON": "0",
        "QA_EMBEDDER": "hashing",
        **settings,
    }


def manage(env: dict[str, str], *argv: str) -> None:
    subprocess.run([sys.executable, "manage.py", *argv], cwd=ROOT, env=env, check=True)


@dataclass
class Program:
    """One of the helpdesk's programs, which may be killed and started again."""

    name: str
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = field(default=0)

    def start(self) -> None:
        plan = Plan("127.0.0.1", 1, Path(self.env["DATA_DIR"]))
        part = next(part for part in parts(plan) if part.name == self.name)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(part.argv),
                cwd=ROOT,
                env={**self.env, **part.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        self.starts += 1

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """As the kernel does when memory runs out: without a word, and all of it."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
