"""From nothing to a helpdesk that answers, and back to nothing again.

The order of things; what each step does lives in modules of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TextIO

from django.conf import settings
from django.db import connections

from helpdesk.demo import passwords
from helpdesk.embedded import Endpoints, Services
from helpdesk.embedded.ports import free_port as any_free_port
from helpdesk.running import parts, preparing
from helpdesk.running.box import Person, box
from helpdesk.running.parts import Plan
from helpdesk.running.preparing import PreparationFailed
from helpdesk.running.readiness import Watch
from helpdesk.running.steps import Steps
from helpdesk.running.supervisor import STOP_SIGNALS, Supervisor

STEPS = 7
#: What the process that begins again with new settings has to know of the first one.
BEGUN_AT = "HELPDESK_RUN_BEGUN_AT"
OWNS_SERVICES = "HELPDESK_RUN_OWNS_SERVICES"
#: Whom the box names, of those whose passwords are known.
ROLES = {"requester": "Customer", "agent": "Agent", "admin": "Admin"}


class Interrupted(Exception):
    """A signal asked to stop before everything was up."""


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    data_dir: Path
    with_demo: bool
    with_tickets: bool


def run(options: Options, output: TextIO) -> int:
    """Start everything, watch it, stop it; the exit code. Blocks until it is over."""
    begun_at = float(os.environ.get(BEGUN_AT, 0)) or time.time()
    owns_services = os.environ.pop(OWNS_SERVICES, "") == "1"
    has_begun = bool(os.environ.pop(BEGUN_AT, ""))
    os.environ.setdefault("LOG_JSON", "0")
    steps = Steps(STEPS, output, done=1 if has_begun else 0)
    services = Services(options.data_dir, wanted=settings.EMBEDDED_SERVICES)
    try:
        with interruptible():
            if not has_begun:
                with steps.step("Starting PostgreSQL and Valkey") as step:
                    owns_services = _start_services(services)
                    step.note = "" if owns_services else "they were running"
                if not _settings_lead_to(services.endpoints(), options.data_dir):
                    _begin_again(options.data_dir, begun_at, owns_services=owns_services)
            _prepare(steps, options, owns_services=owns_services)
            plan = _plan(options, output)
        return _supervise(plan, steps, output, begun_at)
    except Interrupted:
        output.write("Stopped before everything was up.\n")
        return 1
    finally:
        if owns_services:
            services.stop()


def _start_services(services: Services) -> bool:
    return preparing.start_services(
        services,
        database_url=os.environ.get("DATABASE_URL", ""),
        redis_url=os.environ.get("REDIS_URL", ""),
    )


def _prepare(steps: Steps, options: Options, *, owns_services: bool) -> None:
    with steps.step("Preparing the database") as step:
        step.note = preparing.migrate()
        if owns_services:
            preparing.free_leases()
    with steps.step("Collecting the pages' files") as step:
        step.note = preparing.collect_static()
    with steps.step("Loading the demo shop") as step:
        step.note = "not wanted"
        if options.with_demo:
            step.note = preparing.load_demo(with_tickets=options.with_tickets)
    with steps.step("Indexing the articles") as step:
        step.note = preparing.build_index(step.make_room)
    # Whoever only watches needs no connection, and PostgreSQL waits for it when it stops.
    connections.close_all()


def _plan(options: Options, output: TextIO) -> Plan:
    port = parts.free_port(options.host, options.port)
    if port is None:
        raise PreparationFailed(
            f"No free port from {options.port} on at {options.host}. Choose one with --port."
        )
    if port != options.port:
        output.write(f"Port {options.port} is taken by another program; using {port}.\n")
    env = {"DATA_DIR": str(options.data_dir)}
    name = parts.reachable_name(options.host)
    if "SITE_URL" not in os.environ:
        env["SITE_URL"] = f"http://{name}:{port}"
    if name not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        env["ALLOWED_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, name])
    mail_port = 0
    if "EMAIL_URL" not in os.environ:
        mail_port = any_free_port()
        env["EMAIL_URL"] = f"smtp://127.0.0.1:{mail_port}"
    return Plan(options.host, port, options.data_dir, mail_port, env)


def _supervise(plan: Plan, steps: Steps, output: TextIO, begun_at: float) -> int:
    supervisor = Supervisor(output)
    with supervisor.signals():
        try:
            with steps.step("Starting the programs"):
                supervisor.start(parts.parts(plan))
            output.write(f"7/{STEPS} Waiting until everything answers …\n")
            watch = Watch(plan.url)
            watch.start()
            death = supervisor.watch(_Greeter(supervisor, watch, plan, begun_at))
            if death is not None:
                supervisor.say(f"\n{death}\n\nStopping everything.")
            else:
                supervisor.say("\nStopping.")
        finally:
            supervisor.stop()
    return 1 if death else 0


class _Greeter:
    """Shows the box once everything answers, or says what is still missing."""

    def __init__(self, supervisor: Supervisor, watch: Watch, plan: Plan, begun_at: float) -> None:
        self._supervisor = supervisor
        self._watch = watch
        self._plan = plan
        self._begun_at = begun_at
        self._has_greeted = self._has_complained = False

    def __call__(self) -> None:
        if self._has_greeted:
            return
        if self._watch.latest.is_ready:
            self._has_greeted = True
            self._supervisor.say(self._box())
        elif self._watch.has_waited_long and not self._has_complained:
            self._has_complained = True
            self._supervisor.say(f"Still waiting for {self._watch.latest.missing}; see above.")

    def _box(self) -> str:
        known = passwords.read(self._plan.data_dir)
        first = {login.role: login for login in reversed(known)}
        return box(
            shop_name=settings.SHOP_NAME,
            url=self._plan.url,
            mail_dir=self._plan.mail_dir if self._plan.mail_port else None,
            people=[
                Person(title, first[role].email, first[role].password)
                for role, title in ROLES.items()
                if role in first
            ],
            seconds=time.time() - self._begun_at,
        )


def _settings_lead_to(endpoints: Endpoints | None, data_dir: Path) -> bool:
    """Whether this process has read its settings after the services had their ports."""
    if Path(settings.DATA_DIR).resolve() != data_dir:
        return False
    if endpoints is None:
        return not settings.EMBEDDED_SERVICES
    database, broker = settings.DATABASES["default"], settings.REDIS_URL
    url = f":{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return ("postgres" not in settings.EMBEDDED_SERVICES or url in endpoints.database_url) and (
        "valkey" not in settings.EMBEDDED_SERVICES or broker == endpoints.redis_url
    )


def _begin_again(data_dir: Path, begun_at: float, *, owns_services: bool) -> None:
    """Settings are read once a process; this replaces it by one that reads them anew."""
    env = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        BEGUN_AT: str(begun_at),
        OWNS_SERVICES: "1" if owns_services else "0",
    }
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv], env)


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, a signal that asks to stop raises Interrupted, so that cleaning up is done."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted

    before = {number: signal.signal(number, interrupt) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
