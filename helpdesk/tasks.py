"""Celery entry points. They carry nothing: each looks for due jobs by itself.

Each may run twice, late, or when there is nothing to do, without harm.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from helpdesk import jobs, learning, notifying, training_jobs, usage, work
from helpdesk.models import IdempotentRequest
from knowledge import readership
from knowledge.services import carry_out_due, reading
from knowledge.sourcing.importing import import_folder
from qa_engine import services as engine

log = structlog.get_logger(__name__)

#: A nudge that waited this long has been made up for by the sweep.
NUDGE_EXPIRES = 30  # seconds


@shared_task
def draft_due() -> None:
    work.run_batch("draft", limit=settings.QA_BATCH_SIZE)


@shared_task
def index_due() -> None:
    work.run_batch("index", limit=8)


@shared_task
def learn_due() -> None:
    work.run_batch("learn", limit=8)


@shared_task
def replay_due() -> None:
    work.run_batch("replay", limit=1)


@shared_task
def mail_due() -> None:
    work.run_batch("mail", limit=20)


@shared_task
def notice_due() -> None:
    work.run_batch("notice", limit=20)


@shared_task
def links_due() -> None:
    work.run_batch("links", limit=1)


@shared_task
def links_nightly() -> None:
    jobs.enqueue("links", timezone.localdate())


@shared_task
def remind_owners() -> None:
    """Mondays: what owners of articles are to look at."""
    notifying.remind_owners()


@shared_task
def calibrate_due() -> None:
    work.run_batch("calibrate", limit=4)


@shared_task
def gaps_due() -> None:
    work.run_batch("gaps", limit=1)


@shared_task
def gaps_nightly() -> None:
    jobs.enqueue("gaps", timezone.localdate())


@shared_task
def review_due() -> None:
    work.run_batch("review", limit=1)


@shared_task
def review_nightly() -> None:
    jobs.enqueue("review", timezone.localdate())


@shared_task
def calibrate_nightly() -> None:
    jobs.enqueue("calibrate", timezone.localdate())


@shared_task
def train_due() -> None:
    work.run_batch("train", limit=1)


@shared_task
def forget_due() -> None:
    work.run_batch("forget", limit=4)


@shared_task
def source_due() -> None:
    work.run_batch("source", limit=4)


@shared_task
def import_sources() -> None:
    """New versions from the folder that SOURCES_DIR names, if any."""
    if settings.SOURCES_DIR:
        import_folder(Path(settings.SOURCES_DIR))


@shared_task
def carry_out_plans() -> None:
    """Articles whose planned moment has come."""
    carry_out_due()


@shared_task
def count_views() -> None:
    """What readers opened in the last minute."""
    try:
        readership.add_counted()
    except RedisError as exc:
        log.warning("views_wait", error=type(exc).__name__)


@shared_task
def count_use() -> None:
    """Which articles the drafts of the last months rest on."""
    usage.count_use()


@shared_task
def shadow_due() -> None:
    work.run_batch("shadow", limit=settings.QA_BATCH_SIZE)


@shared_task
def sync_index() -> None:
    """What no job announces: an article's time has come or is over."""
    engine.sync_due()


@shared_task
def sweep() -> None:
    training_jobs.take_up_abandoned()
    for kind in jobs.sweep():
        jobs.nudge(kind)


@shared_task
def purge() -> None:
    jobs.purge()
    learning.expire_unseen()
    readership.roll_up()
    IdempotentRequest.objects.expired().delete()
    reading.forget_searches(days=settings.SEARCH_LOG_DAYS)


# Now, in one thread. Celery would do it at the first nudge, and a second web thread that
# nudges at that moment would find its task not registered.
current_app.finalize(auto=True)

TASKS = {
    "draft": draft_due,
    "index": index_due,
    "learn": learn_due,
    "replay": replay_due,
    "mail": mail_due,
    "notice": notice_due,
    "links": links_due,
    "calibrate": calibrate_due,
    "source": source_due,
    "gaps": gaps_due,
    "train": train_due,
    "forget": forget_due,
    "shadow": shadow_due,
    "review": review_due,
}


def send_nudge(kind: str) -> None:
    """Without the broker the job waits for the sweep, and whoever asked is not kept."""
    try:
        TASKS[kind].apply_async(expires=NUDGE_EXPIRES, retry=False)
    except OperationalError as exc:
        log.warning("nudge_lost", kind=kind, error=type(exc).__name__)
