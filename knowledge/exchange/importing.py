"""Bring articles from records into the knowledge base: as often as you like.

An article is found again by its external id (or, having none, its slug); what is equal
is left alone, what differs becomes a new revision. A row that cannot be taken is told
with its place and the reason, and the others are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import DataError, IntegrityError, transaction

from knowledge.exceptions import KnowledgeError
from knowledge.exchange.reading import Record
from knowledge.exchange.rows import ArticleRow, RowRefused, row_from
from knowledge.models import Article, Category, ReaderGroup
from knowledge.services import (
    archive,
    category_at,
    change_details,
    create_article,
    publish,
    save_revision,
    unpublish,
)
from knowledge.services.gates import may_publish
from knowledge.types import ArticleDetails

if TYPE_CHECKING:
    from helpdesk.models import User

#: Rows in a transaction: enough to be fast, few enough not to hold locks for long.
BATCH = 50


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one record."""

    place: str
    outcome: Outcome
    reason: str = ""


@dataclass(slots=True)
class Import:
    """One run over a file. `category` is for articles that name none."""

    category: tuple[str, ...] = ()
    as_draft: bool = False
    is_dry_run: bool = False
    by: User | None = None
    note: str = "Imported."
    _categories: dict[tuple[str, ...], Category] = field(default_factory=dict)
    _groups: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Who may not publish brings drafts."""
        self.as_draft = self.as_draft or not may_publish(self.by)

    def run(self, records: Iterable[Record]) -> Iterator[Result]:
        """Take the records; each result is yielded once its batch is committed."""
        batch: list[Record] = []
        for record in records:
            batch.append(record)
            if len(batch) == BATCH:
                yield from self._take_batch(batch)
                batch = []
        if batch:
            yield from self._take_batch(batch)

    @transaction.atomic
    def _take_batch(self, batch: list[Record]) -> list[Result]:
        rows: list[tuple[Record, ArticleRow | str]] = [
            (record, self._row(record)) for record in batch
        ]
        known = _articles_of([row for _, row in rows if isinstance(row, ArticleRow)])
        results = [
            Result(record.place, Outcome.REFUSED, row)
            if isinstance(row, str)
            else self._take(record.place, row, known.get(_key(row)))
            for record, row in rows
        ]
        if self.is_dry_run:
            transaction.set_rollback(True)
            self._forget()
        return results

    def _row(self, record: Record) -> ArticleRow | str:
        """The record as an article, or why it is none."""
        if record.problem:
            return record.problem
        try:
            row = row_from(record.fields)
        except RowRefused as refusal:
            return str(refusal)
        if key := _key(row):
            first = self._seen.setdefault(key, record.place)
            if first != record.place:
                return f"{first} has the same {'external id' if row.external_id else 'slug'}"
        return row

    def _take(self, place: str, row: ArticleRow, article: Article | None) -> Result:
        try:
            with transaction.atomic():
                outcome = self._update(article, row) if article else self._create(row)
        except KnowledgeError as refusal:
            self._forget()
            return Result(place, Outcome.REFUSED, str(refusal))
        except (DataError, IntegrityError) as error:
            self._forget()
            return Result(place, Outcome.REFUSED, f"the database refused it: {_first_line(error)}")
        return Result(place, outcome)

    def _create(self, row: ArticleRow) -> Outcome:
        article = create_article(
            text=row.text,
            category=self._category(row.category or self.category or row.folders or ("Imported",)),
            author=self.by,
            details=self._details(row, ArticleDetails()),
            external_id=row.external_id,
            slug=row.slug,
            note=self.note,
        )
        if not self.as_draft:
            self._set_state(article, row.state or Article.State.PUBLISHED)
        return Outcome.CREATED

    def _update(self, article: Article, row: ArticleRow) -> Outcome:
        is_published = article.state == Article.State.PUBLISHED
        current = (
            article.published_revision if is_published and not self.as_draft else article.head
        )
        assert current is not None
        details = self._details(row, article.details)
        category = self._category(row.category) if row.category else article.category
        state = article.state if self.as_draft or not row.state else row.state
        is_rewritten = row.text != current.text
        if (
            not is_rewritten
            and details == article.details
            and category.pk == article.category_id
            and state == article.state
        ):
            return Outcome.UNCHANGED
        change_details(article=article, details=details, category=category, by=self.by)
        if is_rewritten:
            save_revision(article=article, text=row.text, author=self.by, note=self.note)
        if not self.as_draft and (is_rewritten or state != article.state):
            self._set_state(article, state)
        return Outcome.UPDATED

    def _set_state(self, article: Article, state: str) -> None:
        match state:
            case Article.State.PUBLISHED:
                publish(article=article, by=self.by)
            case Article.State.ARCHIVED:
                archive(article=article, by=self.by)
            case _:
                unpublish(article=article, by=self.by)

    def _forget(self) -> None:
        """What was made in what is now rolled back."""
        self._categories.clear()
        self._groups.clear()

    def _details(self, row: ArticleRow, before: ArticleDetails) -> ArticleDetails:
        """With the groups that the file names. One that is new is empty: only agents read that."""
        details = row.details(before)
        if not row.reader_groups:
            return details
        for name in row.reader_groups:
            if name.lower() not in self._groups:
                group = ReaderGroup.objects.filter(name__iexact=name).first()
                group = group or ReaderGroup.objects.create(name=name)
                self._groups[name.lower()] = group.pk
        ids = {self._groups[name.lower()] for name in row.reader_groups}
        return replace(details, reader_groups=tuple(sorted(ids)))

    def _category(self, path: tuple[str, ...]) -> Category:
        if path not in self._categories:
            self._categories[path] = category_at(path=path)
        return self._categories[path]


def _key(row: ArticleRow) -> str:
    return f"id:{row.external_id}" if row.external_id else f"slug:{row.slug}" if row.slug else ""


def _articles_of(rows: list[ArticleRow]) -> dict[str, Article]:
    """The articles that the rows speak of, in two queries."""
    articles = Article.objects.select_related("category", "head", "published_revision")
    ids = [row.external_id for row in rows if row.external_id]
    slugs = [row.slug for row in rows if row.slug and not row.external_id]
    by_id = articles.filter(external_id__in=ids) if ids else []
    by_slug = articles.filter(slug__in=slugs) if slugs else []
    return {f"id:{article.external_id}": article for article in by_id} | {
        f"slug:{article.slug}": article for article in by_slug
    }


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
