"""Full-text search of what shows, for people: PostgreSQL only, no models.

Words are looked up one by one first: how many articles hold them says how much each
matters, and one that no article holds is taken for the known word that it is a typing
error of. Then articles are ranked by how much of the question they cover. Two queries,
four when a word was misspelt.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from knowledge.models import Article
from knowledge.spelling import closest

#: Words of a query that are looked at; the rest of a pasted essay is not.
MAX_WORDS = 24
#: How much of the query an article must hold, words weighed by their rarity.
MIN_COVERAGE = 0.3
#: Articles that match far worse than the best one are left out.
MIN_SHARE_OF_BEST = 0.6
# Characters by which the ends of an excerpt are known in their article.
_EDGE = 30
# PostgreSQL leaves out a small first word and the last full stop; so little is put back.
_LITTLE = 3
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"

_WORDS = """
SELECT term.word, term.tsquery::text, count(entry.article_id)
  FROM (SELECT word, place, CASE
               WHEN numnode(plainto_tsquery('knowledge', word)) = 1 AND is_last
               THEN (plainto_tsquery('knowledge', word)::text || ':*')::tsquery
               ELSE plainto_tsquery('knowledge', word) END AS tsquery
          FROM unnest(%s::text[], %s::bool[]) WITH ORDINALITY AS asked (word, is_last, place)
       ) AS term
  LEFT JOIN knowledge_searchentry AS entry
    ON entry.vector @@ term.tsquery AND entry.article_id IN ({visible})
 WHERE numnode(term.tsquery) > 0
 GROUP BY term.word, term.tsquery::text, term.place ORDER BY term.place
"""
_NEAR_WORDS = """
SELECT asked.word, near.word, (
           SELECT count(*) FROM knowledge_searchentry AS entry
            WHERE entry.vector @@ plainto_tsquery('knowledge', near.word)
              AND entry.article_id IN ({visible})) AS articles
  FROM unnest(%s::text[]) AS asked (word), LATERAL (
       SELECT word FROM knowledge_word
        ORDER BY word <-> unaccent(asked.word) LIMIT 40) AS near
 ORDER BY articles DESC, near.word
"""
_RANK = """
SELECT article.id, article.slug, article.visibility, article.language, category.name,
       revision.id, revision.title, revision.summary,
       revision.body,
       ts_headline('knowledge', revision.body, %s::tsquery,
                   'StartSel={start}, StopSel={stop}, MaxFragments=2, MaxWords=26, MinWords=10,'
                   'FragmentDelimiter=" … "'),
       ranked.score
  FROM (SELECT entry.article_id, held.coverage
               + ts_rank('{{0.05, 0.1, 0.4, 1}}', entry.vector, %s::tsquery, 1) AS score
          FROM knowledge_searchentry AS entry, LATERAL (
               SELECT coalesce(sum(weight), 0) AS coverage
                 FROM unnest(%s::tsquery[], %s::float[]) AS term (tsquery, weight)
                WHERE entry.vector @@ term.tsquery) AS held
         WHERE entry.vector @@ %s::tsquery AND held.coverage >= %s
           AND entry.article_id IN ({visible})
         ORDER BY score DESC, entry.article_id LIMIT %s) AS ranked
  JOIN knowledge_article AS article ON article.id = ranked.article_id
  JOIN knowledge_category AS category ON category.id = article.category_id
  JOIN knowledge_revision AS revision ON revision.id = article.published_revision_id
 ORDER BY ranked.score DESC, article.id
"""


#: SQL of the ids of what may be found, and its parameters.
Visible = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article that was found, with the words that were looked for marked."""

    article_id: int
    revision_id: int
    slug: str
    title: str
    summary: str
    category: str
    language: str
    visibility: str
    #: HTML: escaped text and <mark>.
    snippet: SafeString
    score: float

    @property
    def url(self) -> str:
        return reverse("kb-article", args=[self.slug])


@dataclass(frozen=True, slots=True)
class SearchResult:
    hits: list[ArticleHit]
    #: The query with misspelt words put right; None when none was.
    corrected: str | None = None


def search(query: str, *, viewer: object, limit: int = 10) -> list[ArticleHit]:
    """The published articles that `viewer` may read and that match, best first."""
    return look_up(query, viewer=viewer, limit=limit).hits


