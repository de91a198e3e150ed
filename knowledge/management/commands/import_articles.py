"""`manage.py import_articles PATH`: articles from files, as often as you like."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.exchange.importing import Import, Outcome
from knowledge.exchange.progress import track
from knowledge.exchange.reading import UnknownFormat, read_records
from knowledge.exchange.rows import LEVEL


class Command(BaseCommand):
    help = (
        "Import a folder of Markdown with YAML front matter, a JSONL or a CSV file. Articles "
        "are found again by their external id: equal ones are skipped, changed ones get a new "
        "revision. Rows that cannot be taken are told on stderr, the others are imported."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--category",
            default="",
            help=f'for new articles that name none, such as "Products{LEVEL}Tents"',
        )
        parser.add_argument("--draft", action="store_true", help="publish nothing")
        parser.add_argument("--dry-run", action="store_true", help="try it all, and keep nothing")

    def handle(
        self,
        *args: Any,
        path: Path,
        category: str,
        draft: bool,
        dry_run: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        run = Import(
            category=tuple(level.strip() for level in category.split(LEVEL) if level.strip()),
            as_draft=draft,
            is_dry_run=dry_run,
        )
        try:
            results = run.run(read_records(path))
        except UnknownFormat as error:
            raise CommandError(str(error)) from error
        if verbosity > 0:
            results = track(results, stream=self.stderr, noun="articles read")
        counts: Counter[Outcome] = Counter()
        for result in results:
            counts[result.outcome] += 1
            if result.outcome is Outcome.REFUSED:
                self.stderr.write(f"{result.place}: refused, {result.reason}")
        said = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
        kept = " Nothing was kept: this was a dry run." if dry_run else ""
        summary = f"{counts.total()} articles: {said or 'none found'}.{kept}"
        style = self.style.WARNING if counts[Outcome.REFUSED] else self.style.SUCCESS
        self.stdout.write(style(summary))
