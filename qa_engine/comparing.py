"""A candidate against the model that answers now: on the same questions, and on pinned cases.

Both are asked through the whole engine on the shop's own knowledge base, so that what is
compared is what customers would get. A retriever's index is built beside the active one
first; nobody is answered from it until it is promoted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from django.utils.translation import gettext as _

from knowledge.models import Article
from knowledge.types import CUSTOMER
from qa_engine import indexing, pinned, versions
from qa_engine.answering import engine, engine_fingerprint
from qa_engine.evaluation import metrics
from qa_engine.models import EmbeddingIndex
from qa_engine.questions import Question
from qa_engine.registry import need_queries, reranking_for
from qa_engine.training import sets
from qa_engine.training_models import ModelVersion, Trained

#: More take long and change nothing.
MOST = 1000
BATCH = 16

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    # Slugs of the articles that answer it.
    articles: frozenset[str]


def questions_of(version: ModelVersion) -> list[Asked]:
    """The held-out questions of the set it was trained on; none without a set."""
    if version.training_set is None:
        return []
    found = [
        Asked(one.question, frozenset(source.article for source in one.positives))
        for one in sets.load(version.training_set)
        if one.is_held_out and one.positives
    ]
    return found[:MOST]


def compare(
    version: ModelVersion, questions: Sequence[Asked], *, progress: Progress = lambda _a, _b: None
) -> str:
    """Ask both, keep what came of it with the version, and say it in a line."""
    if version.kind == Trained.RETRIEVER:
        indexing.build_beside(version.path, progress)
    elif version.kind == Trained.RERANKER:
        # The engine would go on without it, and the figures would be of no model at all.
        reranking_for(version.path).reranker.warm_up()
    elif version.kind == Trained.QUERIES:
        with versions.using(version):
            need_queries(EmbeddingIndex.objects.active())
    present = ModelVersion.objects.answering(version.kind)
    cases = pinned.active()
    old, new = _scores(questions, None), _scores(questions, version)
    result = metrics.paired_bootstrap(old, new) if questions else None
    before, after = pinned.check(cases), pinned.check(cases, version)
    broken = [case.pk for case in cases if before[case.pk] and not after[case.pk]]
    version.comparison = {
        "against": present.pk if present else None,
        "beside": versions.beside(version.kind),
        "engine": engine_fingerprint(),
        "metric": "MRR@10",
        "questions": len(questions),
        "before": round(metrics.mean(old), 4),
        "after": round(metrics.mean(new), 4),
        **({"low": round(result.low, 4), "high": round(result.high, 4)} if result else {}),
        "is_better": bool(result and result.is_better),
    }
    version.pinned = {
        "digest": pinned.digest(cases),
        "cases": len(cases),
        "passed_before": sum(before.values()),
        "passed_after": sum(after.values()),
        "broken": broken,
    }
    version.save(update_fields=["comparison", "pinned"])
    return told(version)


def told(version: ModelVersion) -> str:
    one, cases = version.comparison, version.pinned
    if not one:
        return _("not compared yet")
    said = _("%(metric)s %(before)s → %(after)s on %(questions)s questions") % one
    if "low" in one:
        said += " " + _("(difference %(low)+.3f to %(high)+.3f)") % one
    broken = {"broken": len(cases["broken"]), "all": cases["cases"]}
    return f"{said}; " + _("%(broken)d of %(all)d pinned cases broken") % broken


def _scores(questions: Sequence[Asked], version: ModelVersion | None) -> list[float]:
    scores: list[float] = []
    with versions.using(version) if version else nullcontext():
        chosen = engine()
        for first in range(0, len(questions), BATCH):
            some = questions[first : first + BATCH]
            asked = [Question(one.question) for one in some]
            found = [
                list(dict.fromkeys(one.article_id for one in candidates))
                for candidates in chosen.propose(asked, CUSTOMER)
            ]
            scores += _graded(some, found)
    return scores


def _graded(asked: Sequence[Asked], found: Sequence[Sequence[int]]) -> list[float]:
    slugs = _slugs({pk for row in found for pk in row})
    return [
        metrics.reciprocal_rank(10, [slugs[pk] for pk in row], dict.fromkeys(one.articles, 1.0))
        for one, row in zip(asked, found, strict=True)
    ]


def _slugs(ids: set[int]) -> dict[int, str]:
    return dict(Article.objects.filter(pk__in=ids).values_list("pk", "slug"))
