"""Asks the running helpdesk whether it is ready, as a load balancer would.

Asks `/readyz` only once a look at the tables says that it will be: each refusal would be
an error in the log.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from helpdesk.health import read_health

#: After this long it is said what is still missing.
PATIENCE_SECONDS = 60
#: Each look costs what the programs need to start.
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Readiness:
    is_ready: bool
    missing: str = ""
    # Seconds that the oldest due job has waited.
    oldest_job_s: float = 0.0


def ask(url: str, timeout: float = 2) -> Readiness:
    """One look at `/readyz`."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=timeout) as response:
            return read(json.load(response))
    except urllib.error.HTTPError as exc:
        with exc:
            try:
                return read(json.load(exc))
            except ValueError:
                return Readiness(False, f"the pages (HTTP {exc.code})")
    except (OSError, ValueError):
        return Readiness(False, "the pages")


def read(answer: dict[str, Any]) -> Readiness:
    names = {"database": "the database", "broker": "the broker", "worker": "the models' worker"}
    missing = [name for key, name in names.items() if not answer.get(key)]
    is_ready = answer.get("status") == "ready"
    if not is_ready and not missing:
        missing = ["a worker that keeps up"]
    return Readiness(is_ready, ", ".join(missing), float(answer.get("oldest_job_s") or 0))


def look() -> Readiness:
    """The same without the web."""
    try:
        health = read_health()
    finally:
        connection.close()
    return read({**asdict(health), "status": "ready" if health.is_ready else "not ready"})


class Watch(threading.Thread):
    """Asks again and again in the background until the helpdesk is ready."""

    def __init__(self, url: str) -> None:
        super().__init__(name="readiness", daemon=True)
        self._url = url
        self._started_at = time.monotonic()
        self.latest = Readiness(False, "the pages")

    def run(self) -> None:
        while not self.latest.is_ready:
            time.sleep(LOOK_SECONDS)
            health = look()
            self.latest = ask(self._url) if health.is_ready else health

    @property
    def has_waited_long(self) -> bool:
        return time.monotonic() - self._started_at > PATIENCE_SECONDS
