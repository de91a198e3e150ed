"""One article as a file tells it, whatever the file calls its fields. No database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import Truncator

from knowledge.types import ArticleDetails, ArticleText

#: Between the levels of a category: "Products / Tents".
LEVEL = " / "
#: Each field, and what other systems call it; the first that is there wins.
NAMES = {
    "external_id": ("external_id", "id", "path"),
    "slug": ("slug",),
    "title": ("title", "name"),
    "summary": ("summary", "description"),
    "body": ("body", "body_markdown", "content"),
    "category": ("category", "section"),
    "language": ("language", "locale"),
    "visibility": ("visibility",),
    "reader_groups": ("reader_groups",),
    "state": ("state", "status"),
    "tags": ("tags", "labels", "feature"),
    "valid_from": ("valid_from",),
    "valid_until": ("valid_until",),
}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
#: A text that somebody was asked to review elsewhere is a draft here.
_STATES = ("draft", "in_review", "published", "archived")
_VISIBILITIES = ("public", "restricted", "internal")
_MAX_SUMMARY = 300


class RowRefused(Exception):
    """The row cannot become an article; the message says why."""


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article of a file; None is what the file does not say."""

    text: ArticleText
    external_id: str = ""
    slug: str = ""
    category: tuple[str, ...] | None = None
    #: What the place of the file in its folders suggests, for a new article only.
    folders: tuple[str, ...] = ()
    language: str | None = None
    visibility: str | None = None
    #: Names; their ids are the database's.
    reader_groups: tuple[str, ...] | None = None
    state: str | None = None
    tags: tuple[str, ...] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    has_dates: bool = False

    def details(self, before: ArticleDetails) -> ArticleDetails:
        """`before`, with what the file does say."""
        said = {
            name: value
            for name in ("language", "visibility", "tags")
            if (value := getattr(self, name)) is not None
        }
        if self.visibility not in (None, "restricted"):
            said["reader_groups"] = ()
        if self.has_dates:
            said |= {"valid_from": self.valid_from, "valid_until": self.valid_until}
        return replace(before, **said)


def row_from(fields: Mapping[str, Any]) -> ArticleRow:
    """The article that `fields` describe. Raises RowRefused."""
    said = {name: _first(fields, names) for name, names in NAMES.items()}
    title = _text(said["title"], "title")
    body = _text(said["body"], "body")
    if not title.strip():
        raise RowRefused("it has no title")
    if not body.strip():
        raise RowRefused("it has no body")
    external_id = _text(said["external_id"], "external_id").strip()
    if len(external_id) > 250:
        raise RowRefused("its external id is longer than 250 characters")
    visibility, groups = _readers(said["visibility"], said["reader_groups"])
    summary = " ".join(_text(said["summary"], "summary").split())
    return ArticleRow(
        text=ArticleText(title, body, Truncator(summary).chars(_MAX_SUMMARY)).normalized(),
        external_id=external_id,
        slug=_text(said["slug"], "slug").strip(),
        category=_category(said["category"]),
        folders=_folders(_text(fields.get("path"), "path")),
        language=_one_of(said["language"], "language", _LANGUAGE),
        visibility=visibility,
        reader_groups=groups,
        state=_one_of(said["state"], "state", _STATES),
        tags=_names(said["tags"], "tag", 50),
        valid_from=_moment(said["valid_from"], "valid_from"),
        valid_until=_moment(said["valid_until"], "valid_until"),
        has_dates=any(name in fields for name in ("valid_from", "valid_until")),
    )


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)


def _text(value: Any, field: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowRefused(f"its {field} is not text")
    text = str(value)
    if "\x00" in text:
        raise RowRefused(f"its {field} holds a NUL character")
    return text


def _category(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    levels = value if isinstance(value, list) else _text(value, "category").split(LEVEL)
    path = tuple(" ".join(_text(level, "category").split()) for level in levels)
    if not all(path):
        raise RowRefused("its category has a level without a name")
    return path


def _folders(path: str) -> tuple[str, ...]:
    names = [re.sub(r"[-_\s]+", " ", part).strip() for part in path.split("/")[:-1]]
    return tuple(name[:1].upper() + name[1:] for name in names if name not in {"", ".", ".."})


def _one_of(value: Any, field: str, known: tuple[str, ...] | re.Pattern[str]) -> str | None:
    if value is None:
        return None
    text = _text(value, field).strip()
    if isinstance(known, re.Pattern):
        if not known.fullmatch(text) or len(text) > 15:
            raise RowRefused(f"its {field} “{text[:50]}” is not a language code")
    elif text not in known:
        raise RowRefused(f"its {field} “{text[:50]}” is none of {', '.join(known)}")
    return text


def _readers(visibility: Any, groups: Any) -> tuple[str | None, tuple[str, ...] | None]:
    """Who names groups means that nobody else shall read it, and must not say otherwise."""
    said = _one_of(visibility, "visibility", _VISIBILITIES)
    names = _names(groups, "group of readers", 100)
    if names and said not in (None, "restricted"):
        raise RowRefused(f"it is {said} and names groups of readers")
    if names == () and said == "restricted":
        raise RowRefused("it is restricted and names no group of readers")
    return ("restricted" if names else said), names


def _names(value: Any, what: str, longest: int) -> tuple[str, ...] | None:
    """A list, or text with commas between the names."""
    if value is None:
        return None
    if not isinstance(value, list):
        value = _text(value, what).split(",")
    names = [" ".join(_text(name, what).replace(",", " ").split()) for name in value]
    if any(len(name) > longest for name in names):
        raise RowRefused(f"it has a {what} longer than {longest} characters")
    return tuple(dict.fromkeys(name for name in names if name))


def _moment(value: Any, field: str) -> datetime | None:
    if value is None:
        return None
    moment = value if isinstance(value, date) else _parsed_moment(_text(value, field).strip())
    if moment is None:
        raise RowRefused(f"its {field} is no date such as 2024-09-01")
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parsed_moment(text: str) -> date | None:
    try:
        return parse_datetime(text) or parse_date(text)
    except ValueError:
        return None
