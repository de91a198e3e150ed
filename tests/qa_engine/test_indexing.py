"""Passages and embeddings follow the published state, and cost no more than they must."""

from __future__ import annotations

import pytest

from knowledge.models import Article
from qa_engine import indexing
from qa_engine.embedding_indexes import activate_if_complete, target
from qa_engine.indexing import Outcome
from qa_engine.models import EmbeddingIndex, Passage, PassageEmbedding
from qa_engine.registry import embedder_for
from tests.qa_engine.conftest import REFUNDS


@pytest.fixture
def embedded(monkeypatch):
    """The texts that were embedded, in order."""
    texts: list[str] = []
    embedder = embedder_for("hashing")
    original = embedder.embed_passages
    monkeypatch.setattr(
        embedder, "embed_passages", lambda batch: texts.extend(batch) or original(batch)
    )
    return texts


def _publish(revision, body):
    article = revision.article
    newer = article.revisions.create(
        number=article.revisions.count() + 1, title=revision.title, body=body
    )
    Article.objects.filter(pk=article.pk).update(head=newer, published_revision=newer)
    return newer


def test_every_passage_is_an_exact_stretch_with_a_vector(shop):
    assert Passage.objects.count() == PassageEmbedding.objects.count() > 4
    for passage in Passage.objects.select_related("revision"):
        assert passage.text == passage.revision.body[passage.start : passage.end]


def test_syncing_again_changes_nothing(shop, embedded):
    article_id = shop["returns"].article_id
    before = list(Passage.objects.values_list("pk", flat=True))

    assert indexing.sync_article(article_id) is Outcome.UNCHANGED
    assert list(Passage.objects.values_list("pk", flat=True)) == before
    assert embedded == []
    assert indexing.sync_due() == 0


def test_a_new_revision_embeds_only_what_changed(shop, embedded):
    newer = _publish(
        shop["returns"], shop["returns"].body + "\n\n## Gifts\n\nA gift can be returned too."
    )

    assert indexing.sync_due() == 1
    about, gift = embedded  # the article's head is part of each of its vectors
    assert about == newer.title
    assert "gift" in gift
    assert set(
        Passage.objects.filter(article=newer.article).values_list("revision", flat=True)
    ) == {newer.pk}


def test_going_back_to_words_seen_elsewhere_embeds_nothing(shop, embedded):
    _publish(shop["refunds"], REFUNDS)

    assert indexing.sync_due() == 1
    assert embedded == []
    assert PassageEmbedding.objects.count() == Passage.objects.count()


@pytest.mark.parametrize("state", ["archived", "draft"])
def test_what_is_no_longer_published_has_no_passages(shop, state):
    article_id = shop["norway"].article_id
    Article.objects.filter(pk=article_id).update(state=state)

    assert indexing.sync_article(article_id) is Outcome.REMOVED
    assert not Passage.objects.filter(article=article_id).exists()


def test_a_deleted_article_is_missing(db):
    assert indexing.sync_article(404) is Outcome.MISSING


def test_without_an_embedder_the_words_are_indexed_all_the_same(revision, settings):
    settings.QA_EMBEDDER = "package:no_such_package/model"

    assert indexing.sync_article(revision.article_id) is Outcome.UPDATED
    assert Passage.objects.filter(search__isnull=False).exists()
    assert not PassageEmbedding.objects.exists()

    settings.QA_EMBEDDER = "hashing"
    assert indexing.sync_due() == 1
    assert PassageEmbedding.objects.count() == Passage.objects.count()


def test_a_new_model_is_built_beside_the_old_one_and_then_takes_over(shop):
    old = EmbeddingIndex.objects.active()
    new = EmbeddingIndex.objects.create(fingerprint="another/1", dimension=2, model="hashing")
    passages = list(Passage.objects.all())
    for passage in passages[:-1]:
        PassageEmbedding.objects.create(index=new, passage=passage, vector=[1.0, 0.0])

    assert activate_if_complete(new) is False
    assert EmbeddingIndex.objects.active() == old

    PassageEmbedding.objects.create(index=new, passage=passages[-1], vector=[1.0, 0.0])
    assert activate_if_complete(new) is True
    assert EmbeddingIndex.objects.active() == new
    old.refresh_from_db()
    assert old.state == EmbeddingIndex.State.RETIRED
    assert not old.embeddings.exists()


def test_a_retired_model_can_come_back(shop):
    EmbeddingIndex.objects.update(state=EmbeddingIndex.State.RETIRED)
    PassageEmbedding.objects.all().delete()

    while indexing.sync_due():
        pass

    assert EmbeddingIndex.objects.active() == target()
