"""Articles compared with each other: which of them say the same, and which say otherwise.

An article is compared when its text has changed, with all that have been compared before it:
so each pair is seen once, by whichever comes second. Each article is a step that commits by
itself; runs in the worker.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.exceptions import KnowledgeError
from knowledge.models import Article, Revision, Suggestion
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.readers import have_same_readers
from knowledge.services.suggestions import propose, supersede
from knowledge.staleness import opening, since_key
from qa_engine.claim_reading import read_claims
from qa_engine.contradicting import Comparison
from qa_engine.models import PassageEmbedding
from qa_engine.review_models import ReviewedArticle
from qa_engine.suggesting import duplicates, outlines
from qa_engine.suggesting.duplicates import Page, Twins
from qa_engine.suggesting.outlines import Outline

RECIPE = f"duplicates/{duplicates.RECIPE}"
#: What a found pair says of two articles.
PAIRED = (Suggestion.Kind.MERGE, Suggestion.Kind.CONTRADICTION)
#: Articles that share most with one are compared with it word by word.
NEAREST = 20
#: What is read and embedded at once: with 20, half of the time went into passes of a few texts.
BATCH = 60
#: Those that say the same have several bands in common, not only one that so many others have.
CROWD = 100
# Any fixed number that nobody else has.
_LOCK = 0x51_41_0007

_CROWDED = """
SELECT band FROM qa_engine_reviewedarticle, unnest(bands) AS band
 GROUP BY band HAVING count(*) > %s
"""
_NEAR = """
SELECT reviewed.article_id, reviewed.outline
  FROM qa_engine_reviewedarticle AS reviewed
  JOIN knowledge_article AS article ON article.id = reviewed.article_id
 WHERE reviewed.bands && %(bands)s AND article.id <> %(article)s
   AND article.state = 'published' AND article.language = %(language)s
   AND article.visibility = %(visibility)s
   AND article.reader_groups = %(reader_groups)s::bigint[]
 ORDER BY (SELECT count(*) FROM unnest(reviewed.bands) AS band WHERE band = ANY(%(bands)s)) DESC,
          reviewed.article_id
 LIMIT %(limit)s
