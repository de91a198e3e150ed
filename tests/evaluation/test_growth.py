"""Queries at several sizes of an index of real words and of vectors of the configured model."""

from __future__ import annotations

from qa_engine.evaluation import growth
from qa_engine.models import Passage, PassageEmbedding, PassageTerms

TEXTS = [
    "You can return any unused item within thirty days of delivery to our store.",
    "Standard shipping to Norway takes five days and costs nine euros for each parcel.",
    "A gift card is valid for three years and is never paid out in money.",
]


def test_the_index_grows_and_queries_are_timed(db, monkeypatch):
    monkeypatch.setattr(growth, "A_BATCH", 4)

    small, large = growth.measure_growth(TEXTS, ["unused item"] * 3, [40, 20], lambda _: None)

    assert (small["passages"], large["passages"]) == (20, 40)
    assert 0 < small["p50_ms"] <= small["p95_ms"]
    assert Passage.objects.count() == PassageEmbedding.objects.count() == 40
    assert PassageTerms.objects.count() == 40
    for passage in Passage.objects.select_related("revision")[:5]:
        assert passage.text == passage.revision.body[passage.start : passage.end]
    # Pages left free by other tests' rows are filled before a table grows.
    assert 0 < small["megabytes"] <= large["megabytes"]
    assert small["hnsw_megabytes"] == large["hnsw_megabytes"] == 0


def test_an_exact_scan_misses_nothing(db, monkeypatch):
    """Below 3,000 passages there is no HNSW, and the words' limits are out of reach."""
    monkeypatch.setattr(growth, "A_BATCH", 4)

    [figures] = growth.measure_growth(TEXTS, ["gift card", "Norway"], [40], lambda _: None)

    assert figures["nearest_recall@10"] == figures["words_recall@10"] == 1


def test_what_a_lane_lacks_of_the_first_places_is_missed():
    """By scores: a passage as good as the tenth is as good a find."""
    exact = [0.9, 0.8, 0.7]

    assert growth._kept([(1, 0.9), (2, 0.7), (3, 0.7)], exact) == 1
    assert growth._kept([(1, 0.9), (2, 0.6), (3, 0.5)], exact) == 1 / 3
    assert growth._kept([(1, 0.9)], exact) == 1 / 3
    assert growth._kept([], []) == 1
