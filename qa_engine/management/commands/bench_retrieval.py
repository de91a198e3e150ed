"""`manage.py bench_retrieval`: what a query costs at several sizes of the index."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.growth import measure_growth
from qa_engine.evaluation.scratch import ScratchUnavailable, scratch_database
from qa_engine.indexable import seen
from qa_engine.protocols import ModelUnavailable

QUERIES = 200
LEAST_WORDS = 12


class Command(BaseCommand):
    help = (
        "Grow an index of halves of some articles' paragraphs in a database beside the shop's, "
        "and at each size time queries and compare them with a scan of everything. One line of "
        "JSON a size."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--articles", type=Path, required=True)
        parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000])

    def handle(self, *args: Any, articles: Path, passages: list[int], **options: Any) -> None:
        try:
            records = kb.load_articles(articles).records
        except UnusableData as error:
            raise CommandError(str(error)) from error
        pieces = [seen(piece) for record in records for piece in record.body.split("\n\n")]
        texts = [piece for piece in pieces if len(piece.split()) >= LEAST_WORDS]
        queries = [" ".join(text.split()[:60]) for text in texts[:: len(texts) // QUERIES + 1]]
        if not queries:
            raise CommandError("There is no paragraph of twelve words in these articles.")
        try:
            with scratch_database("growth"):
                for figures in measure_growth(texts, queries, passages, self.stderr.write):
                    self.stdout.write(json.dumps(figures))
                    self.stdout.flush()
        except (ScratchUnavailable, ModelUnavailable) as error:
            raise CommandError(str(error)) from error
