"""`manage.py export_training_data`: what people taught, as a training set with a datasheet."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from helpdesk.services.learning import export_training_data
from qa_engine.training import sets
from qa_engine.training.datasheet import advice


class Command(BaseCommand):
    help = (
        "Collect what agents wrote, changed and rejected into a training set: redacted, "
        "without customers who objected, and without a word that the engine wrote."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--copy-to",
            type=Path,
            help="copy the files there as well; erasure does not reach that copy",
        )

    def handle(self, *args: Any, copy_to: Path | None, **options: Any) -> None:
        try:
            made = export_training_data()
        except sets.TooLittleData as error:
            raise CommandError(str(error)) from error
        folder = sets.root() / made.folder
        if copy_to is not None:
            shutil.copytree(folder, copy_to, dirs_exist_ok=True)
        self.stdout.write(f"{made.examples} examples in {folder}")
        for name, count in made.counts["taught"].items():
            self.stdout.write(f"  {name}: {count}")
        for name, count in made.counts["left_out"].items():
            self.stdout.write(f"  left out, {name}: {count}")
        usable = made.counts["with_positives"]
        self.stdout.write(advice(usable, made.held_out))
        self.stdout.write(f"Digest {made.digest}")