def look_up(query: str, *, viewer: object, limit: int = 10, language: str = "") -> SearchResult:
    """As `search`, with what the query was corrected to; in one language only, if it is given."""
    visible = _visible(viewer, language)
    words = list(dict.fromkeys(re.findall(r"\w+", query.replace("\x00", " ").lower())))
    if not (words := words[:MAX_WORDS]):
        return SearchResult([])
    terms = _terms(words, visible)
    unknown = [word for word, (_, count) in terms.items() if not count and len(word) > 3]
    meant = _meant(unknown, visible) if unknown else {}
    if meant:
        words = [meant.get(word, word) for word in words]
        terms = _terms(words, visible)
    corrected = " ".join(words) if meant else None
    if not any(count for _, count in terms.values()):
        return SearchResult([], corrected)
    return SearchResult(_ranked(list(terms.values()), visible, limit), corrected)


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _visible(viewer: object, language: str) -> Visible:
    shown = Article.objects.visible_to(viewer).published().in_language(language)
    articles = shown.order_by().values("pk")
    sql, parameters = articles.query.sql_with_params()
    return sql, parameters


def _terms(words: list[str], shown: Visible) -> dict[str, tuple[str, int]]:
    """Each word that means something: its tsquery, and in how many articles it occurs.

    The last word may be half typed, so it stands for all that begins with it.
    """
    visible, parameters = shown
    is_last = [False] * (len(words) - 1) + [len(words[-1]) > 2]
    rows = _rows(_WORDS.format(visible=visible), [words, is_last, *parameters])
    return {word: (tsquery, count) for word, tsquery, count in rows}


def _meant(unknown: list[str], shown: Visible) -> dict[str, str]:
    visible, parameters = shown
    near: dict[str, list[str]] = {word: [] for word in unknown}
    sql = _NEAR_WORDS.format(visible=visible)
    for word, other, articles in _rows(sql, [*parameters, unknown]):
        if articles:
            near[word].append(other)
    found = {word: closest(word, others) for word, others in near.items()}
    return {word: other for word, other in found.items() if other}


def _ranked(terms: list[tuple[str, int]], shown: Visible, limit: int) -> list[ArticleHit]:
    most = max(count for _, count in terms) + 1
    # A word that few articles hold says more; one that none holds weighs like the rarest.
    weights = [1 + math.log(most / max(count, 1)) for _, count in terms]
    weights = [weight / sum(weights) for weight in weights]
    tsqueries = [tsquery for tsquery, _ in terms]
    any_of = " | ".join(f"({tsquery})" for tsquery in tsqueries)
    visible, parameters = shown
    sql = _RANK.format(visible=visible, start=_OPEN, stop=_CLOSE)
    ranking = [any_of, any_of, tsqueries, weights, any_of, MIN_COVERAGE]
    hits = [_hit(row) for row in _rows(sql, [*ranking, *parameters, limit])]
    return [hit for hit in hits if hit.score >= hits[0].score * MIN_SHARE_OF_BEST]


def _hit(row: tuple[Any, ...]) -> ArticleHit:
    article_id, slug, visibility, language, category, revision_id, *texts, score = row
    title, summary, body, headline = texts
    return ArticleHit(
        article_id=article_id,
        revision_id=revision_id,
        slug=slug,
        title=title,
        summary=summary,
        category=category,
        language=language,
        visibility=visibility,
        snippet=_snippet(headline, body),
        score=score,
    )


def _snippet(headline: str, body: str) -> SafeString:
    """Words of the article, the found ones in <mark>, with "…" where it goes on."""
    text, whole = _plain(headline), _plain(body)
    if not text:
        return mark_safe("")
    bare = text.replace(_OPEN, "").replace(_CLOSE, "")
    before = whole.partition(bare[:_EDGE])[0]
    after = whole.rpartition(bare[-_EDGE:])[2]
    marked = escape(text).replace(_OPEN, "<mark>").replace(_CLOSE, "</mark>")
    before = escape(before) if len(before) <= _LITTLE else "… "
    after = escape(after) if len(after) <= _LITTLE else " …"
    return mark_safe(f"{before}{marked}{after}")


def _plain(markdown: str) -> str:
    """Without Markdown's signs, on one line."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)\s]*\)?", r"\1", markdown)
    text = re.sub(r"<[^>]*>|[*`|]+|^\s*(#+|>|[-+])\s|:?-{3,}:?", " ", text, flags=re.MULTILINE)
    return " ".join(text.split())
