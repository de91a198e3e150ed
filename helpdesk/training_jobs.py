"""Trainings as jobs: each is a process of its own, of low priority, started by a worker.

Not the worker itself: a training takes longer than a task may, and drafts would wait for it.
The process outlives the worker that started it, so that a deployment does not interrupt it,
and ends by itself when the database is gone for good. Its row says how far it is; where it
has fallen silent, `take_up_abandoned` queues it again and it goes on from its checkpoint.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import structlog
from django.conf import settings

from helpdesk import jobs
from helpdesk.models import Job
from qa_engine.training import running, sets
from qa_engine.training_models import TrainingRun

log = structlog.get_logger(__name__)

# Started here and not yet seen to end; asked for their status so that none stays a zombie.
_children: list[subprocess.Popen[bytes]] = []


def start_trainings(claimed: Sequence[Job]) -> dict[int, str]:
    """Start a process for each run that still waits for one."""
    for job in claimed:
        waiting = TrainingRun.objects.filter(
            pk=int(job.key), state=TrainingRun.State.QUEUED
        ).exists()
        if waiting:
            start(int(job.key))
    return {}


def start(run_id: int) -> None:
    """`manage.py run_training`, in a session of its own."""
    _children[:] = [child for child in _children if child.poll() is None]
    run = TrainingRun.objects.get(pk=run_id)
    folder = running.folder_of(run)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "errors.log").open("ab") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "django", "run_training", str(run_id)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    _children.append(child)
    log.info("training_started", run=run_id, process=child.pid)


def take_up_abandoned() -> None:
    """Runs whose process died are started again."""
    for run in running.silent():
        jobs.enqueue(Job.Kind.TRAIN, run.pk)


def forget(claimed: Sequence[Job]) -> dict[int, str]:
    """Take erased people's words out of the files of the training sets."""
    for job in claimed:
        sets.purge(int(job.key))
    return {}
