"""What a query costs as the index grows: real words, random vectors, the production SQL.

Random vectors are the hardest for HNSW, whose time is what is measured here and not what it
finds. The scratch database grows from one size to the next; nothing is built twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from django.db import connection

from knowledge.models import Category
from knowledge.types import CUSTOMER
from qa_engine import embedding_indexes
from qa_engine.evaluation import metrics
from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.corpus import publish_batch
from qa_engine.evaluation.metering import Meter
from qa_engine.evaluation.outcome import Say
from qa_engine.lexical import lexical_queries
from qa_engine.models import EmbeddingIndex, Passage
from qa_engine.retrieval import Asked, find
from qa_engine.search_vectors import count_words_if_stale, write_search_vectors

DIMENSION = 384
A_BATCH = 200  # articles written at once
EACH = 5  # passages of an article
TOP_K = 8

_VECTORS = """
INSERT INTO qa_engine_passageembedding (index_id, passage_id, vector)
SELECT %s, passage.id, (
    SELECT array_agg(random() - 0.5 + 0 * number)
    FROM generate_series(1, %s) AS number WHERE passage.id > 0
)::vector
FROM qa_engine_passage AS passage WHERE passage.id = ANY(%s)
"""


def measure_growth(
    texts: Sequence[str], queries: Sequence[str], sizes: Sequence[int], say: Say, *, seed: int = 7
) -> Iterator[dict[str, float]]:
    """Figures at each number of passages, smallest first. The database must be empty."""
    random = Random(seed)  # no secret
    shelf = Category.objects.create(slug="growth", name="Growth")
    index = EmbeddingIndex.objects.create(
        fingerprint="random", dimension=DIMENSION, state=EmbeddingIndex.State.ACTIVE
    )
    held = 0
    for size in sorted(sizes):
        meter = Meter()
        while held < size:
            held += _add(texts, shelf, index, random, first=held)
            if held % 10_000 == 0:
                say(f"{held} passages")
        count_words_if_stale()
        embedding_indexes.ensure_approximate(index)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        built = meter.read()
        yield {"passages": float(held), "built_cpu_seconds": built.cpu} | _asked(
            queries, index, random
        )


def _add(
    texts: Sequence[str], shelf: Category, index: EmbeddingIndex, random: Random, *, first: int
) -> int:
    """Articles of the first half of one text and the second of another; how many passages."""
    records = []
    for number in range(A_BATCH):
        halves = [_half(random.choice(texts), at % 2 == 1) for at in range(2 * EACH)]
        body = "\n\n".join(f"{a} {b}" for a, b in zip(halves[::2], halves[1::2], strict=True))
        title = " ".join(random.choice(texts).split()[:8])
        records.append(ArticleRecord(f"growth-{first + number}", title, body))
    passages: list[Passage] = []
    for revision in publish_batch(records, shelf, first=first):
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
        passages += own
    with connection.cursor() as cursor:
        cursor.execute(_VECTORS, [index.pk, DIMENSION, [passage.pk for passage in passages]])
    return len(passages)


def _half(text: str, is_second: bool) -> str:
    words = text.split()
    return " ".join(words[len(words) // 2 :] if is_second else words[: len(words) // 2 + 1])


def _asked(queries: Sequence[str], index: EmbeddingIndex, random: Random) -> dict[str, float]:
    waits: list[float] = []
    meter, before = Meter(), 0.0
    for query in queries:
        vector = ",".join(f"{random.uniform(-1, 1):.4f}" for _ in range(DIMENSION))
        asked = Asked(lexical_queries([query]), index, [f"[{vector}]"])
        find(asked, viewer=CUSTOMER, top_k=TOP_K)
        now = meter.read().wall
        waits.append(now - before)
        before = now
    spent = meter.read()
    return {
        "p50_ms": 1000 * metrics.percentile(waits, 0.5),
        "p95_ms": 1000 * metrics.percentile(waits, 0.95),
        "cpu_ms_per_query": 1000 * spent.cpu / len(queries),
        "database_cpu_ms_per_query": 1000 * (spent.database or 0.0) / len(queries),
    }
