"""`manage.py import_sources PATH`: product feeds and policy texts, as often as you like."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.exceptions import SourceUnreadable
from knowledge.sourcing.importing import import_folder


class Command(BaseCommand):
    help = (
        "Import a file or a folder of product feeds (CSV, JSON) and policy texts (Markdown, "
        "HTML, PDF, DOCX). A file is found again by its path: what changed becomes a new "
        "version, and a worker then looks for the articles that it makes wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, path: Path, verbosity: int, **options: Any) -> None:
        try:
            results = import_folder(path)
        except SourceUnreadable as error:
            raise CommandError(str(error)) from error
        for result in results:
            if result.reason:
                self.stderr.write(f"{result.name}: refused, {result.reason}")
        counts = Counter(result.outcome for result in results)
        said = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        style = self.style.WARNING if counts["refused"] else self.style.SUCCESS
        if verbosity > 0:
            self.stdout.write(style(f"{len(results)} sources: {said or 'none found'}."))
