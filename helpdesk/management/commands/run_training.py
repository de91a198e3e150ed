"""`manage.py run_training RUN`: do a queued run in this process. The worker calls it."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qa_engine.training import running
from qa_engine.training_models import TrainingRun

#: Drafts and live questions come first, wherever they share processors with a training.
NICENESS = 10


class Command(BaseCommand):
    help = "Do a queued training in this process, from wherever it was interrupted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int)

    def handle(self, *args: Any, run: int, **options: Any) -> None:
        os.nice(NICENESS)
        ended = running.work_on(run, self.stdout.write)
        if ended.state == TrainingRun.State.FAILED:
            raise CommandError(ended.error)
