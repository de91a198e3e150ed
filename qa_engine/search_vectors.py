"""The lexical side of a passage: its weighted search vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from qa_engine.models import Passage
from qa_engine.text import searchable

#: English stems without accents; migration 0002 creates it.
CONFIG = "qa_english"

_WRITE = f"""
UPDATE qa_engine_passage AS passage SET search =
    setweight(to_tsvector('{CONFIG}', given.title), 'A')
    || setweight(to_tsvector('{CONFIG}', given.headings), 'B')
    || setweight(to_tsvector('{CONFIG}', given.words), 'C')
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
    AS given (id, title, headings, words)
WHERE passage.id = given.id
"""


def write_search_vectors(passages: Sequence[Passage], title: str) -> None:
    """One statement for all of an article's passages."""
    if not passages:
        return
    columns: list[Any] = [
        [passage.pk for passage in passages],
        [searchable(title)] * len(passages),
        [searchable(passage.heading_path) for passage in passages],
        [searchable(passage.text) for passage in passages],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)