"""


def left(comparison: Comparison | None = None) -> QuerySet[Article]:
    """Articles whose text has not been compared yet with others for the readers that they have.

    Where an index answers, those that are not in it yet have to wait for it.
    """
    comparison = comparison or Comparison()
    rows = Article.objects.published().exclude(published_revision=None)
    if comparison.index is not None:
        indexed = PassageEmbedding.objects.filter(
            index=comparison.index, passage__revision=OuterRef("published_revision")
        )
        rows = rows.filter(Exists(indexed))
    return rows.exclude(
        published_revision__in=compared(comparison).values("revision")
    ).order_by("pk")  # fmt: skip


def compared(comparison: Comparison) -> QuerySet[ReviewedArticle]:
    """For the readers that they still have, as this comparison would compare them."""
    return ReviewedArticle.objects.filter(
        have_same_readers("", "article__"), recipe=recipe(comparison)
    )


def recipe(comparison: Comparison) -> str:
    return f"{RECIPE} {comparison.recipe}"[:200]


def is_left() -> bool:
    return left().exists()


def count_left() -> tuple[int, int]:
    """How many are left to compare, and of how many. Loads no model: the web tier asks."""
    shown = Article.objects.published().exclude(published_revision=None)
    compared = shown.filter(
        have_same_readers("reviewed__", ""),
        reviewed__revision=F("published_revision"),
        reviewed__recipe__startswith=f"{RECIPE} ",
    )
    total = shown.count()
    return total - compared.count(), total


def compare_articles(*, seconds: float) -> int:
    """Compare what is left, some articles and then on for so long; how many that were.

    None while another worker does: two articles compared at once would miss each other.
    """
    with _alone() as is_alone:
        return _compare_some(seconds) if is_alone else 0


def _compare_some(seconds: float) -> int:
    started, done = time.monotonic(), 0
    comparison = begin()
    crowded = _crowded()
    # What was published since then is compared with all in the next step.
    due = left(comparison).select_related("published_revision")
    if comparison.index is not None:
        due = due.filter(claims__revision=F("published_revision"))
    while True:
        batch = list(due.all()[:BATCH])
        comparison.look_ahead(batch)
        for article in batch:
            compare(article, comparison, crowded)
        done += len(batch)
        if len(batch) < BATCH or time.monotonic() - started >= seconds:
            return done


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other process is within; ends with the process, however that ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        is_alone = bool(cursor.fetchone()[0])
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def begin() -> Comparison:
    """With all texts read for what they claim, and all articles met that have been compared."""
    comparison = Comparison()
    if comparison.index is not None:
        read_claims(seconds=math.inf)  # most is read before, in steps of its own
    comparison.meet(compared(comparison).values_list("article", flat=True))
    return comparison


def compare(article: Article, comparison: Comparison, crowded: Set[int] = frozenset()) -> int:
    """Propose what follows from comparing it, close what does not any more; how many there are.

    Bands that are `crowded` lead to no other article.
    """
    shown = article.published_revision
    assert shown is not None
    page = _page(article, shown)
    bands, outline = duplicates.bands(page), outlines.outline(page)
    found = []
    leading = [band for band in bands if band not in crowded]
    others = _duplicates(article, page, leading or bands, outline)
    for proposal in chain(others, comparison.proposals(article)):
        try:
            found.append(propose(proposal).suggestion.pk)
        except KnowledgeError:
            continue  # the other one went on meanwhile, and is compared again for that
    with transaction.atomic():
        for row in _open_about(article).exclude(pk__in=found):
            supersede(suggestion=row)
            _look_again(row, but=article)
        ReviewedArticle.objects.update_or_create(
            article=article,
            defaults={
                "revision": shown,
                "visibility": article.visibility,
                "reader_groups": article.reader_groups,
                "recipe": recipe(comparison),
                "bands": bands,
                "outline": outlines.packed(outline),
                "reviewed_at": timezone.now(),
            },
        )
    return len(found)


def _look_again(closed: Suggestion, *, but: Article) -> None:
    """A third article may contradict as the one did that agrees now."""
    if closed.kind == Suggestion.Kind.CONTRADICTION:
        both = [closed.article_id, closed.other_article_id]
        ReviewedArticle.objects.filter(article__in=both).exclude(article=but).delete()


def close_settled() -> int:
    """Close what is about an article that readers no longer see, or about two that are no longer
    for the same ones; how many."""
    shown = Article.objects.published().values("pk")
    rows = Suggestion.objects.open().filter(origin=Suggestion.Origin.REVIEW, kind__in=PAIRED)
    gone = rows.exclude(
        Q(article__in=shown, other_article__in=shown)
        & have_same_readers("article__", "other_article__")
    )
    return sum(supersede(suggestion=row) for row in gone.order_by("pk"))


def _open_about(article: Article) -> QuerySet[Suggestion]:
    rows = Suggestion.objects.open().filter(origin=Suggestion.Origin.REVIEW, kind__in=PAIRED)
    return rows.filter(Q(article=article) | Q(other_article=article)).order_by("pk")


def _page(article: Article, shown: Revision) -> Page:
    return Page(article.pk, shown.title, shown.body)


def _duplicates(
    article: Article, page: Page, bands: list[int], outline: Outline
) -> Iterator[Proposal]:
    """Only those are read whose outlines say that they may be a pair."""
    near = _near(article, bands)
    ignored = outlines.formulas(outline, near.values())
    alike = [pk for pk, other in near.items() if outlines.may_be_twins(outline, other, ignored)]
    others = _shown(alike)
    passed_over = outlines.keys_in(page, ignored)
    for pk, other in others.items():
        assert other.published_revision is not None
        pair = duplicates.twins(page, _page(other, other.published_revision), passed_over)
        if pair is not None and not _belong_together(article, other):
            both = {article.pk: article, pk: other}
            yield _merging(pair, both[pair.kept.key], both[pair.gone.key])


def _crowded() -> frozenset[int]:
    """Bands of so many articles that they tell of a formula of the house, not of a like."""
    with connection.cursor() as cursor:
        cursor.execute(_CROWDED, [CROWD])
        return frozenset(band for (band,) in cursor.fetchall())


def _near(article: Article, bands: list[int]) -> dict[int, Outline]:
    """Those that share most with it, as they were when they were compared."""
    if not bands:
        return {}
    parameters: dict[str, Any] = {
        "bands": bands,
        "article": article.pk,
        "language": article.language,
        "visibility": article.visibility,
        "reader_groups": article.reader_groups,
        "limit": NEAREST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, parameters)
        return {pk: outlines.unpacked(outline) for pk, outline in cursor.fetchall()}


def _shown(keys: list[int]) -> dict[int, Article]:
    """As readers see them now, in the order asked for."""
    if not keys:
        return {}
    rows = Article.objects.published().select_related("published_revision").in_bulk(keys)
    return {pk: rows[pk] for pk in keys if pk in rows}


def _belong_together(one: Article, other: Article) -> bool:
    """A text and its translations are no copies, and neither is put away for another."""
    return any(
        article.translation_of_id is not None or article.translations.exists()
        for article in (one, other)
    )


def _merging(pair: Twins, kept: Article, gone: Article) -> Proposal:
    stays, goes = kept.published_revision, gone.published_revision
    assert stays is not None
    assert goes is not None
    now = timezone.now()
    rationale = _("“%(gone)s” says the same: %(share)d %% of it stands in this article, too.") % {
        "gone": goes.title[:200],
        "share": round(100 * pair.share),
    }
    if pair.differing:
        count = len(pair.differing)
        rationale += " " + ngettext(
            "%d paragraph has other numbers.", "%d paragraphs have other numbers.", count
        ) % count  # fmt: skip
    low, high = sorted((kept, gone), key=lambda article: article.pk)
    fact = ":".join(f"{one.pk}@{since_key(one.rewritten_at)}" for one in (low, high))
    return Proposal(
        kind=Kind.MERGE,
        origin=Origin.REVIEW,
        title=stays.title,
        body=duplicates.merged(pair),
        summary=stays.summary,
        language=kept.language,
        rationale=rationale,
        fact_key=f"merge:{fact}",
        fingerprint=RECIPE,
        evidence=(
            opening(goes, now),
            *(
                _passage(goes, theirs, mine)
                for mine, theirs in pair.differing[:10]
            ),
        ),
        confidence=min(0.95, pair.share * (0.8 if pair.differing else 0.95)),
        base_revision_id=stays.pk,
        other_article_id=gone.pk,
        asks_once=True,
    )  # fmt: skip


def _passage(revision: Revision, quote: str, before: str) -> EvidenceItem:
    start = max(0, revision.body.find(quote))
    return EvidenceItem(
        EvidenceKind.PASSAGE,
        quote,
        timezone.now(),
        revision_id=revision.pk,
        start=start,
        end=start + len(quote),
        before=before,
    )
