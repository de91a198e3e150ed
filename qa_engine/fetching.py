"""From the passages that were found to candidates: their texts, and the articles around them."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection

from qa_engine.arrays import literal
from qa_engine.types import Candidate

# Not by the ORM: to put such a statement together costs it more than PostgreSQL to answer it.
# Each passage is looked up, and then asked who may see it: the planner takes all that may be seen
# for a single row, and went through the array for each of it (5 s for 3,200 of 10,000 passages).
_FETCH = """
SELECT passage.id, passage.article_id, passage.revision_id, passage.heading_path, passage.text,
       passage.start, passage."end"
FROM unnest(%s::bigint[]) AS asked (id)
JOIN qa_engine_passage AS passage ON passage.id = asked.id
WHERE EXISTS (SELECT 1 FROM ({visible}) AS shown WHERE shown.id = passage.id OFFSET 0)
"""
_REVISIONS = "SELECT id, title, body FROM knowledge_revision WHERE id = ANY(%s::bigint[])"


class Passage(NamedTuple):
    """What a candidate is made of, each time that its passage is proposed."""

    pk: int
    article_id: int
    revision_id: int
    heading_path: str
    text: str
    start: int
    end: int
    title: str
    body: str

    def candidate(self, score: float, lanes: dict[str, float]) -> Candidate:
        return Candidate(
            self.pk, self.article_id, self.revision_id, self.title, self.heading_path, self.text,
            self.start, self.end, score, lanes, self.body,
        )  # fmt: skip


def fetch(ids: set[int], visible: tuple[str, tuple[Any, ...]]) -> dict[int, Passage]:
    """An article's text is read once for all of its passages."""
    if not ids:
        return {}
    sql, params = visible
    with connection.cursor() as cursor:
        cursor.execute(_FETCH.format(visible=sql), [literal(ids), *params])
        found = cursor.fetchall()
        cursor.execute(_REVISIONS, [literal({row[2] for row in found})])
        shown = {pk: (title, body) for pk, title, body in cursor.fetchall()}
    return {row[0]: Passage._make((*row, *shown[row[2]])) for row in found if row[2] in shown}
