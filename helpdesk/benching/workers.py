"""Real worker processes on one database: how many drafts a second they store together, whether
any is written twice, and what a worker holds at rest.

The workers load their models before anything is queued for them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet

from helpdesk.benching.processes import cpu_seconds, family, memory_mb, parent
from helpdesk.models import Draft, Heartbeat, Job
from helpdesk.running.parts import worker
from helpdesk.running.supervisor import end_with_parent
from helpdesk.services.tickets import find_or_create_requester, open_ticket
from helpdesk.tasks import send_nudge

#: Of the broker's databases one that no helpdesk uses.
BROKER_DATABASE = 9
READY_S, WORK_S, STOP_S = 600, 1800, 60
#: As beat does every few seconds: who finished a batch that was not full looks again.
SWEEP_S = 1.0

Figures = dict[str, float | int | bool]


class WorkersFailed(Exception):
    """They did not become ready, or did not finish; the message says which."""


def environment(database: str) -> dict[str, str]:
    """Of a worker on the scratch database, with one thread for its models."""
    return {
        **os.environ,
        "DATABASE_URL": _database_url(database),
        "REDIS_URL": broker_url(),
        "OMP_NUM_THREADS": "1",
        "CELERY_SKIP_CHECKS": "1",
    }


def broker_url() -> str:
    return urlsplit(str(settings.REDIS_URL))._replace(path=f"/{BROKER_DATABASE}").geturl()


@contextmanager
def workers(count: int, env: Mapping[str, str]) -> Iterator[list[int]]:
    """So many processes for the task queue `models`, ready; yields their ids."""
    Heartbeat.objects.all().delete()
    started = [
        subprocess.Popen(
            worker(f"bench{number}", "models"),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=end_with_parent,
        )
        for number in range(count)
    ]
    try:
        _wait(lambda: Heartbeat.objects.count() == count, READY_S, "did not become ready")
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def queue_tickets(count: int, texts: Sequence[tuple[str, str]]) -> None:
    """Open tickets as the portal does; nobody is nudged."""
    for number in range(count):
        subject, body = texts[number % len(texts)]
        requester = find_or_create_requester(email=f"person{number % 50}@example.com")
        open_ticket(requester=requester, subject=subject, body=f"{body}\n\n(No. {number})")


def at_rest(pids: Sequence[int]) -> Figures:
    """What the first of the workers holds, its parent process included."""
    resident, proportional = memory_mb(family(pids[0]))
    biggest = max(memory_mb([pid])[0] for pid in family(pids[0]))
    return {
        "rest_rss_mb": round(resident),
        "rest_pss_mb": round(proportional),
        "rest_rss_of_the_process_with_the_models_mb": round(biggest),
    }


def draft_all(pids: Sequence[int]) -> Figures:
    """Let the workers draft what is queued; what that took, and whether any was done twice."""
    waiting = list(_draft_jobs().values_list("key", flat=True))
    messages = [int(key.split(":")[0]) for key in waiting]
    server = _server()
    worker_cpu, server_cpu = sum(map(cpu_seconds, pids)), cpu_seconds(server)
    started = time.monotonic()
    for _worker in pids:
        send_nudge(Job.Kind.DRAFT)
    _wait(_is_drafted, WORK_S, "did not finish")
    seconds = time.monotonic() - started
    worker_cpu = sum(map(cpu_seconds, pids)) - worker_cpu
    server_cpu = cpu_seconds(server) - server_cpu
    done = Job.objects.filter(kind=Job.Kind.DRAFT, key__in=waiting)
    drafts = Draft.objects.filter(message__in=messages)
    per_ticket = drafts.order_by().values("ticket").annotate(count=Count("pk"))
    count = len(waiting)
    return {
        "processes": len(pids),
        "tickets": count,
        "drafts": drafts.count(),
        "tickets_with_exactly_one_draft": per_ticket.filter(count=1).count(),
        "jobs_tried_twice": done.filter(attempts__gt=1).count(),
        "jobs_not_done": done.exclude(state=Job.State.DONE).count(),
        "workers_that_took_part": done.values("leased_by").distinct().count(),
        "seconds": round(seconds, 2),
        "drafts_per_second": round(count / seconds, 2),
        "worker_cpu_ms_per_draft": round(1000 * worker_cpu / count, 1),
        "database_cpu_ms_per_draft": round(1000 * server_cpu / count, 1),
        # Of a core that has nothing else to do.
        "drafts_per_core_second": round(count / (worker_cpu + server_cpu), 2),
    }


def _is_drafted() -> bool:
    if not _draft_jobs().exists():
        return True
    if int(time.monotonic() / SWEEP_S) != int((time.monotonic() - 0.05) / SWEEP_S):
        send_nudge(Job.Kind.DRAFT)
    return False


def _draft_jobs() -> QuerySet[Job]:
    states = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(kind=Job.Kind.DRAFT, state__in=states)


def _server() -> int:
    """The process that all of the database's processes descend from, where it is here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return parent(int(cursor.fetchone()[0]))


def _wait(is_done: Callable[[], bool], seconds: float, failure: str) -> None:
    until = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > until:
            raise WorkersFailed(f"The workers {failure} within {seconds:.0f} s.")
        time.sleep(0.05)


def _database_url(name: str) -> str:
    of = connection.settings_dict
    user, password, host = (quote(str(of[key]), safe="") for key in ("USER", "PASSWORD", "HOST"))
    return f"postgresql://{user}:{password}@{host}:{of['PORT'] or 5432}/{name}"
