"""Fills the database that is connected with a made-up shop."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import connection

from helpdesk.benching.articles import grown
from helpdesk.benching.tickets import Asked, add_tickets
from helpdesk.models import Ticket
from qa_engine.evaluation.articles import load_articles
from qa_engine.evaluation.corpus import load_corpus

SEED = 7


def make_articles(path: Path, count: int) -> None:
    records = load_articles(path).records
    load_corpus(list(grown(records, count, SEED)), lambda said: None)
    _analyze()


def make_tickets(paths: list[Path], count: int) -> None:
    """Up to `count` of them in all; a database that was kept has some already."""
    there = Ticket.objects.count()
    if there < count:
        add_tickets(count - there, read_questions(paths), SEED + there)
        _analyze()


def read_questions(paths: list[Path]) -> list[Asked]:
    """CSV with a column `text`, and `category` where one is known. Raises OSError, KeyError."""
    asked = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            asked += [
                Asked(row["text"], row.get("category") or "it") for row in csv.DictReader(file)
            ]
    return asked


def _analyze() -> None:
    """As autovacuum would have by the evening."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
