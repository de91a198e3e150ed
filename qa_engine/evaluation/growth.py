"""What a query costs as the index grows, and what HNSW and the limits on proposals miss.

Passages are put together from halves of real paragraphs, and a passage's vector is the mean of
its halves' from the model that is configured, so that words are as frequent and vectors lie as
near each other as in a real index, at the price of embedding each half once. The scratch
database grows from one size to the next; nothing is built twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from django.conf import settings
from django.db import connection, transaction

from knowledge.models import Category, Revision
from knowledge.types import CUSTOMER
from qa_engine import embedding_indexes
from qa_engine.asked import ask
from qa_engine.evaluation import metrics
from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.corpus import publish_batch
from qa_engine.evaluation.metering import Meter
from qa_engine.evaluation.outcome import Say
from qa_engine.lexical import lexical_lane
from qa_engine.lexical_models import TERMS
from qa_engine.lexical_query import LexicalQuery
from qa_engine.models import EmbeddingIndex, Passage
from qa_engine.protocols import Encoder, Vector
from qa_engine.registry import get_embedder
from qa_engine.retrieval import HybridRetriever, dense_lane
from qa_engine.search_vectors import count_words_if_stale, write_search_vectors

A_BATCH = 200  # articles written at once
EACH = 5  # passages of an article
HALVES = 4  # of paragraphs, in a passage
TOP_K = 8
#: Words of a question as it is typed into a search box.
SHORT = 10
A_BATCH_OF_TEXTS = 512  # embedded at once
#: How many of the queries are compared with a scan of everything, and how many places of each.
COMPARED, PLACES = 50, 10

_KEEP = """
CREATE TEMPORARY TABLE growth_half
    (number int PRIMARY KEY, vector vector({dimension}), tokens bytea)
