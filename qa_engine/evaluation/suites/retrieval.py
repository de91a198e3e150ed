"""Does the right article come first? The production retriever on questions with known answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge.types import CUSTOMER
from qa_engine.evaluation import metrics
from qa_engine.evaluation.articles import QueryRecord
from qa_engine.evaluation.corpus import Corpus
from qa_engine.evaluation.metering import Meter
from qa_engine.evaluation.outcome import Say
from qa_engine.proposing import TOP_K
from qa_engine.protocols import Retriever
from qa_engine.questions import Question
from qa_engine.registry import get_reranking
from qa_engine.reranking import Reranking
from qa_engine.retrieval import HybridRetriever
from qa_engine.types import Candidate

#: More than both lanes propose together, so that the ranking is seen whole.
DEPTH = 100
BATCH = 32
BATCHED_QUERIES = 320
# What a missed query shows of the ranking that missed it.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ranking:
    query: QueryRecord
    candidates: tuple[Candidate, ...]
    articles: tuple[str, ...]

    @property
    def place(self) -> int | None:
        """Of the first right article, counted from 1."""
        places = (n for n, key in enumerate(self.articles, 1) if key in self.query.articles)
        return next(places, None)


def measure_retrieval(
    corpus: Corpus, queries: Sequence[QueryRecord], say: Say
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """Figures, and the queries whose first article is wrong.

    With a reranker, where one is configured or promoted, as drafts have it. Time is that of as
    many passages as a draft reads; the ranking is judged on more of them, since the first ten
    articles may have many passages each.
    """
    retriever: Retriever = HybridRetriever()
    reranking = get_reranking()

    def ask(query: QueryRecord, top_k: int) -> Sequence[Candidate]:
        found = retriever.retrieve([query.text], viewer=CUSTOMER, top_k=top_k)[0]
        return _reranked(reranking, query, found) if reranking else found

    ask(queries[0], TOP_K)  # warm
    waits: list[float] = []
    meter = Meter()
    before = 0.0
    for query in queries:
        ask(query, TOP_K)
        now = meter.read().wall
        waits.append(now - before)
        before = now
    spent = meter.read()
    rankings: list[Ranking] = []
    for number, query in enumerate(queries, start=1):
        # Whole articles are not needed any more, and of a thousand queries they add up.
        found = tuple(replace(one, body="") for one in ask(query, DEPTH))
        rankings.append(Ranking(query, found, rank_articles(found, corpus)))
        if number % 200 == 0:
            say(f"asked {number}/{len(queries)} queries")
    figures = quality([(ranking.articles, ranking.query.articles) for ranking in rankings])
    figures |= _of_lanes(rankings, corpus)
    figures |= {
        "queries": float(len(queries)),
        "cpu_ms_per_query": 1000 * spent.cpu / len(queries),
        "p50_ms": 1000 * metrics.percentile(waits, 0.5),
        "p95_ms": 1000 * metrics.percentile(waits, 0.95),
        "queries_per_second": len(queries) / spent.wall,
        "queries_per_second_batched": _batched(retriever, queries),
    }
    if spent.database is not None:
        figures["database_cpu_ms_per_query"] = 1000 * spent.database / len(queries)
    return figures, tuple(_told(one, corpus) for one in rankings if one.place != 1)


def _reranked(
    reranking: Reranking, query: QueryRecord, found: Sequence[Candidate]
) -> list[Candidate]:
    """The passages that are read put in order; those behind them stay there."""
    [best] = reranking.rerank([Question(query.text)], [found[:TOP_K]])
    return [*best, *found[TOP_K:]]


def rank_articles(candidates: Sequence[Candidate], corpus: Corpus) -> tuple[str, ...]:
    """Articles by their best passage."""
    return tuple(dict.fromkeys(corpus.keys[one.article_id] for one in candidates))


def quality(ranked: Sequence[tuple[Sequence[str], Mapping[str, float]]]) -> dict[str, float]:
    """Means over the queries."""
    figures = {
        f"hit@{k}": metrics.mean([metrics.hit_at(k, *one) for one in ranked]) for k in (1, 3, 10)
    }
    figures |= {
        f"recall@{k}": metrics.mean([metrics.recall_at(k, *one) for one in ranked])
        for k in (1, 10)
    }
    figures["mrr@10"] = metrics.mean([metrics.reciprocal_rank(10, *one) for one in ranked])
    figures["ndcg@10"] = metrics.mean([metrics.ndcg_at(10, *one) for one in ranked])
    return figures


def _of_lanes(rankings: Sequence[Ranking], corpus: Corpus) -> dict[str, float]:
    """What each lane alone would have found: where to look for what fusion loses."""
    figures: dict[str, float] = {}
    for lane in sorted({name for one in rankings for c in one.candidates for name in c.lanes}):
        alone = []
        for ranking in rankings:
            mine = [one for one in ranking.candidates if lane in one.lanes]
            mine.sort(key=lambda one: -one.lanes[lane])
            alone.append((rank_articles(mine, corpus), ranking.query.articles))
        figures |= {
            f"{lane}_{name}": value
            for name, value in quality(alone).items()
            if name in {"hit@1", "hit@10", "mrr@10"}
        }
    return figures


def _batched(retriever: Retriever, queries: Sequence[QueryRecord]) -> float:
    asked = [query.text for query in queries[:BATCHED_QUERIES]]
    meter = Meter()
    for first in range(0, len(asked), BATCH):
        retriever.retrieve(asked[first : first + BATCH], viewer=CUSTOMER, top_k=TOP_K)
    return len(asked) / meter.read().wall


def _told(ranking: Ranking, corpus: Corpus) -> dict[str, Any]:
    first: dict[str, Candidate] = {}
    for candidate in ranking.candidates:
        first.setdefault(corpus.keys[candidate.article_id], candidate)
    shown = [*ranking.articles[:SHOWN], *ranking.query.articles]
    return {
        "query": ranking.query.text,
        "wanted": dict(ranking.query.articles),
        "place": ranking.place,
        "found": [
            {
                "article": key,
                "place": ranking.articles.index(key) + 1,
                "title": first[key].title,
                "heading": first[key].heading_path,
                "score": round(first[key].score, 4),
                "lanes": {name: round(score, 3) for name, score in first[key].lanes.items()},
                "passage": first[key].text[:300],
            }
            for key in dict.fromkeys(shown)
            if key in first
        ],
    }
