"""Training runs: asked for, taken up by a process, watched, and ended in one of three ways.

A run is a row. The process that works on it writes its progress every few seconds, and reads
in the same moment whether somebody wants it to stop. A silent process is taken for dead;
the run is then queued again and goes on from its checkpoint, a few times at most.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qa_engine.training_models import CURVE_POINTS, TrainingRun, TrainingSet, Work

if TYPE_CHECKING:
    from qa_engine.training.loop import Progress

logger = logging.getLogger(__name__)

#: Seconds between two looks at the row.
WRITE_EVERY = 2.0
#: A process that has been silent for so long is dead.
SILENT_AFTER = timedelta(minutes=3)
MAX_SITTINGS = 3
LOG_LINES = 200


class Cancelled(Exception):
    """Somebody asked for the run to stop."""


class CannotStart(Exception):
    """The run cannot be asked for; the message says why."""


#: What a kind of run does: takes the watched run, returns a line to show for it.
Recipe = Callable[["Watched"], str]
_recipes: dict[str, Recipe] = {}
#: Kinds whose recipes need numpy or torch; imported by the process that does them.
LAZY = {
    str(Work.RETRIEVER): "qa_engine.training.recipes",
    str(Work.RERANKER): "qa_engine.training.recipes",
    str(Work.READER): "qa_engine.training.recipes",
    str(Work.QUERIES): "qa_engine.training.recipes",
    str(Work.CHECK): "qa_engine.training.recipes",
}


def register(kind: str, recipe: Recipe) -> None:
    """Name the function that does this kind of run. Called at start-up."""
    _recipes[kind] = recipe


def ask(
    kind: str,
    *,
    by: Any = None,
    training_set: TrainingSet | None = None,
    options: dict[str, Any] | None = None,
) -> TrainingRun:
    """Queue a run. The caller sees to it that a process takes it up. Raises CannotStart."""
    if TrainingRun.objects.open().filter(kind=kind).exists():
        raise CannotStart(
            _("There is one of this kind already that has not finished. Wait for it, or stop it.")
        )
    if training_set is not None and not training_set.is_usable:
        raise CannotStart(_("This training set is not usable. Export the data again."))
    return TrainingRun.objects.create(
        kind=Work(kind), training_set=training_set, options=options or {}, created_by=by
    )


def cancel(run: TrainingRun) -> None:
    """A queued run ends at once; a running one within seconds, and keeps nothing."""
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update().get(pk=run.pk)
        if run.state == TrainingRun.State.QUEUED:
            _end(run, TrainingRun.State.CANCELLED)
        elif run.state == TrainingRun.State.RUNNING:
            run.is_cancel_asked = True
            run.save(update_fields=["is_cancel_asked"])


def work_on(run_id: int, say: Callable[[str], None] = lambda _line: None) -> TrainingRun:
    """Do a queued run in this process, from wherever it stopped; return it as it ended."""
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update().get(pk=run_id)
        if run.state != TrainingRun.State.QUEUED:
            return run
        run.state = TrainingRun.State.RUNNING
        run.sittings += 1
        run.started_at = run.started_at or timezone.now()
        run.seen_at = timezone.now()
        run.save(update_fields=["state", "sittings", "started_at", "seen_at"])
    watched = Watched(run, say)
    try:
        if run.kind in LAZY:
            import_module(LAZY[run.kind])
        told = _recipes[run.kind](watched)
    except Cancelled:
        watched.note("Stopped, as asked.")
        return _end(run, TrainingRun.State.CANCELLED)
    except Exception as exc:
        # Whatever it was, the row must say so: nobody watches this process.
        logger.exception("training run %s failed", run.pk)
        watched.note(f"{type(exc).__name__}: {exc}")
        return _end(run, TrainingRun.State.FAILED, error=f"{type(exc).__name__}: {exc}"[:500])
    watched.note(told)
    return _end(run, TrainingRun.State.DONE)


def silent() -> list[TrainingRun]:
    """Take runs away from dead processes; return those that are queued again."""
    again = []
    limit = timezone.now() - SILENT_AFTER
    running = TrainingRun.objects.filter(state=TrainingRun.State.RUNNING, seen_at__lt=limit)
    for run in running:
        if run.is_cancel_asked:
            _end(run, TrainingRun.State.CANCELLED)
        elif run.sittings >= MAX_SITTINGS:
            _end(run, TrainingRun.State.FAILED, error="The process stopped again and again.")
        else:
            run.state = TrainingRun.State.QUEUED
            run.save(update_fields=["state"])
            again.append(run)
    return again


def folder_of(run: TrainingRun) -> Path:
    """Where its checkpoints lie; nobody's words are in them."""
    return Path(settings.DATA_DIR) / "training" / "runs" / str(run.pk)


