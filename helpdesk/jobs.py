"""The durable queue: claim a batch under a lease, finish it, or try again later.

A use case adds its job in its own transaction and a nudge is sent once that commits.
A lost nudge is made up for by the sweep; a dead worker by its lease; after
`JOB_MAX_ATTEMPTS` tries a job is given up and shown to admins. Knows nothing of what
the work is; never imports Celery: `tasks` tells it how to nudge, `work` what to do when a
job is given up.

A lease is known by its holder and the number of the try: only who still holds it may
finish or fail the job, so a worker that comes back late changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from helpdesk.models import Job

log = structlog.get_logger(__name__)

Nudge = Callable[[str], None]
GivenUp = Callable[[Job], None]
_nudge: list[Nudge] = []
_given_up: dict[str, GivenUp] = {}

#: Seconds before the second and the third try.
BACKOFF = (5, 30, 120)

# Materialised, so that the planner cannot look for due jobs twice and lease too many.
# The statement's time, not the transaction's: a job queued a moment ago is due now.
#: Ids of the jobs that this process is working on, for its heartbeat's thread.
_kept: set[int] = set()

_CLAIM = """
WITH due AS MATERIALIZED (
        SELECT id FROM helpdesk_job AS job
         WHERE kind = %(kind)s AND state = 'queued' AND run_at <= statement_timestamp()
           AND NOT EXISTS (SELECT 1 FROM helpdesk_job AS running
                            WHERE running.kind = job.kind AND running.key = job.key
                              AND running.state = 'running')
         ORDER BY run_at, id LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED)
UPDATE helpdesk_job SET state = 'running', attempts = attempts + 1,
       leased_by = %(worker)s, leased_until = statement_timestamp() + %(lease)s
  FROM due WHERE helpdesk_job.id = due.id
