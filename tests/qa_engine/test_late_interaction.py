"""Each word of a question against the words of a passage, kept beside the passage's vector."""

from __future__ import annotations

import pytest

from knowledge.types import CUSTOMER
from qa_engine import indexing, late_interaction
from qa_engine.embedding_indexes import target
from qa_engine.late_interaction import Words, nearest_words, word_by_word
from qa_engine.models import EmbeddingIndex, Passage, PassageEmbedding
from qa_engine.replaying.overlay import OverlayRetriever
from qa_engine.replaying.values import Overlay, Shown
from qa_engine.retrieval import HybridRetriever
from tests.qa_engine.tiny import save_tiny_encoder

EAST, NORTH, WEST = bytes([127, 0]), bytes([0, 127]), bytes([129, 0])  # 129 is -127


def test_the_mean_of_the_nearest_words_cosines():
    passages = [EAST + NORTH, WEST + NORTH, WEST]

    assert nearest_words(EAST + NORTH, passages, 2) == pytest.approx([1.0, 0.5, -0.5])


def test_without_tokens_on_either_side_nothing_is_known():
    assert nearest_words(b"", [EAST], 2) == [None]
    assert nearest_words(EAST, [b"", EAST, b""], 2) == [None, pytest.approx(1.0), None]
    assert nearest_words(EAST, [], 2) == []


@pytest.fixture
def two(shop):
    """An index of two numbers a token: of the first two passages one says it, one does not."""
    index = EmbeddingIndex.objects.active()
    index.token_width = 2
    first, second, *_ = Passage.objects.order_by("pk").values_list("pk", flat=True)
    for passage, tokens in ((first, WEST), (second, EAST)):
        PassageEmbedding.objects.filter(index=index, passage=passage).update(tokens=tokens)
    return index, first, second


def test_the_passage_with_the_nearest_words_comes_first(two, django_assert_num_queries):
    index, first, second = two
    ranked = [(first, 0.9, {}), (second, 0.8, {})]

    with django_assert_num_queries(1):  # for both questions
        pointed, described = word_by_word(
            [Words(EAST, 1.0), Words(EAST, 0.0)], [ranked, ranked], index
        )

    assert pointed == [
        (second, pytest.approx(0.8 + late_interaction.POINTED), {"tokens": pytest.approx(1.0)}),
        (first, pytest.approx(0.9 - late_interaction.POINTED), {"tokens": pytest.approx(-1.0)}),
    ]
    assert [score for _, score, _ in described] == pytest.approx(
        [0.8 + late_interaction.DESCRIBING, 0.9 - late_interaction.DESCRIBING]
    )


def test_a_passage_whose_tokens_are_not_there_yet_is_neither_better_nor_worse(two):
    index, first, second = two
    third = Passage.objects.exclude(pk__in=[first, second]).values_list("pk", flat=True)[0]
    ranked = [(third, 0.9, {}), (second, 0.8, {}), (first, 0.7, {})]

    [again] = word_by_word([Words(EAST, 1.0)], [ranked], index)

    assert [passage for passage, _, _ in again] == [second, third, first]
    assert again[1][1] == pytest.approx(0.9)


def test_what_was_not_looked_at_stays_behind(two, monkeypatch):
    index, first, second = two
    monkeypatch.setattr(late_interaction, "LOOKED_AT", 1)

    [again] = word_by_word([Words(EAST, 1.0)], [[(first, 0.9, {}), (second, 0.8, {})]], index)

    assert [passage for passage, _, _ in again] == [first, second]
    assert again[1][1] == again[0][1] == pytest.approx(-0.1)


def test_an_index_without_tokens_is_asked_nothing(shop, django_assert_num_queries):
    ranked = [(1, 0.9, {"lexical": 1.0})]
    index = EmbeddingIndex.objects.active()  # of `hashing`, which tells of no token

    with django_assert_num_queries(0):
        assert word_by_word([Words(EAST, 1.0)], [ranked], index) == [ranked]
        assert word_by_word([Words(EAST, 1.0)], [ranked], None) == [ranked]


@pytest.fixture
def by_token(shop, settings, tmp_path_factory):
    """The shop in the index of a transformer made here."""
    settings.QA_EMBEDDER = save_tiny_encoder(tmp_path_factory.mktemp("encoder") / "tiny")
    while indexing.sync_due():
        pass
    return EmbeddingIndex.objects.active()


@pytest.mark.slow
def test_an_index_keeps_the_tokens_of_its_passages(by_token):
    kept = list(by_token.embeddings.values_list("tokens", flat=True))

    assert by_token.token_width > 0
    assert all(len(tokens) and len(tokens) % by_token.token_width == 0 for tokens in kept)


@pytest.mark.slow
def test_what_was_embedded_before_tokens_were_kept_is_done_again(by_token):
    before = {one.passage_id: bytes(one.tokens) for one in by_token.embeddings.all()}
    by_token.embeddings.update(tokens=None)
    passages = set(Passage.objects.values_list("pk", flat=True))

    assert indexing.sync_due() > 0
    assert indexing.sync_due() == 0
    assert {one.passage_id: bytes(one.tokens) for one in by_token.embeddings.all()} == before
    assert set(Passage.objects.values_list("pk", flat=True)) == passages


@pytest.mark.slow
def test_tokens_of_another_width_are_made_again(by_token):
    EmbeddingIndex.objects.update(token_width=3)

    assert target().token_width == by_token.token_width
    assert not PassageEmbedding.objects.exclude(tokens=None).exists()


@pytest.mark.slow
def test_a_text_laid_over_the_index_competes_with_its_words(shop, by_token):
    """The very text that the index has is scored there and here alike."""
    question = "How much is standard shipping to Norway?"
    same = Shown(shop["norway"].article_id, shop["norway"].pk, shop["norway"].text)
    overlay = Overlay(hidden=frozenset({same.article_id}), shown=(same,))

    [found] = HybridRetriever().retrieve([question], viewer=CUSTOMER, top_k=20)
    [laid] = OverlayRetriever(HybridRetriever(), overlay).retrieve(
        [question], viewer=CUSTOMER, top_k=20
    )

    def of_norway(candidates):
        return [
            (one.text, one.score, one.lanes)
            for one in candidates
            if one.article_id == same.article_id
        ]

    [(text, score, lanes)], [(laid_text, laid_score, laid_lanes)] = (
        of_norway(found),
        of_norway(laid),
    )
    assert laid_text == text
    assert laid_score == pytest.approx(score, abs=0.01)
    assert laid_lanes == pytest.approx(lanes, abs=0.01)
    assert "tokens" in lanes
