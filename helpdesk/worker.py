"""What a Celery worker process does besides its tasks: it loads the models, and it says
that it lives.

Loaded in workers only. The models are loaded in each pool process, after the fork and
before it takes work; the parent never imports torch. A process that cannot load them
takes no work, says so again and again, and the helpdesk is not ready meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import structlog
from celery import current_app, signals
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from helpdesk import jobs, work
from helpdesk.models import Heartbeat
from qa_engine import services as engine
from qa_engine.protocols import ModelUnavailable

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 10
RETRY_SECONDS = 30
MODEL_QUEUES = frozenset({"live", "models"})
#: More threads than this gain nothing on models of this size.
MOST_THREADS = 8


@signals.celeryd_init.connect(dispatch_uid="helpdesk.limit_threads")
def limit_threads(conf: Any, options: dict[str, Any] | None = None, **_kwargs: object) -> None:
    """Share the processors among the pool's processes; libraries read this when loaded."""
    processes = int((options or {}).get("concurrency") or conf.worker_concurrency or 1)
    threads = max(1, min(MOST_THREADS, (os.cpu_count() or 1) // processes))
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@signals.worker_process_init.connect(dispatch_uid="helpdesk.begin")
def begin(sender: str, **_kwargs: object) -> None:
    """Load what the process's task queues need, then start to beat."""
    queues = sorted(current_app.amqp.queues.consume_from)
    has_models = bool(MODEL_QUEUES.intersection(queues))
    if has_models:
        load_models()
    connection.close()
    threading.Thread(
        target=beat, args=(sender, ",".join(queues), has_models), name="heartbeat", daemon=True
    ).start()


@signals.task_prerun.connect(dispatch_uid="helpdesk.look_at_connections")
@signals.task_postrun.connect(dispatch_uid="helpdesk.look_at_connections")
def look_at_connections(task: Any, **_kwargs: object) -> None:
    """As Django does around a request: one that is old or broken is not used again.

    A new one for each task costs PostgreSQL as much as a ticket's whole draft (36 ms of 70).
    """
    if not task.request.is_eager:
        close_old_connections()


@signals.worker_shutdown.connect(dispatch_uid="helpdesk.end")
def end(sender: Any, **_kwargs: object) -> None:
    try:
        Heartbeat.objects.filter(name=sender.hostname).delete()
    except DatabaseError as exc:
        log.warning("heartbeat_not_removed", error=type(exc).__name__)
    finally:
        connection.close()


def load_models() -> None:
    """Return once the models are loaded, however long it takes for them to be there."""
    started = time.monotonic()
    while True:
        try:
            engine.warm_up()
        except ModelUnavailable as exc:
            log.error("models_not_loaded", error=str(exc), next_try_s=RETRY_SECONDS)
        except DatabaseError as exc:
            log.warning("models_not_loaded", error=type(exc).__name__, next_try_s=RETRY_SECONDS)
        else:
            log.info("models_loaded", seconds=round(time.monotonic() - started, 1))
            return
        connection.close()
        time.sleep(RETRY_SECONDS)


def beat(name: str, queues: str, has_models: bool) -> None:
    """Say every few seconds that this process lives and works. Ends with the process.

    What answers is told as it is now: a model that is promoted is taken up without a restart.
    """
    started_at = timezone.now()
    while True:
        try:
            jobs.renew_leases(work.worker_name())
            fingerprint = engine.engine_fingerprint() if has_models else ""
            Heartbeat.objects.update_or_create(
                name=name[:100],
                defaults={
                    "task_queues": queues[:100],
                    "fingerprint": fingerprint[:200],
                    "started_at": started_at,
                    "seen_at": timezone.now(),
                },
            )
        except (DatabaseError, ModelUnavailable) as exc:
            log.warning("heartbeat_missed", error=type(exc).__name__)
        finally:
            connection.close()
        time.sleep(HEARTBEAT_SECONDS)
