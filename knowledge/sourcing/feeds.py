"""A product feed, CSV or JSON, as rows of plain words. Imports no Django models.

One row is one product. `id` (or `sku`) and `name` (or `title`) are needed; every other
column is an attribute under its own name. A price that is a bare number gets the currency of
its row ("449" → "€449"), so that it reads as articles write it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from knowledge.exceptions import SourceUnreadable

MAX_PRODUCTS = 20_000
MAX_VALUE = 500
_KEYS = ("id", "sku", "product_id")
_NAMES = ("name", "title", "product_name")
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£"}
_BARE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class FeedRow:
    key: str
    name: str
    attributes: Mapping[str, str]


def read_feed(text: str, *, is_json: bool) -> list[FeedRow]:
    """The products in the order of the feed. Raises SourceUnreadable, naming the place."""
    records = list(_json(text) if is_json else _csv(text))
    if not records:
        raise SourceUnreadable(_("The feed holds no product."))
    if len(records) > MAX_PRODUCTS:
        raise SourceUnreadable(
            _("The feed holds more than %(limit)d products.") % {"limit": MAX_PRODUCTS}
        )
    rows: dict[str, FeedRow] = {}
    for place, record in records:
        row = _row(place, record)
        if row.key in rows:
            raise SourceUnreadable(
                _("%(place)s: the id “%(key)s” stands in the feed twice.")
                % {"place": place, "key": row.key}
            )
        rows[row.key] = row
    return list(rows.values())


def write_feed(rows: Sequence[FeedRow]) -> str:
    """The feed as it is kept and shown: one product a line, as JSON. `parse_feed` reads it."""
    return "\n".join(
        json.dumps({"id": row.key, "name": row.name, **row.attributes}, ensure_ascii=False)
        for row in rows
    )


def parse_feed(text: str) -> list[FeedRow]:
    """What `write_feed` wrote."""
    rows = []
    for line in text.splitlines():
        record = json.loads(line)
        rows.append(FeedRow(record.pop("id"), record.pop("name"), record))
    return rows


def _row(place: str, record: Mapping[str, Any]) -> FeedRow:
    told = {_column(name): _words(value) for name, value in record.items() if name}
    key = next((told[name] for name in _KEYS if told.get(name)), "")
    name = next((told[name] for name in _NAMES if told.get(name)), "")
    if not key or not name:
        raise SourceUnreadable(
            _("%(place)s: a product needs an id and a name.") % {"place": place}
        )
    currency = told.pop("currency", "EUR").upper()
    attributes = {
        column: _priced(value, currency) if "price" in column else value
        for column, value in told.items()
        if value and column not in {*_KEYS, *_NAMES}
    }
    too_long = next((c for c, value in attributes.items() if len(value) > MAX_VALUE), "")
    if too_long or len(name) > 200 or len(key) > 100:
        raise SourceUnreadable(
            _("%(place)s: “%(column)s” is too long.")
            % {"place": place, "column": too_long or "name"}
        )
    return FeedRow(key, name, attributes)


def _csv(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    lines = text.lstrip("\ufeff")
    first = lines.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(lines), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            if None in record:
                raise SourceUnreadable(
                    _("Line %(line)d holds more values than the first line has columns.")
                    % {"line": reader.line_num}
                )
            yield _("Line %(line)d") % {"line": reader.line_num}, record
    except csv.Error as error:
        raise SourceUnreadable(
            _("Line %(line)d is no CSV: %(error)s.") % {"line": reader.line_num, "error": error}
        ) from error


def _json(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = json.loads(text.lstrip("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceUnreadable(_("This is no JSON: %(error)s.") % {"error": error}) from error
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), None)
    if not isinstance(data, list):
        raise SourceUnreadable(_("A JSON feed is a list of products."))
    for number, record in enumerate(data, start=1):
        if not isinstance(record, dict):
            raise SourceUnreadable(_("Product %(number)d is no object.") % {"number": number})
        yield _("Product %(number)d") % {"number": number}, record


def _column(name: Any) -> str:
    return "_".join(str(name).strip().lower().split())


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_words(one) for one in value)
    if value is None or isinstance(value, dict):
        return ""
    return " ".join(str(value).replace("\x00", "").split())


def _priced(value: str, currency: str) -> str:
    if not _BARE.fullmatch(value):
        return value
    number = value.removesuffix(".00").removesuffix(".0")
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{currency} {number}"
