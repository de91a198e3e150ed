"""Two articles, and a second embedder to try on them; neither needs weights."""

from __future__ import annotations

import pytest

from qa_engine import indexing
from qa_engine.models import EmbeddingIndex
from qa_engine.registry import HASHING
from tests.factories import publish_article


@pytest.fixture
def shelf(db, settings):
    """Two articles, indexed by the configured embedder."""
    settings.QA_EMBEDDER = HASHING
    publish_article("Returns", "You can return any unworn item within 30 days of delivery.")
    publish_article("Shipping to Norway", "Parcels to Norway take 4 to 7 working days.")
    indexing.sync_due()
    return EmbeddingIndex.objects.active()


@pytest.fixture
def other_model(monkeypatch):
    """A second embedder that needs no weights either."""
    from qa_engine import registry
    from qa_engine.backends.hashing import HashingEmbedder

    class Other(HashingEmbedder):
        fingerprint = "other/1"

    made = Other()
    known = registry.embedder_for
    choose = lambda model: made if model == "/models/other" else known(model)  # noqa: E731
    for module in ("registry", "embedding_indexes", "asked", "questions_encoded", "indexing"):
        monkeypatch.setattr(f"qa_engine.{module}.embedder_for", choose)
    return "/models/other"
