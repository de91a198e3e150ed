"""Nightly: what nobody answered, grouped, priced, and proposed as an article or an edit.

In steps: each takes some hundred rows, commits with how far it has come, and after some
seconds the rest is queued, so that drafts get their turn. A night that was stopped goes on
where it was; one that follows another costs as much as is new. Runs in the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from helpdesk import gap_grouping, gap_proposing, gap_questions, jobs
from helpdesk.models import Gap, GapNight, GapQuestion, Job
from qa_engine import services as engine

log = structlog.get_logger(__name__)

STEP_SECONDS = 20
#: What was written so long ago is not looked at.
DAYS = 90
#: A draft may become visible so long after the moment that it bears.
_OVERLAP = timedelta(hours=1)

Stage = GapNight.Stage
#: Rows that come after the cursor are worked on, so many at once; what was found in them.
_WORK: dict[str, tuple[int, Callable[[list[int], GapNight], int]]] = {
    Stage.DRAFTS: (500, lambda keys, night: gap_questions.of_drafts(keys)),
    Stage.TICKETS: (500, lambda keys, night: gap_questions.of_tickets(keys)),
    Stage.EMBED: (500, lambda keys, night: gap_questions.embed(keys, night.embedder)),
    Stage.ASKED: (
        2000,
        lambda keys, night: gap_grouping.group(keys, night.embedder, _since(), opens=True),
    ),
    Stage.ANSWERED: (
        2000,
        lambda keys, night: gap_grouping.group(keys, night.embedder, _since(), opens=False),
    ),
    Stage.SETTLE: (20, lambda keys, night: gap_proposing.settle(keys)),
}
_ORDER = [*_WORK, Stage.DONE]


def find_gaps(claimed: Sequence[Job]) -> dict[int, str]:
    """The handler of the nightly job: a step of it, and a job for the rest."""
    for job in claimed:
        night, _new = GapNight.objects.get_or_create(key=job.key)
        until = time.monotonic() + STEP_SECONDS
        while night.stage != Stage.DONE:
            go_on(night)
            if time.monotonic() >= until:
                break
        if night.stage != Stage.DONE:
            jobs.enqueue(Job.Kind.GAPS, job.key)
        else:
            log.info("gaps_found", night=night.key, **night.figures)
    return {}


def go_on(night: GapNight) -> None:
    """The next rows of the stage that the night is at; with none left, the next stage."""
    started = time.monotonic()
    size, work = _WORK[night.stage]
    if not night.embedder:
        night.embedder = engine.embedder_fingerprint()
    rows = _rows(night)
    if not night.cursor:
        night.total = rows.count()
    keys = list(
        rows.filter(pk__gt=night.cursor).order_by("pk").values_list("pk", flat=True)[:size]
    )
    found = work(keys, night) if keys else 0
    figures = night.figures.setdefault(night.stage, {"rows": 0, "found": 0, "seconds": 0.0})
    figures["rows"] += len(keys)
    figures["found"] += found
    figures["seconds"] = round(figures["seconds"] + time.monotonic() - started, 3)
    if keys:
        night.cursor = keys[-1]
        night.done += len(keys)
        night.total = max(night.total, night.done)
    if len(keys) < size:
        _next_stage(night)
    night.updated_at = timezone.now()
    night.save()


def _next_stage(night: GapNight) -> None:
    if night.stage == Stage.ANSWERED:
        newest = GapQuestion.objects.filter(embedder=night.embedder).order_by("-pk").first()
        night.grouped_to = newest.pk if newest else 0
    night.stage = _ORDER[_ORDER.index(night.stage) + 1]
    if night.stage == Stage.DONE:
        night.finished_at = timezone.now()
    else:
        night.cursor = night.done = night.total = 0


def _rows(night: GapNight) -> QuerySet[Any]:
    """What the stage has to look at, whatever has been seen of it already."""
    since = _since()
    if night.stage == Stage.DRAFTS:
        last = _last(night)
        new = max(since, last.started_at - _OVERLAP) if last else since
        return gap_questions.drafts(new)
    if night.stage == Stage.TICKETS:
        return gap_questions.tickets(since)
    if night.stage == Stage.EMBED:
        return GapQuestion.objects.exclude(embedder=night.embedder).filter(asked_at__gte=since)
    if night.stage == Stage.SETTLE:
        return Gap.objects.filter(last_seen_at__gte=since)
    last = _last(night)
    seen = last.grouped_to if last and last.embedder == night.embedder else 0
    return gap_grouping.free(night.embedder, since, opens=night.stage == Stage.ASKED).filter(
        pk__gt=seen
    )


def _last(night: GapNight) -> GapNight | None:
    done = GapNight.objects.filter(stage=Stage.DONE, started_at__lt=night.started_at)
    return done.order_by("-started_at").first()


def _since() -> datetime:
    return timezone.now() - timedelta(days=DAYS)
