"""A helpdesk for a short while: `manage.py run` on ports and data of its own, then gone."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from helpdesk.embedded.ports import free_port
from helpdesk.running.box import READY
from helpdesk.running.supervisor import end_with_parent

READY_TIMEOUT_S = 600
STOP_TIMEOUT_S = 90
MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


class TrialFailed(Exception):
    """The helpdesk did not become ready; the end of what it said is in the message."""


class Trial:
    """Use as a context. What the helpdesk says goes to `log`."""

    def __init__(self, log: TextIO, env: Mapping[str, str]) -> None:
        self.data_dir = Path(tempfile.mkdtemp(prefix="helpdesk-smoke-"))
        self.data_dir.chmod(0o755)  # the database may run as another user
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self._log = log
        self._env = dict(env)
        self._last_lines: deque[str] = deque(maxlen=20)
        self._is_ready = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._relayer: threading.Thread | None = None

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_exc: object) -> None:
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._relayer is not None:
            self._relayer.join()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def start(self) -> float:
        """Return the seconds until everything answered. Raises TrialFailed."""
        started = time.monotonic()
        argv = [sys.executable, str(MANAGE), "run", "--port", str(self.port)]
        argv += ["--data-dir", str(self.data_dir), "--no-demo-tickets"]
        process = self._process = subprocess.Popen(
            argv,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
            preexec_fn=end_with_parent,
        )
        self._relayer = threading.Thread(target=self._relay, args=(process,), daemon=True)
        self._relayer.start()
        while not self._is_ready.wait(0.05):
            if process.poll() is not None or time.monotonic() - started > READY_TIMEOUT_S:
                said = "\n".join(self._last_lines)
                raise TrialFailed(f"The helpdesk did not become ready. It said:\n{said}")
        return time.monotonic() - started

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DEBUG": "0",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": "localhost",
            "SITE_URL": self.url,
            # Empty: not what .env says, which may be a shop's own.
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PYTHONUNBUFFERED": "1",
            **self._env,
        }

    def _relay(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as said:
            for line in said:
                self._last_lines.append(line.rstrip("\n"))
                self._log.write(line)
                self._log.flush()
                if READY in line:
                    self._is_ready.set()
