"""Asking for trainings and comparisons: the run and the job that starts it, together."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from helpdesk import jobs
from helpdesk.models import Job, User
from qa_engine.training import running
from qa_engine.training_models import ModelVersion, TrainingRun, TrainingSet, Work


@transaction.atomic
def ask_for_training(
    *,
    kind: str,
    by: User | None,
    training_set: TrainingSet | None = None,
    options: dict[str, Any] | None = None,
) -> TrainingRun:
    """Queue a run and the job that starts it. Raises CannotStart."""
    run = running.ask(kind, by=by, training_set=training_set, options=options)
    jobs.enqueue(Job.Kind.TRAIN, run.pk)
    return run


def ask_for_comparison(*, version: ModelVersion, by: User | None) -> TrainingRun:
    """Have a version compared with what answers now. Raises CannotStart."""
    return ask_for_training(kind=Work.CHECK, by=by, options={"version": version.pk})
