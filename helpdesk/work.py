"""What workers do with claimed jobs: one handler a kind, run on batches.

A handler finishes the jobs it has done in the transaction that wrote their result, and
returns an error for those it could not do. Whatever it raises fails the job, not the
worker.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence

import structlog
from django.db import OperationalError

from helpdesk import (
    article_review,
    calibrating,
    drafting,
    following,
    gaps,
    indexing,
    jobs,
    learning,
    link_checks,
    replaying,
    shadow_drafting,
    training_jobs,
)
from helpdesk.mail import delivery, notices
from helpdesk.models import Job

log = structlog.get_logger(__name__)

#: Takes claimed jobs, returns the errors of those to be tried again, by job id.
Handler = Callable[[Sequence[Job]], dict[int, str]]

HANDLERS: dict[str, Handler] = {
    "draft": drafting.draft_messages,
    "calibrate": calibrating.learn_from_decisions,
    "gaps": gaps.find_gaps,
    "index": indexing.index_articles,
    "learn": learning.learn_from_replies,
    "replay": replaying.run_replays,
    "source": following.follow_sources,
    "mail": delivery.deliver_messages,
    "notice": notices.deliver_notices,
    "links": link_checks.check_links,
    "train": training_jobs.start_trainings,
    "forget": training_jobs.forget,
    "shadow": shadow_drafting.draft_in_the_shadow,
    "review": article_review.review_articles,
}

jobs.on_given_up(Job.Kind.MAIL, delivery.give_up)
jobs.on_given_up(Job.Kind.REPLAY, replaying.give_up)
jobs.on_given_up(Job.Kind.SOURCE, following.give_up)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def run_batch(kind: str, *, limit: int) -> int:
    """Claim and do one batch; return how many jobs it held.

    A full batch means that more may be waiting: the next is asked for by a nudge, so
    that a live question can be served in between.
    """
    claimed = jobs.claim(kind, worker=worker_name(), limit=limit)
    if not claimed:
        return 0
    with jobs.kept(claimed):
        _run(kind, claimed)
    if len(claimed) == limit:
        jobs.nudge(kind)
    return len(claimed)


def _run(kind: str, claimed: list[Job]) -> None:
    try:
        errors = HANDLERS[kind](claimed)
    except OperationalError:
        # The database is away: nothing can be written, the lease brings the jobs back.
        raise
    except Exception as exc:
        log.exception("batch_failed", kind=kind, jobs=[job.pk for job in claimed])
        if len(claimed) > 1:
            for job in jobs.held(claimed):  # one is to blame; the others shall not suffer
                _run(kind, [job])
            return
        errors = {claimed[0].pk: type(exc).__name__}
    for job in claimed:
        if job.pk in errors:
            jobs.fail(job, errors[job.pk])
    jobs.finish(job for job in claimed if job.pk not in errors)
