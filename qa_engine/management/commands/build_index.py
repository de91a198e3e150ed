"""`manage.py build_index`: passages and embeddings of every article, or of some."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.models import Article
from qa_engine.indexing import Outcome, sync_in_batches
from qa_engine.models import EmbeddingIndex
from qa_engine.progress import track


class Command(BaseCommand):
    help = "Bring every article's passages up to date. Safe to stop and to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help="only these articles (default: all)")

    def handle(self, *args: Any, slug: list[str], verbosity: int, **options: Any) -> None:
        articles = Article.objects.order_by("pk")
        if slug:
            articles = articles.filter(slug__in=slug)
            if missing := set(slug) - set(articles.values_list("slug", flat=True)):
                raise CommandError(f"No such article: {', '.join(sorted(missing))}")

        ids = list(articles.values_list("pk", flat=True))
        total = len(ids)
        done: Iterable[tuple[int, Outcome]] = sync_in_batches(ids)
        if verbosity > 0:
            done = track(done, total=total, stream=self.stderr)
        outcomes = Counter(str(outcome) for _, outcome in done)
        summary = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
        index = EmbeddingIndex.objects.active()
        answering = f"answering with {index}" if index else "lexical search only (no embeddings)"
        self.stdout.write(
            self.style.SUCCESS(f"{total} articles: {summary or 'nothing to do'}; {answering}")
        )
