"""Are contradictions found, and only those? Through the nightly comparison itself.

First the articles as they are: what is found there is to be read by a person. Then, each in a
transaction that is taken back, one article is changed, indexed, and compared with the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from knowledge.models import Article, Suggestion
from knowledge.services import publish, save_revision
from knowledge.types import ArticleText
from qa_engine import reviewing
from qa_engine.evaluation.changes import Span
from qa_engine.evaluation.corpus import Corpus
from qa_engine.evaluation.metering import Meter
from qa_engine.evaluation.outcome import Say
from qa_engine.evaluation.planting import Planted, Way
from qa_engine.indexing import sync_article

Misses = tuple[dict[str, Any], ...]
KIND = Suggestion.Kind.CONTRADICTION
FOREVER = 1e9


@dataclass(frozen=True, slots=True)
class Graded:
    planted: Planted
    right: int
    wrong: tuple[str, ...]
    confidence: float


def measure_untouched(corpus: Corpus) -> tuple[dict[str, float], Misses]:
    """All articles compared for the first time: what it took, and what was found."""
    meter = Meter()
    compared = reviewing.compare_articles(seconds=FOREVER)
    spent = meter.read()
    found = list(_open())
    figures = {
        "articles": float(len(corpus.keys)),
        "found_untouched": float(len(found)),
        "cpu_seconds": spent.cpu,
        "cpu_ms_per_article": 1000 * spent.cpu / max(compared, 1),
    }
    told = [
        {"untouched": row.rationale, "confidence": row.confidence,
         "quotes": [f"{corpus.keys[one.revision.article_id]}: {one.quote}"
                    for one in row.evidence.select_related("revision") if one.revision]}
        for row in found
    ]  # fmt: skip
    return figures, tuple(told)


def measure_planted(
    corpus: Corpus, cases: Iterable[Planted], say: Say
) -> tuple[dict[str, float], Misses]:
    """Recall over the planted ones, precision over all that the changes brought up."""
    ids = {key: pk for pk, key in corpus.keys.items()}
    graded: list[Graded] = []
    for case in cases:
        graded.append(_grade(case, corpus, ids[case.article.key]))
        if len(graded) % 25 == 0:
            say(f"{len(graded)} articles changed")
    return _figures(graded), tuple(
        _told(one) for one in graded if one.wrong or (one.planted.truth and not one.right)
    )


def _grade(case: Planted, corpus: Corpus, pk: int) -> Graded:
    before = set(_open().values_list("pk", flat=True))
    with transaction.atomic():
        article = Article.objects.get(pk=pk)
        record = case.article
        text = ArticleText(record.title, record.body, record.summary)
        save_revision(article=article, text=text)
        publish(article=article)
        sync_article(pk)
        article = Article.objects.select_related("published_revision").get(pk=pk)
        reviewing.compare(
            article, reviewing.begin()
        )  # as of now: the last one's change is taken back
        rows = list(_open().exclude(pk__in=before).prefetch_related("evidence__revision"))
        graded = _graded(case, corpus, rows)
        transaction.set_rollback(True)
    return graded


def _graded(case: Planted, corpus: Corpus, rows: Sequence[Suggestion]) -> Graded:
    right, wrong, confidence = 0, [], 0.0
    for row in rows:
        spans = [
            (corpus.keys[one.revision.article_id], one.start, one.end, one.quote)
            for one in row.evidence.all()
            if one.revision is not None
        ]
        is_planted = _touches(spans, case.spans)
        if is_planted and _touches(spans, case.truth):
            right += 1
            confidence = max(confidence, row.confidence)
        elif not (is_planted and _touches(spans, case.maybe)):
            wrong.append(row.rationale)
    return Graded(case, right, tuple(wrong), confidence)


def _touches(
    quoted: Sequence[tuple[str, int | None, int | None, str]], spans: Sequence[Span]
) -> bool:
    return any(
        key == span.article
        and (
            span.overlaps(Span(key, "body", start, end))
            if start is not None and end is not None
            else span.field != "body"
        )
        for key, start, end, _ in quoted
        for span in spans
    )


def _open() -> Any:
    return Suggestion.objects.open().filter(kind=KIND).order_by("pk")


def _figures(graded: Sequence[Graded]) -> dict[str, float]:
    planted = [one for one in graded if one.planted.truth]
    decoys = [one for one in graded if one.planted.way is Way.DECOY]
    hits = sum(bool(one.right) for one in planted)
    right = sum(one.right for one in graded)
    wrong = sum(len(one.wrong) for one in graded)
    figures = {
        "planted": float(len(planted)),
        "recall": hits / max(len(planted), 1),
        "precision": right / (right + wrong) if right + wrong else 1.0,
        "decoys": float(len(decoys)),
        "decoys_flagged": float(sum(bool(one.wrong) for one in decoys)),
        "wrong": float(wrong),
    }
    count = Counter(one.planted.way for one in planted)
    for way in count:
        found = sum(bool(one.right) for one in planted if one.planted.way is way)
        figures |= {f"{way}_planted": float(count[way]), f"{way}_recall": found / count[way]}
    return figures


def _told(one: Graded) -> dict[str, Any]:
    return {
        "fact": one.planted.fact.key,
        "way": one.planted.way,
        "article": one.planted.article.key,
        "planted": one.planted.words,
        "found": one.right,
        "wrong": list(one.wrong),
    }