"""
_VECTORS = """
INSERT INTO qa_engine_passageembedding (index_id, passage_id, vector, tokens)
SELECT %s, given.passage_id, l2_normalize(avg(half.vector)), string_agg(half.tokens, ''::bytea)
FROM unnest(%s::bigint[], %s::int[]) AS given (passage_id, number)
JOIN growth_half AS half USING (number)
GROUP BY given.passage_id ORDER BY given.passage_id
"""
_NEAREST = """
SELECT 1 - (vector::vector({dimension}) <=> %s::vector({dimension})) AS score
FROM qa_engine_passageembedding WHERE index_id = %s ORDER BY score DESC LIMIT %s
"""
_BY_WORDS = """
SELECT -(weights <#> %s::sparsevec({terms})) AS score
FROM qa_engine_passageterms ORDER BY score DESC LIMIT %s
"""
_TABLES = ("passage", "passageterms", "passageembedding", "term")


@dataclass(frozen=True, slots=True)
class Shop:
    """What the index grows from."""

    halves: tuple[str, ...]
    shelf: Category
    index: EmbeddingIndex
    embedder: Encoder
    random: Random


def measure_growth(
    texts: Sequence[str],
    queries: Sequence[str],
    sizes: Sequence[int],
    say: Say,
    *,
    seed: int = 7,
) -> Iterator[dict[str, float]]:
    """Figures at each number of passages, smallest first. The database must be empty.

    Raises ModelUnavailable where the configured embedder cannot be had.
    """
    shop = _open(texts, seed, say)
    held = 0
    for size in sorted(sizes):
        meter = Meter()
        while held < size:
            held += _add(shop, first=held)
            if held % 10_000 == 0:
                say(f"{held} passages")
        count_words_if_stale()
        embedding_indexes.ensure_approximate(shop.index)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        built = meter.read()
        figures = {
            "passages": float(held),
            "built_seconds": built.wall,
            "built_cpu_seconds": built.cpu,
        }
        short = [" ".join(query.split()[:SHORT]) for query in queries]
        pointed = {f"short_{name}": value for name, value in _asked(short, shop).items()}
        yield (
            figures | _sizes(shop.index) | _asked(queries, shop) | pointed | _missed(queries, shop)
        )


def _open(texts: Sequence[str], seed: int, say: Say) -> Shop:
    """An empty shop, and the vectors of all that its passages are made of."""
    embedder = get_embedder()
    embedder.warm_up()
    unlike = dict.fromkeys(texts)
    halves = tuple(_half(text, is_second) for text in unlike for is_second in (False, True))
    index = EmbeddingIndex.objects.create(
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        token_width=embedder.token_width,
        model=settings.QA_EMBEDDER,
        state=EmbeddingIndex.State.ACTIVE,
    )
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.format(dimension=int(embedder.dimension)))
        for first in range(0, len(halves), A_BATCH_OF_TEXTS):
            encoded = embedder.encode_passages(halves[first : first + A_BATCH_OF_TEXTS])
            rows = [
                (first + at, _literal(one.vector), one.tokens) for at, one in enumerate(encoded)
            ]
            cursor.executemany("INSERT INTO growth_half VALUES (%s, %s, %s)", rows)
    say(f"embedded {len(halves)} halves of paragraphs")
    shelf = Category.objects.create(slug="growth", name="Growth")
    return Shop(halves, shelf, index, embedder, Random(seed))  # no secret


def _add(shop: Shop, *, first: int) -> int:
    """Some articles; how many passages they have."""
    records, parts = [], []
    for number in range(A_BATCH):
        of_article = [
            [shop.random.randrange(len(shop.halves)) for _ in range(HALVES)] for _ in range(EACH)
        ]
        parts += of_article
        body = "\n\n".join(" ".join(shop.halves[half] for half in own) for own in of_article)
        title = " ".join(shop.random.choice(shop.halves).split()[:8])
        records.append(ArticleRecord(f"growth-{first + number}", title, body))
    passages = [
        passage
        for revision in publish_batch(records, shop.shelf, first=first)
        for passage in _passages(revision)
    ]
    pairs = [
        (passage.pk, half) for passage, own in zip(passages, parts, strict=True) for half in own
    ]
    with connection.cursor() as cursor:
        ids, numbers = zip(*pairs, strict=True)
        cursor.execute(_VECTORS, [shop.index.pk, list(ids), list(numbers)])
    return len(passages)


def _passages(revision: Revision) -> list[Passage]:
    start, own = 0, []
    for position, text in enumerate(revision.body.split("\n\n")):
        own.append(
            Passage(
                article_id=revision.article_id,
                revision=revision,
                position=position,
                start=start,
                end=start + len(text),
                text=text,
                content_hash=f"{revision.pk}:{position}",
            )
        )
        start += len(text) + 2
    own = Passage.objects.bulk_create(own)
    write_search_vectors(own, revision.title)
    return own


def _half(text: str, is_second: bool) -> str:
    words = text.split()
    return " ".join(words[len(words) // 2 :] if is_second else words[: len(words) // 2 + 1])


def _sizes(index: EmbeddingIndex) -> dict[str, float]:
    """On disk, with all indexes, TOAST and dead rows."""
    names = [f"qa_engine_{table}" for table in _TABLES]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) AS name",
            [names],
        )
        everything = float(cursor.fetchone()[0])
        cursor.execute(
            "SELECT coalesce(pg_relation_size(to_regclass(%s)), 0)",
            [embedding_indexes.approximate_name(index)],
        )
        return {"megabytes": everything / 2**20, "hnsw_megabytes": cursor.fetchone()[0] / 2**20}


def _asked(queries: Sequence[str], shop: Shop) -> dict[str, float]:
    """What production pays for a query, its embedding included, asked one at a time."""
    retriever = HybridRetriever()
    for query in queries:  # warm
        retriever.retrieve([query], viewer=CUSTOMER, top_k=TOP_K)
    waits: list[float] = []
    meter, before = Meter(), 0.0
    for query in queries:
        retriever.retrieve([query], viewer=CUSTOMER, top_k=TOP_K)
        now = meter.read().wall
        waits.append(now - before)
        before = now
    spent = meter.read()
    meter = Meter()
    for query in queries:
        shop.embedder.embed_queries([query])
    embedding = meter.read()
    return {
        "p50_ms": 1000 * metrics.percentile(waits, 0.5),
        "p95_ms": 1000 * metrics.percentile(waits, 0.95),
        "cpu_ms_per_query": 1000 * spent.cpu / len(queries),
        "database_cpu_ms_per_query": 1000 * (spent.database or 0.0) / len(queries),
        "embedding_cpu_ms_per_query": 1000 * embedding.python / len(queries),
    }


def _missed(queries: Sequence[str], shop: Shop) -> dict[str, float]:
    """Of the first places of a scan of everything, the share that each lane has.

    By scores: of passages that are equally good it does not matter which one is found.
    """
    compared = queries[:COMPARED]
    asked = ask(compared)
    nearest, by_words = [], []
    lanes = zip(
        asked.vectors,
        asked.lexical,
        dense_lane(compared, CUSTOMER),
        lexical_lane(compared, CUSTOMER, PLACES),
        strict=True,
    )
    for vector, words, near, said in lanes:
        if vector is not None:
            nearest.append(_kept(near, _exact_nearest(shop, vector)))
        total = words.total or 1.0
        by_words.append(_kept(said, [score / total for score in _exact_words(words)]))
    return {
        f"nearest_recall@{PLACES}": metrics.mean(nearest),
        f"words_recall@{PLACES}": metrics.mean(by_words),
    }


def _kept(lane: Sequence[tuple[int, float]], exact: Sequence[float]) -> float:
    if not exact:
        return 1.0
    good = sum(score >= exact[-1] - 1e-5 for _, score in lane[: len(exact)])
    return good / len(exact)


def _exact_nearest(shop: Shop, vector: str) -> list[float]:
    statement = _NEAREST.format(dimension=int(shop.embedder.dimension))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(statement, [vector, shop.index.pk, PLACES])
        return [float(score) for (score,) in cursor.fetchall()]


def _exact_words(query: LexicalQuery) -> list[float]:
    if not query.words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_BY_WORDS.format(terms=TERMS), [query.vector, PLACES])
        return [float(score) for (score,) in cursor.fetchall()]


def _literal(vector: Vector) -> str:
    return "[" + ",".join(f"{value:.6f}" for value in vector) + "]"
