"""The knowledge base as files that `importing` reads back without a difference."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frontmatter.default_handlers import YAMLHandler

from knowledge.exchange.rows import LEVEL
from knowledge.models import Article, Category, ReaderGroup

FIELDS = (
    "external_id", "slug", "title", "category", "language", "visibility", "reader_groups", "state",
    "tags", "summary", "valid_from", "valid_until", "body",
)  # fmt: skip


def export_articles(path: Path, file_format: str) -> Iterator[Article]:
    """Write every article to `path`, yielding each when it is written.

    What shows is exported; of an article that does not show, its newest revision.
    """
    match file_format:
        case "md":
            return _write_markdown(path)
        case "jsonl":
            return _write_jsonl(path)
        case _:
            return _write_csv(path)


def _rows() -> Iterator[tuple[Article, dict[str, Any]]]:
    paths = _category_paths()
    groups = dict(ReaderGroup.objects.values_list("pk", "name"))
    articles = Article.objects.order_by("pk").select_related("head", "published_revision")
    for article in articles.iterator(chunk_size=200):
        is_published = article.state == Article.State.PUBLISHED
        revision = article.published_revision if is_published else article.head
        assert revision is not None
        yield (
            article,
            {
                "external_id": article.external_id,
                "slug": article.slug,
                "title": revision.title,
                "category": LEVEL.join(paths[article.category_id]),
                "language": article.language,
                "visibility": article.visibility,
                "reader_groups": sorted(groups[pk] for pk in article.reader_groups),
                "state": article.state,
                "tags": list(article.tags),
                "summary": revision.summary,
                "valid_from": article.valid_from and article.valid_from.isoformat(),
                "valid_until": article.valid_until and article.valid_until.isoformat(),
                "body": revision.body,
            },
        )


def _category_paths() -> dict[int, list[str]]:
    categories = {category.pk: category for category in Category.objects.all()}
    paths: dict[int, list[str]] = {}
    for pk, category in categories.items():
        path, above, seen = [category.name], category.parent_id, {pk}
        while above is not None and above not in seen:
            seen.add(above)
            path.insert(0, categories[above].name)
            above = categories[above].parent_id
        paths[pk] = path
    return paths


def _write_markdown(folder: Path) -> Iterator[Article]:
    slugs = dict(Category.objects.values_list("pk", "slug"))
    handler = YAMLHandler()
    for article, row in _rows():
        body = row.pop("body")
        said = {name: value for name, value in row.items() if value not in (None, "", [])}
        # An emptied field is said too, so that it is emptied where it is imported.
        said |= {name: row[name] for name in ("tags", "valid_from", "valid_until")}
        file = folder / slugs[article.category_id] / f"{article.slug}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        front = handler.export(said, sort_keys=False)
        file.write_text(f"---\n{front}\n---\n\n{body}\n", encoding="utf-8", newline="\n")
        yield article


def _write_jsonl(path: Path) -> Iterator[Article]:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for article, row in _rows():
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            yield article


def _write_csv(path: Path) -> Iterator[Article]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        for article, row in _rows():
            lists = {name: ", ".join(row[name]) for name in ("tags", "reader_groups")}
            writer.writerow(row | lists)
            yield article
