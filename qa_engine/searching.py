"""Search for people who type: words and beginnings of words, in PostgreSQL alone.

No model is loaded, so the web tier does it itself. Every word narrows the result while
all of them are found together; otherwise the articles with most of them come first. A
misspelt word is taken for the nearest word of the titles and headings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from knowledge.types import Viewer
from qa_engine.models import Passage
from qa_engine.search_vectors import CONFIG
from qa_engine.sentences import plain
from qa_engine.text import STOP_WORDS, words

MAX_WORDS = 12
# What pg_trgm calls similar enough to be the same word, misspelt.
SIMILAR = 0.35
# Shorter words have too few letter triples to be told apart.
MIN_LETTERS_TO_CORRECT = 4

# Private-use characters: no article holds them, so a snippet needs no escaping.
_MARK, _END = "\ue000", "\ue001"

_SEARCH = """
WITH visible AS MATERIALIZED ({visible}),
hit AS (
    SELECT passage.article_id, passage.revision_id, passage.text, passage.search,
           (passage.search @@ %s::tsquery)::int AS has_all,
           ts_rank_cd('{{0.1, 0.4, 0.7, 1.0}}', passage.search, %s::tsquery) AS rank
    FROM qa_engine_passage AS passage
    WHERE passage.search @@ %s::tsquery AND passage.id IN (SELECT visible.id FROM visible)
),
best AS (
    SELECT DISTINCT ON (article_id) * FROM hit
    ORDER BY article_id, has_all DESC, rank DESC
),
top AS (
    SELECT * FROM best ORDER BY has_all DESC, rank DESC, article_id LIMIT %s
)
SELECT top.article_id, article.slug, revision.title,
       ts_headline('{config}', top.text, %s::tsquery,
                   'StartSel={mark}, StopSel={end}, MaxWords=32, MinWords=16')
FROM top
JOIN knowledge_article AS article ON article.id = top.article_id
JOIN knowledge_revision AS revision ON revision.id = top.revision_id
ORDER BY top.has_all DESC, top.rank DESC, top.article_id
"""

# A word that is found nowhere, not even as a beginning, becomes its nearest neighbour.
_CORRECT = """
SELECT asked.word, (
    SELECT known.word FROM ts_stat($vocabulary$
        SELECT to_tsvector('simple', title || ' ' || headings) FROM (
            SELECT revision.title, string_agg(passage.heading_path, ' ') AS headings
            FROM qa_engine_passage AS passage
            JOIN knowledge_article AS article ON article.id = passage.article_id
            JOIN knowledge_revision AS revision ON revision.id = passage.revision_id
            WHERE article.visibility = 'public'
            GROUP BY revision.id, revision.title
        ) AS shown
    $vocabulary$) AS known
    WHERE similarity(known.word, asked.word) >= {similar}
    ORDER BY similarity(known.word, asked.word) DESC, known.ndoc DESC, known.word LIMIT 1
)
FROM unnest(%s::text[]) AS asked (word)
WHERE NOT EXISTS (
    SELECT FROM qa_engine_passage AS passage
    WHERE passage.search @@ (quote_literal(asked.word) || ':*')::tsquery
       OR passage.search @@ plainto_tsquery('{config}', asked.word)
)
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a snippet; the parts that matched are highlighted."""

    text: str
    is_highlighted: bool


@dataclass(frozen=True, slots=True)
class ArticleHit:
    article_id: int
    slug: str
    title: str
    snippet: tuple[Segment, ...]


def search_articles(query: str, *, viewer: Viewer, limit: int = 10) -> list[ArticleHit]:
    """Articles for what was typed so far, best first; the last word may be unfinished."""
    asked = _asked(query)
    if not asked:
        return []
    corrections = _corrections(asked)
    asked = [corrections.get(word, word) for word in asked]
    terms = _terms(asked)
    everything, anything = " & ".join(terms), " | ".join(terms)
    visible = Passage.objects.visible_to(viewer).order_by().values("id")
    sql, params = visible.query.sql_with_params()
    statement = _SEARCH.format(visible=sql, config=CONFIG, mark=_MARK, end=_END)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*params, everything, anything, anything, limit, anything])
        return [
            ArticleHit(article_id, slug, title, _segments(headline))
            for article_id, slug, title, headline in cursor.fetchall()
        ]


def _asked(query: str) -> list[str]:
    """The words to look for; stop words only where there is nothing else."""
    every = list(dict.fromkeys(words(query[:300])))[:MAX_WORDS]
    telling = [word for word in every if word not in STOP_WORDS]
    if telling and every[-1] != telling[-1] and not query[-1:].isspace():
        telling.append(every[-1])  # "how to wa" is on its way to "wash"
    return telling or every


def _terms(asked: Sequence[str]) -> list[str]:
    """Each word as a tsquery: its stem, or anything that begins with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT plainto_tsquery(%s, word)::text FROM unnest(%s::text[]) "
            "WITH ORDINALITY AS asked (word, place) ORDER BY place",
            [CONFIG, list(asked)],
        )
        stems = [stem for (stem,) in cursor.fetchall()]
    beginnings = [f"'{word.replace(chr(39), '')}':*" for word in asked]
    return [
        f"({stem} | {beginning})" if stem else beginning
        for stem, beginning in zip(stems, beginnings, strict=True)
    ]


def _corrections(asked: Sequence[str]) -> dict[str, str]:
    long = [word for word in asked if len(word) >= MIN_LETTERS_TO_CORRECT and word.isalpha()]
    if not long:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_CORRECT.format(similar=SIMILAR, config=CONFIG), [long])
        return {word: nearest for word, nearest in cursor.fetchall() if nearest}


def _segments(headline: str) -> tuple[Segment, ...]:
    """`ts_headline`'s text as parts, plain, so that a template can escape each of them."""
    segments: list[Segment] = []
    for number, part in enumerate(headline.replace(_END, _MARK).split(_MARK)):
        text = _without_marks(part)
        if text:
            segments.append(Segment(text, is_highlighted=bool(number % 2)))
    return tuple(segments)


def _without_marks(part: str) -> str:
    """Plain words that keep the space at either end, where the next part goes on."""
    lead = " " if part[:1].isspace() else ""
    tail = " " if part[-1:].isspace() else ""
    words = plain(part.replace("|", " ").replace("**", "").replace("#", ""))
    return f"{lead}{words}{tail}" if words else lead
