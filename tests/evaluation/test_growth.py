"""Queries at several sizes of an index of real words and random vectors."""

from __future__ import annotations

from qa_engine.evaluation import growth
from qa_engine.models import Passage, PassageEmbedding, PassageTerms

TEXTS = ["You can return any unused item within thirty days of delivery to our store."] * 3


def test_the_index_grows_and_queries_are_timed(db, monkeypatch):
    monkeypatch.setattr(growth, "A_BATCH", 4)

    small, large = growth.measure_growth(TEXTS, ["unused item"] * 3, [40, 20], lambda _: None)

    assert (small["passages"], large["passages"]) == (20, 40)
    assert 0 < small["p50_ms"] <= small["p95_ms"]
    assert Passage.objects.count() == PassageEmbedding.objects.count() == 40
    assert PassageTerms.objects.count() == 40
    for passage in Passage.objects.select_related("revision")[:5]:
        assert passage.text == passage.revision.body[passage.start : passage.end]