@dataclass
class Watched:
    """A run under way: what a recipe tells it, the admin's page shows."""

    run: TrainingRun
    say: Callable[[str], None]
    _written: float = field(default=0.0)

    @property
    def folder(self) -> Path:
        return folder_of(self.run)

    def phase(self, words: str) -> None:
        """Say what comes now. Raises Cancelled."""
        self.run.phase = words[:100]
        self.note(words)
        self.run.step = self.run.steps = 0
        self.run.seconds_left = None
        self._write("phase", "step", "steps", "seconds_left")

    def note(self, line: str) -> None:
        """A line of the log; people's words do not belong there."""
        self.say(line)
        at = timezone.localtime().strftime("%H:%M:%S")
        lines = [*self.run.log.splitlines(), f"{at} {line}"]
        self.run.log = "\n".join(lines[-LOG_LINES:])
        TrainingRun.objects.filter(pk=self.run.pk).update(log=self.run.log)

    def progress(
        self, step: int, steps: int, *, loss: float | None = None, left: float | None = None
    ) -> None:
        """How far it is; written every few seconds. Raises Cancelled."""
        if time.monotonic() - self._written < WRITE_EVERY and step < steps:
            return
        self.run.step, self.run.steps, self.run.seconds_left = step, steps, left
        if loss is not None:
            self.run.loss = loss
            self.run.curve = thinned([*self.run.curve, [step, round(loss, 4)]])
        self._write("step", "steps", "seconds_left", "loss", "curve")

    def follow(self, progress: Progress) -> None:
        """As `progress`, for the loop, which keeps its checkpoint before it stops."""
        self.say(str(progress))
        if not self.is_stopped():
            self.progress(
                progress.step, progress.steps, loss=progress.loss, left=progress.seconds_left
            )

    def until(self, minutes: float) -> Callable[[], bool]:
        """Whether the loop is to stop: its time is over (0: no limit), or somebody asked."""
        started = time.monotonic()

        def is_over() -> bool:
            is_late = minutes > 0 and time.monotonic() - started > 60 * minutes
            return is_late or self.is_stopped()

        return is_over

    def is_stopped(self) -> bool:
        """Whether somebody asked for it to stop; looks every few seconds."""
        if time.monotonic() - self._written >= WRITE_EVERY:
            try:
                self._write()
            except Cancelled:
                return True
        return self.run.is_cancel_asked

    def check(self) -> None:
        if self.is_stopped():
            raise Cancelled

    def _write(self, *fields: str) -> None:
        self._written = time.monotonic()
        self.run.seen_at = timezone.now()
        self.run.save(update_fields=["seen_at", *fields])
        self.run.refresh_from_db(fields=["is_cancel_asked"])
        if self.run.is_cancel_asked:
            raise Cancelled


def thinned(curve: list[list[float]]) -> list[list[float]]:
    """Every second point where there are too many; the last one stays."""
    if len(curve) <= CURVE_POINTS:
        return curve
    return [*curve[:-1][::2], curve[-1]]


def _end(run: TrainingRun, state: TrainingRun.State, *, error: str = "") -> TrainingRun:
    run.state, run.error, run.phase = state, error, ""
    run.finished_at = timezone.now()
    run.seconds_left = None
    run.save(update_fields=["state", "error", "phase", "finished_at", "seconds_left"])
    return run
