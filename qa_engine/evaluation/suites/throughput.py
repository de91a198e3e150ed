"""How much work fits into an hour: drafts a second by batch size, and the memory it takes.

Retrieval in PostgreSQL is included; storing the drafts is the helpdesk's and is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_engine.answering import warm_up, write_drafts
from qa_engine.evaluation.metering import Meter, peak_mb, resident_mb
from qa_engine.evaluation.outcome import Say
from qa_engine.evaluation.suites.drafts import request_of
from qa_engine.evaluation.tickets import TicketRecord
from qa_engine.indexable import passage
from qa_engine.models import Passage
from qa_engine.protocols import Embedder
from qa_engine.types import DraftRequest

SIZES = (1, 2, 4, 8, 16, 32, 64)
# Passages that are embedded anew to measure the embedder alone.
PASSAGES = 512


def measure_throughput(
    tickets: Sequence[TicketRecord], *, embedder: Embedder, drafts: int, say: Say
) -> tuple[dict[str, float], dict[str, list[list[float]]]]:
    """The same `drafts` messages at every batch size, after one pass that warms the caches."""
    requests = [request_of(tickets[number % len(tickets)]) for number in range(drafts)]
    warm_up()  # as a worker does
    write_drafts(requests)
    figures = {"rest_mb": resident_mb(), "drafts": float(drafts)}
    points: list[list[float]] = []
    for size in SIZES:
        wall, cpu = _loop(requests, size)
        figures[f"drafts_per_second@{size}"] = drafts / wall
        figures[f"cpu_ms_per_draft@{size}"] = 1000 * cpu / drafts
        points.append([float(size), drafts / wall])
        say(f"batch {size}: {drafts / wall:.1f} drafts/s")
    one = figures["drafts_per_second@1"]
    for size in SIZES[1:]:
        figures[f"speedup@{size}"] = figures[f"drafts_per_second@{size}"] / one
    figures |= _embedding(embedder)
    figures["peak_mb"] = peak_mb()
    return figures, {"drafts_per_second": points}


def _loop(requests: Sequence[DraftRequest], size: int) -> tuple[float, float]:
    meter = Meter()
    for first in range(0, len(requests), size):
        write_drafts(requests[first : first + size])
    spent = meter.read()
    return spent.wall, spent.cpu


def _embedding(embedder: Embedder) -> dict[str, float]:
    passages = Passage.objects.select_related("revision").order_by("pk")[:PASSAGES]
    texts = [passage(one.revision.title, one.heading_path, one.text) for one in passages]
    if not texts:
        return {}
    embedder.embed_passages(texts[:8])  # warm
    meter = Meter()
    embedder.embed_passages(texts)
    spent = meter.read()
    return {
        "passages": float(len(texts)),
        "passages_per_second": len(texts) / spent.wall,
        "cpu_ms_per_passage": 1000 * spent.python / len(texts),
    }