RETURNING helpdesk_job.id
"""


def on_nudge(nudge: Nudge) -> None:
    """Name the function that tells workers of a kind to look. Called once, at start-up."""
    _nudge[:] = [nudge]


def on_given_up(kind: str, tell: GivenUp) -> None:
    """Name what is done, in the same transaction, when a job of this kind is given up."""
    _given_up[kind] = tell


def enqueue(kind: str, key: object, *, run_at: datetime | None = None) -> None:
    """Add a job, unless the same one is queued already; nudge once it is committed."""
    enqueue_all(kind, [key], run_at=run_at)


def enqueue_all(kind: str, keys: Iterable[object], *, run_at: datetime | None = None) -> None:
    """Add many jobs of a kind in one statement, as `enqueue` adds one; one nudge for all."""
    run_at = run_at or timezone.now()
    Job.objects.bulk_create(
        [Job(kind=kind, key=str(key), run_at=run_at) for key in keys], ignore_conflicts=True
    )
    if run_at <= timezone.now():
        # Robust: what has been committed is not to look as if it had failed.
        transaction.on_commit(partial(nudge, kind), robust=True)


def nudge(kind: str) -> None:
    """Tell workers to look for jobs of this kind. May get lost without harm."""
    for send in _nudge:
        send(kind)


def claim(kind: str, *, worker: str, limit: int) -> list[Job]:
    """Lease up to `limit` due jobs to `worker`; of several workers each gets others.

    Two workers may race for two jobs of one key; the database refuses the second,
    which stays queued for the next look.
    """
    parameters: dict[str, Any] = {
        "kind": kind,
        "worker": worker[:100],
        "limit": limit,
        "lease": timedelta(seconds=settings.JOB_LEASE_SECONDS),
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CLAIM, parameters)
            claimed = [row[0] for row in cursor.fetchall()]
    except IntegrityError:
        return []
    return list(Job.objects.filter(pk__in=claimed).order_by("run_at", "pk"))


def held(jobs: Iterable[Job]) -> list[Job]:
    """Those of the claimed jobs that are still running under the lease they were given."""
    jobs = list(jobs)
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs], state=Job.State.RUNNING)
    leases = {(row.pk, row.leased_by, row.attempts) for row in rows}
    return [job for job in jobs if (job.pk, job.leased_by, job.attempts) in leases]


@contextmanager
def kept(jobs: Sequence[Job]) -> Iterator[None]:
    """While the work lasts, `renew_leases` makes the leases of these jobs last too."""
    ids = {job.pk for job in jobs}
    _kept.update(ids)
    try:
        yield
    finally:
        _kept.difference_update(ids)


def renew_leases(worker: str) -> None:
    """Say that the jobs this process is at are not abandoned. Called with each heartbeat.

    So leases can be short and a dead worker's jobs are taken up soon, however long the
    work of a living one takes. A lease that has lapsed and gone to another is left alone.
    """
    until = timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    if ids := list(_kept):
        Job.objects.filter(pk__in=ids, state=Job.State.RUNNING, leased_by=worker[:100]).update(
            leased_until=until
        )


def finish(jobs: Iterable[Job]) -> None:
    """The work is done and committed. One statement for those claimed together."""
    leases: dict[tuple[str, int], list[int]] = {}
    for job in jobs:
        leases.setdefault((job.leased_by, job.attempts), []).append(job.pk)
    for (leased_by, attempts), keys in leases.items():
        Job.objects.filter(
            pk__in=keys, state=Job.State.RUNNING, leased_by=leased_by, attempts=attempts
        ).update(
            state=Job.State.DONE, finished_at=timezone.now(), leased_until=None, last_error=""
        )


def fail(job: Job, error: str) -> None:
    """Try again later, or give up. The error is kept, without anybody's words in it."""
    error = error[:500]
    if job.attempts >= settings.JOB_MAX_ATTEMPTS:
        _give_up(job, error)
        return
    later = timezone.now() + timedelta(seconds=BACKOFF[min(job.attempts, len(BACKOFF)) - 1])
    try:
        with transaction.atomic():
            _lease(job).update(
                state=Job.State.QUEUED, run_at=later, leased_until=None, last_error=error
            )
    except IntegrityError:
        # The same work was queued anew meanwhile; that one will do it.
        _lease(job).update(
            state=Job.State.DONE, finished_at=timezone.now(), leased_until=None, last_error=error
        )


@transaction.atomic
def retry_dead(jobs: Sequence[Job]) -> int:
    """Queue given-up jobs again, as an admin asked; return how many were.

    Each leaves the list of given-up ones: if it fails again, it comes back to it.
    """
    dead = Job.objects.dead().select_for_update().filter(pk__in=[job.pk for job in jobs])
    again = list(dead)
    for job in again:
        enqueue(job.kind, job.key)
    dead.delete()
    return len(again)


def sweep() -> list[str]:
    """Take back lapsed leases and return the kinds that have due jobs."""
    for job in Job.objects.lapsed():
        fail(job, "The worker stopped before it had finished.")
    return list(Job.objects.due().order_by().values_list("kind", flat=True).distinct())


def purge(older_than: timedelta = timedelta(days=7)) -> int:
    """Forget jobs that were done long ago; given-up ones stay until an admin acts."""
    done = Job.objects.filter(state=Job.State.DONE, finished_at__lt=timezone.now() - older_than)
    return done.delete()[0]


def _lease(job: Job) -> QuerySet[Job]:
    """The job's row, if it is still running under the lease that `job` was claimed with."""
    return Job.objects.filter(
        pk=job.pk, state=Job.State.RUNNING, leased_by=job.leased_by, attempts=job.attempts
    )


@transaction.atomic
def _give_up(job: Job, error: str) -> None:
    given_up = _lease(job).update(
        state=Job.State.DEAD, finished_at=timezone.now(), leased_until=None, last_error=error
    )
    if not given_up:
        return
    job.last_error = error
    log.error("job_given_up", job=job.pk, kind=job.kind, error=error)
    if tell := _given_up.get(job.kind):
        tell(job)
