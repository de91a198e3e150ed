"""`manage.py export_articles PATH`: every article, as files that import reads back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.exchange.exporting import export_articles
from knowledge.exchange.progress import track


class Command(BaseCommand):
    help = "Export every article to a folder of Markdown, a JSONL or a CSV file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--format", choices=["md", "jsonl", "csv"], default="md")

    def handle(self, *args: Any, path: Path, format: str, verbosity: int, **options: Any) -> None:
        written = export_articles(path, format)
        if verbosity > 0:
            written = track(written, stream=self.stderr, noun="articles written")
        try:
            count = sum(1 for _ in written)
        except OSError as error:
            raise CommandError(f"Cannot write to {path}: {error.strerror}") from error
        self.stdout.write(self.style.SUCCESS(f"{count} articles written to {path}."))
