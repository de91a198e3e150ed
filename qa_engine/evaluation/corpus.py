"""Articles of a file, published and indexed in the database that is connected now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from knowledge.models import Article, Category, Revision
from qa_engine import embedding_indexes
from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.metering import Meter, Spent
from qa_engine.evaluation.outcome import Say
from qa_engine.indexing import due_articles, sync_in_batches
from qa_engine.models import Passage

BATCH = 200
TITLE = 200
SUMMARY = 300


@dataclass(frozen=True, slots=True)
class Corpus:
    """Which article is which, and what indexing them took."""

    # Primary key → the name that the file gives it.
    keys: Mapping[int, str]
    passages: int
    # Passages that were embedded now; fewer than there are in a database that was kept.
    embedded: int
    spent: Spent

    def figures(self) -> dict[str, float]:
        """About indexing. Nothing about speed where nothing was indexed."""
        figures = {"articles": float(len(self.keys)), "passages": float(self.passages)}
        if self.embedded and self.embedded == self.passages:
            figures["index_passages_per_second"] = self.passages / self.spent.wall
            figures["index_cpu_ms_per_passage"] = 1000 * self.spent.cpu / self.passages
        return figures


def load_corpus(articles: Sequence[ArticleRecord], say: Say) -> Corpus:
    """Publish what is not there yet, and index what is due."""
    _publish(articles)
    meter = Meter()
    before = set(Passage.objects.values_list("pk", flat=True))
    due = list(due_articles(embedding_indexes.target()).values_list("pk", flat=True))
    for number, _ in enumerate(sync_in_batches(due), start=1):
        if number % BATCH == 0 or number == len(due):
            say(f"indexed {number}/{len(due)} articles")
    spent = meter.read()
    return Corpus(
        keys=dict(Article.objects.values_list("pk", "external_id")),
        passages=Passage.objects.count(),
        embedded=Passage.objects.exclude(pk__in=before).count(),
        spent=spent,
    )


def _publish(articles: Sequence[ArticleRecord]) -> None:
    known = set(Article.objects.values_list("external_id", flat=True))
    shelf, _ = Category.objects.get_or_create(slug="evaluation", defaults={"name": "Evaluation"})
    missing = [article for article in articles if article.key not in known]
    for batch in _batches(missing):
        publish_batch(batch, shelf, first=len(known))
        known.update(article.key for article in batch)


@transaction.atomic
def publish_batch(batch: Sequence[ArticleRecord], shelf: Category, first: int) -> list[Revision]:
    """Their published revisions; slugs count from `first`."""
    rows = Article.objects.bulk_create(
        Article(
            external_id=record.key,
            slug=f"evaluation-{first + number}",
            category=shelf,
            visibility="internal" if record.is_internal else "public",
        )
        for number, record in enumerate(batch)
    )
    revisions = Revision.objects.bulk_create(
        Revision(
            article=article,
            number=1,
            title=record.title[:TITLE],
            summary=record.summary[:SUMMARY],
            body=record.body,
        )
        for article, record in zip(rows, batch, strict=True)
    )
    for article, revision in zip(rows, revisions, strict=True):
        article.head = article.published_revision = revision
        article.state = Article.State.PUBLISHED
    Article.objects.bulk_update(rows, ["head", "published_revision", "state"])
    return revisions


def _batches(articles: Sequence[ArticleRecord]) -> Iterator[Sequence[ArticleRecord]]:
    for first in range(0, len(articles), BATCH):
        yield articles[first : first + BATCH]
