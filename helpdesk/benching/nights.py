"""A night's jobs, one short step after another, and what each stage of them takes.

The jobs are the worker's own; only how long a step may take is set to nothing, so that each is
a step by itself and can be measured.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from django.conf import settings
from django.db import connection, reset_queries

from helpdesk import article_review, gaps, jobs, link_checks, work
from helpdesk.models import GapNight, Job
from qa_engine import services as engine
from qa_engine.evaluation.metering import Meter, forget_peak, peak_since_mb, resident_mb

Say = Callable[[str], None]
#: A night's jobs, in the order in which they are due.
NIGHTLY = (Job.Kind.GAPS, Job.Kind.REVIEW, Job.Kind.LINKS)


@dataclass(slots=True)
class Figures:
    """What a stage took, all its steps together."""

    steps: int = 0
    wall_seconds: float = 0.0
    # Of this process, and of its PostgreSQL backend.
    python_cpu_seconds: float = 0.0
    database_cpu_seconds: float = 0.0
    # The most memory over what the process held before the night, at any step.
    grown_mb: float = 0.0
    peak_mb: float = 0.0
    # The longest that a step took: so long drafts wait behind it.
    longest_step_seconds: float = 0.0

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 1) for name, value in asdict(self).items()}


@dataclass(slots=True)
class Scale:
    """Measures steps against what the process held when this was made."""

    rest_mb: float

    def weigh(self, figures: Figures, step: Callable[[], object]) -> object:
        forget_peak()
        meter = Meter()
        found = step()
        spent = meter.read()
        figures.steps += 1
        figures.wall_seconds += spent.wall
        figures.python_cpu_seconds += spent.python
        figures.database_cpu_seconds += spent.database or 0.0
        figures.longest_step_seconds = max(figures.longest_step_seconds, spent.wall)
        figures.peak_mb = max(figures.peak_mb, peak_since_mb())
        figures.grown_mb = figures.peak_mb - self.rest_mb
        if connection.queries_logged:
            reset_queries()  # as a worker does after each task
        return found


def night(key: str, say: Say, kinds: Sequence[str] = NIGHTLY) -> dict[str, dict[str, float]]:
    """Jobs of these kinds one after another; figures by stage.

    What is done of it is said every fifty steps, for whoever stops it.
    """
    scale = Scale(resident_mb())
    found: dict[str, Figures] = {}
    for stage, step in _steps(key, kinds):
        figures = found.setdefault(stage, Figures())
        scale.weigh(figures, step)
        if figures.steps % 50 == 1:
            say(f"{key}, {stage}: {figures.as_json()}")
    return {stage: figures.as_json() for stage, figures in found.items()}


def _to_stderr(said: str) -> None:
    sys.stderr.write(said + "\n")


def review_beside(key: str) -> dict[str, dict[str, float]]:
    """The review of articles as a second worker does it, in a process of its own."""
    settings.CHECK_OUTSIDE_LINKS = False
    jobs.on_nudge(lambda kind: None)
    engine.warm_up()
    return night(key, _to_stderr, [Job.Kind.REVIEW])


def _steps(key: str, kinds: Sequence[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    gaps.STEP_SECONDS = link_checks.STEP_SECONDS = 0
    while Job.objects.filter(state=Job.State.RUNNING, kind__in=kinds).exists():
        jobs.sweep()  # of a run that was killed: its leases lapse within a minute
        time.sleep(1)
    for kind in kinds:
        yield from _KINDS[kind](key)


def _gaps(key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    jobs.enqueue(Job.Kind.GAPS, key)
    while _is_due(Job.Kind.GAPS):
        yield f"gaps: {_stage(key)}", lambda: work.run_batch(Job.Kind.GAPS, limit=1)


def _review(_key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    for signs in article_review.SIGNS:
        yield f"review: {signs.rstrip(':')}", partial(article_review.find_stale, signs)
    jobs.enqueue(Job.Kind.REVIEW, article_review.REST)
    while engine.is_left() and _is_due(Job.Kind.REVIEW):
        stage = "reading" if engine.count_unread()[0] else "comparing"
        yield f"review: {stage}", lambda: work.run_batch(Job.Kind.REVIEW, limit=1)


def _links(key: str) -> Iterator[tuple[str, Callable[[], object]]]:
    jobs.enqueue(Job.Kind.LINKS, key)
    while _is_due(Job.Kind.LINKS):
        yield f"links: {_place()}", lambda: work.run_batch(Job.Kind.LINKS, limit=1)


_KINDS: dict[str, Callable[[str], Iterator[tuple[str, Callable[[], object]]]]] = {
    Job.Kind.GAPS: _gaps,
    Job.Kind.REVIEW: _review,
    Job.Kind.LINKS: _links,
}


def _place() -> str:
    """What the next step of looking at links does; the first one begins with reading."""
    key = Job.objects.filter(kind=Job.Kind.LINKS, state=Job.State.QUEUED).latest("pk").key
    stage = key.partition(":")[2].partition(":")[0]
    return stage if stage in link_checks.STAGES else link_checks.READ


def _is_due(kind: str) -> bool:
    return Job.objects.filter(kind=kind, state=Job.State.QUEUED).exists()


def _stage(key: str) -> str:
    known = GapNight.objects.filter(key=key).values_list("stage", flat=True).first()
    return known or GapNight.Stage.DRAFTS
