"""Which programs the helpdesk consists of, and what each is told.

Pure: settings and addresses in, parts out.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.running.supervisor import Part

WEB_PROCESSES = 2
WEB_THREADS = 4
PORTS_TRIED = 50
# Celery warns root at length, twice. In a container there may be nobody else.
AS_ROOT_WARNING = "ignore:You're running the worker with superuser privileges"


@dataclass(frozen=True)
class Plan:
    """Where this run listens, and what its programs have in their environment."""

    host: str
    port: int
    data_dir: Path
    # 0: mail goes where EMAIL_URL says, and there is no catcher.
    mail_port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{reachable_name(self.host)}:{self.port}"

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"


def parts(plan: Plan) -> list[Part]:
    """Those that take longest to start come first."""
    quiet = {"PYTHONWARNINGS": AS_ROOT_WARNING} if os.geteuid() == 0 else {}
    unchecked = {"CELERY_SKIP_CHECKS": "1"}
    found = [
        Part("models", worker("models", "models"), {**quiet, **unchecked, **plan.env}),
        # A process of their own: behind a batch, live questions miss their deadline (ADR 7).
        Part("live", worker("live", "live"), {**quiet, **unchecked, **plan.env}),
        Part("web", _web(plan), plan.env),
        # The one that runs the system checks: for all it takes once, and it costs a second.
        Part("worker", worker("default", "default"), {**quiet, **plan.env}),
        Part("beat", [*_celery("beat"), "--pidfile="], {**unchecked, **plan.env}),
    ]
    if plan.mail_port:
        catcher = [sys.executable, "-m", "helpdesk.running.mailcatcher"]
        argv = [*catcher, str(plan.mail_dir), str(plan.mail_port)]
        found.append(Part("mail", argv, plan.env))
    return found


def reachable_name(host: str) -> str:
    """What to type into a browser on this machine for an address that is listened on."""
    if host in {"127.0.0.1", "0.0.0.0", "localhost", "::", "::1", ""}:
        return "localhost"
    return f"[{host}]" if ":" in host else host


def free_port(host: str, wanted: int) -> int | None:
    """`wanted`, or the next port that nobody listens on."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        if not is_taken(host, port):
            return port
    return None


def is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


def _web(plan: Plan) -> list[str]:
    address = f"[{plan.host}]" if ":" in plan.host else plan.host
    return [
        sys.executable, "-m", "gunicorn", "helpdesk.wsgi",
        "--bind", f"{address}:{plan.port}",
        "--workers", str(WEB_PROCESSES),
        "--threads", str(WEB_THREADS),
        # One import for all processes: quicker, and they share its memory.
        "--preload",
        "--no-control-socket",
        "--log-level", "warning",
    ]  # fmt: skip


def worker(name: str, queues: str) -> list[str]:
    """The command of a worker with one process; names differ within a helpdesk."""
    return [
        *_celery("worker"),
        "--hostname", f"{name}@%h",
        "--queues", queues,
        "--pool", "prefork",
        "--concurrency", "1",
        "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def _celery(command: str) -> list[str]:
    argv = [sys.executable, "-m", "celery", "--quiet", "--app", "helpdesk"]
    return [*argv, command, "--loglevel", "INFO"]
