"""Is it alive, and is it ready? For load balancers and for the start page.

`/healthz` says that this process answers. `/readyz` looks at what it needs: the
database, the broker, a live worker, and how long the oldest job has waited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from helpdesk.models import Heartbeat, Job

#: A worker that has not been heard of for this long is taken for dead.
HEARTBEAT_LAPSES = timedelta(seconds=45)
#: A job that waits longer makes the helpdesk not ready: nobody drafts.
OLDEST_JOB_LIMIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Health:
    database: bool
    broker: bool
    worker: bool
    # Seconds that the oldest due job has waited; None where the database is away.
    oldest_job_s: float | None
    dead_jobs: int = 0
    fingerprint: str = ""

    @property
    def is_ready(self) -> bool:
        in_time = (
            self.oldest_job_s is not None and self.oldest_job_s < OLDEST_JOB_LIMIT.total_seconds()
        )
        return self.database and self.broker and self.worker and in_time


def read_health() -> Health:
    """Look at everything once. Never raises: what cannot be reached is reported."""
    broker = _broker_answers()
    try:
        now = timezone.now()
        oldest = Job.objects.due().order_by("run_at").values_list("run_at", flat=True).first()
        models = (
            Heartbeat.objects.filter(seen_at__gte=now - HEARTBEAT_LAPSES)
            .filter(task_queues__contains="models")
            .order_by("-seen_at")
            .first()
        )
        dead = Job.objects.dead().count()
    except DatabaseError:
        connection.close()
        return Health(database=False, broker=broker, worker=False, oldest_job_s=None)
    return Health(
        database=True,
        broker=broker,
        worker=models is not None,
        oldest_job_s=(now - oldest).total_seconds() if oldest else 0.0,
        dead_jobs=dead,
        fingerprint=models.fingerprint if models else "",
    )


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when work gets done, else 503 with what is missing. Names no secrets."""
    health = read_health()
    content = {
        "status": "ready" if health.is_ready else "not ready",
        "database": health.database,
        "broker": health.broker,
        "worker": health.worker,
        "oldest_job_s": health.oldest_job_s and round(health.oldest_job_s, 1),
        "dead_jobs": health.dead_jobs,
    }
    return JsonResponse(content, status=200 if health.is_ready else 503)


def _broker_answers() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
