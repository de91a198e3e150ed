"""Articles and queries to measure retrieval with. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from knowledge.exchange.reading import UnknownFormat, read_records
from qa_engine.evaluation.data import (
    Loaded,
    Refused,
    UnusableData,
    collect,
    jsonl,
    text,
    texts,
)

#: Words of an Issue section that become a query, and the fewest that say anything.
ISSUE_WORDS = 60
MIN_ISSUE_WORDS = 8

_LINK = re.compile(r"\]\([^)]*\)")
_MARKS = re.compile(r"<[^>]+>|\[!DNL|\[!UICONTROL|[\]\[*_`>#]")
# What an engineer would call the article, but no customer.
_PATCH_NUMBER = re.compile(r"\b(?:MDVA|ACSD|AC|MCLOUD|BUNDLE|B2B|MAGECLOUD)-\d+\b")


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article of a file. The body is Markdown."""

    key: str
    title: str
    body: str
    summary: str = ""
    # The section that tells the customer's problem, as it stands in the body.
    issue: str = ""
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """A question, and which articles answer it, with how well (1 where it is a yes)."""

    key: str
    text: str
    articles: Mapping[str, float]

    @property
    def group(self) -> str:
        """What tuning and measuring are split by."""
        return min(self.articles)


def load_articles(path: Path) -> Loaded[ArticleRecord]:
    """A folder of Markdown files, a JSONL or a CSV file."""
    try:
        rows: list[tuple[str, Any]] = [
            (record.place, Refused(record.problem) if record.problem else record.fields)
            for record in read_records(path)
        ]
    except UnknownFormat as error:
        raise UnusableData(str(error)) from error
    seen: set[str] = set()

    def build(row: Mapping[str, Any]) -> ArticleRecord:
        article = _article(row)
        if article.key in seen:
            raise Refused(f"another article is called {article.key}, too")
        seen.add(article.key)
        return article

    return collect(path, rows, build)


def load_queries(path: Path, known: set[str]) -> Loaded[QueryRecord]:
    """JSONL of questions; each must name an article that is there."""
    places = iter(range(1, 10**9))

    def build(row: Mapping[str, Any]) -> QueryRecord:
        key = text(row, "id", required=False) or str(next(places))
        articles = _gains(row)
        if unknown := articles.keys() - known:
            raise Refused(f"there is no article {', '.join(sorted(unknown))}")
        return QueryRecord(key, text(row, "query", "question", "text"), articles)

    return collect(path, jsonl(path), build)


def issue_queries(articles: Sequence[ArticleRecord]) -> list[QueryRecord]:
    """Each article's Issue section as the query that must find it."""
    queries = [
        QueryRecord(article.key, issue_query(article.issue), {article.key: 1.0})
        for article in articles
        if article.issue
    ]
    return [query for query in queries if len(query.text.split()) >= MIN_ISSUE_WORDS]


def issue_query(issue: str) -> str:
    """As shared with the peers: plain words, no patch numbers, the first sixty."""
    plain = " ".join(_MARKS.sub(" ", _LINK.sub("]", issue)).split())
    return " ".join(_PATCH_NUMBER.sub("", plain).split()[:ISSUE_WORDS])


def without_issue(article: ArticleRecord) -> ArticleRecord:
    if not article.issue:
        return article
    return replace(article, body=article.body.replace(article.issue, " "))


def _article(row: Mapping[str, Any]) -> ArticleRecord:
    body = text(row, "body", "body_markdown", "content")
    issue = row.get("issue")
    if issue is not None and not isinstance(issue, str):
        raise Refused("its issue is not text")
    if issue and issue not in body:
        raise Refused("its issue does not stand in its body")
    return ArticleRecord(
        key=text(row, "external_id", "id", "path"),
        title=text(row, "title", "name"),
        body=body,
        summary=text(row, "summary", "description", required=False),
        issue=issue or "",
        is_internal=row.get("visibility", "public") != "public",  # a customer asks
    )


def _gains(row: Mapping[str, Any]) -> dict[str, float]:
    value = row.get("articles")
    if isinstance(value, Mapping):
        try:
            gains = {str(key): float(gain) for key, gain in value.items()}
        except (TypeError, ValueError):
            raise Refused("its articles have gains that are no numbers") from None
    else:
        gains = dict.fromkeys(texts(row, "articles") or texts(row, "article"), 1.0)
    gains = {key: gain for key, gain in gains.items() if gain > 0}
    if not gains:
        raise Refused("it names no article")
    return gains
