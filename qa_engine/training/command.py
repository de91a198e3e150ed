"""What `train_retriever` and `train_reranker` have in common: a run in this very process."""

from __future__ import annotations

import math
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qa_engine.protocols import ModelUnavailable
from qa_engine.training import running
from qa_engine.training.options import Options
from qa_engine.training_models import TrainingRun, TrainingSet

HELP = {
    "epochs": "how often every pair is seen (%(default)s)",
    "batch_size": "questions a step (%(default)s)",
    "learning_rate": "%(default)s",
    "rank": "of the LoRA adapters (%(default)s)",
    "negatives": "mined near misses for each question (%(default)s)",
    "seed": "%(default)s",
    "device": "auto, cpu or cuda",
    "precision": "auto, bfloat16 or float32",
    "minutes": "stop after so many, and keep what was learnt; 0: no limit",
    "base": "the model to start from; empty: what answers now, or the reranker that comes along",
    "articles": "JSONL, CSV or a folder, instead of the shop's own articles",
    "queries": "JSONL of questions with their articles, to measure on",
}


def chosen_set(name: str) -> TrainingSet | None:
    """By the beginning of its digest, `newest` or `none`. Raises CommandError."""
    if name == "none":
        return None
    ready = TrainingSet.objects.filter(state=TrainingSet.State.READY)
    if name == "newest":
        return ready.order_by("-created_at").first()
    found = ready.filter(digest__startswith=name).first()
    if found is None:
        raise CommandError(f"No usable training set has a digest that begins with {name}.")
    return found


def say(command: BaseCommand, line: str) -> None:
    """A progress bar overwrites itself where a person looks on."""
    is_bar = line.startswith("[")
    command.stdout.write(line, ending="\r" if is_bar and sys.stdout.isatty() else "\n")
    command.stdout.flush()


def until(minutes: float) -> Callable[[], bool]:
    """Whether so many minutes are over; 0: they never are."""
    end = time.monotonic() + 60 * minutes if minutes else math.inf
    return lambda: time.monotonic() > end


class TrainingCommand(BaseCommand):
    """Each run is a row, so the admin shows it beside those that were asked for there."""

    kind: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--set", default="newest", help="a set's digest, `newest` (default) or `none`"
        )
        parser.add_argument(
            "--resume", type=int, metavar="RUN", help="go on with an interrupted run"
        )
        parser.add_argument("--no-articles", action="store_true", help="learn from replies alone")
        for option in fields(Options):
            if option.name in HELP:
                parser.add_argument(
                    f"--{option.name.replace('_', '-')}",
                    type=type(option.default),
                    default=option.default,
                    help=HELP[option.name],
                )

    def handle(self, *args: Any, **given: Any) -> None:
        run = self._again(given["resume"]) if given["resume"] else self._new(given)
        self.stdout.write(f"Run {run.pk}; interrupted, it goes on with --resume {run.pk}")
        try:
            ended = running.work_on(run.pk, self._say)
        except KeyboardInterrupt:
            TrainingRun.objects.filter(pk=run.pk).update(state=TrainingRun.State.QUEUED)
            raise CommandError(f"Interrupted. Go on with --resume {run.pk}.") from None
        if ended.state == TrainingRun.State.FAILED:
            raise CommandError(ended.error)
        for version in ended.versions.all():
            self.stdout.write(self.style.SUCCESS(f"{version}: {version.path}"))

    def _say(self, line: str) -> None:
        say(self, line)

    def _new(self, given: dict[str, Any]) -> TrainingRun:
        options = Options.of({**given, "use_articles": not given["no_articles"]})
        try:
            return running.ask(
                self.kind, training_set=chosen_set(given["set"]), options=options.stored()
            )
        except (running.CannotStart, ModelUnavailable) as error:
            raise CommandError(str(error)) from error

    def _again(self, number: int) -> TrainingRun:
        """A run whose process is gone; the person at the keyboard knows that it is."""
        run = TrainingRun.objects.filter(pk=number, kind=self.kind).first()
        if run is None or not run.is_open:
            raise CommandError(f"There is no {self.kind} run {number} to go on with.")
        TrainingRun.objects.filter(pk=number).update(state=TrainingRun.State.QUEUED)
        return run
