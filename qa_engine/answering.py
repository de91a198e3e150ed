"""The engine with what is configured: retrieval in PostgreSQL, the sentence reader, the writer.

Runs where the models are: the worker and the command line. Knows no Celery.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from django.conf import settings

from knowledge.models import Article
from knowledge.types import Viewer
from qa_engine import indexing, precedents, versions
from qa_engine.backends.sentence_reader import recipe
from qa_engine.calibrations import scales_in_force
from qa_engine.models import EmbeddingIndex
from qa_engine.pipeline import Engine
from qa_engine.policy import triage
from qa_engine.protocols import Embedder, ModelUnavailable, Restater
from qa_engine.questions import Question
from qa_engine.recalibrating import Scales, scale_for
from qa_engine.registry import (
    HASHING,
    asking_for,
    embedder_for,
    get_embedder,
    get_reranking,
    get_restater,
    get_rewriter,
    grounding_check,
    need_queries,
    queries_fingerprint,
    reader_for,
    reranking_fingerprint,
    restater_fingerprint,
    writer_fingerprint,
)
from qa_engine.replaying import running
from qa_engine.replaying.values import Change, PastMessage, Replayed
from qa_engine.retrieval import HybridRetriever
from qa_engine.thresholds import threshold_in_force
from qa_engine.training.examples import Example
from qa_engine.training_models import ModelVersion, Trained
from qa_engine.types import Answer, DraftRequest, DraftResult, Evidence, Finding, Reason
from qa_engine.writer import ExtractiveWriter


def write_drafts(
    requests: Sequence[DraftRequest], restater: Restater | None = None
) -> list[DraftResult]:
    """A draft for each request, or the reason why there is none; one batch, few statements.

    `restater` stands in for the one that is configured.
    """
    if not requests:
        return []
    chosen = engine(with_precedents=True)
    if restater is not None:
        chosen = replace(chosen, restater=restater)
    scales = scales_in_force(chosen.fingerprint)
    return [
        _recalibrated(request, draft, scales)
        for request, draft in zip(requests, chosen.write_drafts(requests), strict=True)
    ]


def answer_question(question: str, *, viewer: Viewer) -> Answer:
    """The answer to one question, taken as it stands."""
    started = time.monotonic()
    chosen = engine(with_precedents=True)
    reason = triage(question)
    if reason is None and not question.strip():
        reason = Reason.UNCLEAR
    finding = None if reason else chosen.answer([Question(question.strip())], viewer)[0]
    if finding is not None and finding.outcome.reason is not None:
        reason = chosen.reason_for(question, finding.outcome.reason)
    return _answer(question, finding, reason, chosen.fingerprint, time.monotonic() - started)


def replay(
    messages: Sequence[PastMessage], change: Change, candidate: ModelVersion | None = None
) -> list[Replayed]:
    """What the change would have made of past messages, as the articles were on their days.

    With a candidate it is asked instead of the model that answers now: see `prepare`. Letters are
    read in their own words: a language model would be asked twice for each of thousands.
    """
    chosen = replace(engine(), restater=None)
    if candidate is None:
        return running.replay(messages, change, chosen)
    with versions.using(candidate):
        other = running.Side(replace(engine(), restater=None), partial(versions.using, candidate))
    return running.replay(messages, change, chosen, other)


def prepare(candidate: ModelVersion) -> None:
    """Bring a candidate's index up to date, beside the one that answers. Takes long at first.

    Raises ModelUnavailable, for a reranker too: without it the engine would be compared with
    itself.
    """
    if candidate.kind == Trained.RETRIEVER:
        indexing.build_beside(candidate.path)
    index = EmbeddingIndex.objects.active()
    with versions.using(candidate):
        if candidate.kind == Trained.QUERIES:
            need_queries(index)
        reranking = get_reranking() if candidate.kind == Trained.RERANKER else None
    if reranking is not None and (problem := reranking.problem()):
        raise ModelUnavailable(problem)


def engine(*, with_precedents: bool = False) -> Engine:
    """Answers with the embedder of the active index, which may not be the configured one.

    Loads the reranker, if there is one, to know whether it can take part. Replays and comparisons
    do without precedents: they would find their own tickets' answers.
    """
    index = EmbeddingIndex.objects.active()
    model = index.model if index else settings.QA_EMBEDDER
    reranking = get_reranking()
    unranked = reranking.problem() if reranking else ""
    return Engine(
        retriever=HybridRetriever(),
        reader=reader_for(model),
        writer=ExtractiveWriter(),
        min_confidence=threshold_in_force(),
        languages=published_languages(),
        check=grounding_check(model),
        rewriter=get_rewriter(),
        restater=get_restater(),
        precedents=precedents.kept(index) if with_precedents else None,
        reranking=None if unranked else reranking,
        unranked=unranked,
        queries=queries_fingerprint(index.fingerprint) if index else "",
    )


def remember_answers(source: str, examples: Iterable[Example]) -> int:
    """Let later questions lean on what a person answered there; how many sentences that are.

    In place of what was kept of that source. Raises ModelUnavailable.
    """
    embedder = active_embedder()
    kept = precedents.remember(source, examples, embedder)
    precedents.embed_due(embedder)
    return kept


def published_languages() -> frozenset[str]:
    """Those in which some customer can read something."""
    articles = Article.objects.published().exclude(visibility="internal").order_by()
    return frozenset(articles.values_list("language", flat=True).distinct())


def active_embedder() -> Embedder:
    """The embedder of the active index, which may not be the configured one."""
    index = EmbeddingIndex.objects.active()
    return embedder_for(index.model if index else settings.QA_EMBEDDER)


def engine_fingerprint() -> str:
    """Names what would answer now. Loads no model, so that the web tier can ask too."""
    index = EmbeddingIndex.objects.active()
    index_of = index.fingerprint if index else HASHING
    reader = f"{recipe()}+{index_of}"
    parts = (
        reader, queries_fingerprint(index_of), restater_fingerprint(), writer_fingerprint(),
        reranking_fingerprint(),
    )  # fmt: skip
    return "+".join(part for part in parts if part)


def warm_up() -> None:
    """Load the models. Raises ModelUnavailable where the configured one cannot be had.

    A reranker that cannot be had is told in the log: drafts go on without it.
    """
    embedder = get_embedder()
    embedder.warm_up()
    asking_for(versions.model_for("retriever", settings.QA_EMBEDDER), embedder.fingerprint)
    if reranking := get_reranking():
        reranking.problem()
    reader_for(settings.QA_EMBEDDER).read([Question("warm")], [[]])
    # What is loaded now stays. To look through it for garbage takes a third of a second each time.
    gc.collect()
    gc.freeze()


def _recalibrated(request: DraftRequest, draft: DraftResult, scales: Scales) -> DraftResult:
    """With the confidence that agents' decisions have taught, beside the engine's own."""
    own = draft.confidence
    scale = scale_for(scales, request.language, request.segment)
    shown = scale(own) if draft.body else own
    return replace(draft, confidence=shown, own_confidence=own)


def _answer(
    question: str,
    finding: Finding | None,
    reason: Reason | None,
    fingerprint: str,
    seconds: float,
) -> Answer:
    evidence: tuple[Evidence, ...] = finding.outcome.evidence if finding else ()
    return Answer(
        question=question,
        text="\n".join(_lines(finding)) if finding else "",
        confidence=finding.outcome.confidence if finding else 0.0,
        reason=reason,
        evidence=evidence,
        runners_up=finding.outcome.runners_up if finding else (),
        fingerprint=fingerprint,
        seconds=seconds,
    )


def _lines(finding: Finding) -> list[str]:
    """Sentences on one line, items of a list each on its own."""
    lines: list[str] = []
    is_list = sum(bool(quote.marker) for quote in finding.quotes) > 1
    may_join = False
    for quote in finding.quotes:
        is_item = is_list and bool(quote.marker)
        if may_join and not is_item:
            lines[-1] += f" {quote.text}"
        else:
            lines.append(f"{quote.marker} {quote.text}" if is_item else quote.text)
        may_join = not is_item
    return lines
