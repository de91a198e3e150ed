"""Retrieval and search read only what the viewer may read, and find it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.models import Article
from knowledge.types import AGENT, CUSTOMER
from qa_engine import retrieval
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.lexical import lexical_lane
from qa_engine.models import Passage
from qa_engine.retrieval import HybridRetriever, dense_lane
from qa_engine.search_vectors import count_words_if_stale

INTERNAL_WORDS = "goodwill voucher without asking"


def _titles(query, viewer=CUSTOMER):
    return [c.title for c in HybridRetriever().retrieve([query], viewer=viewer, top_k=8)[0]]


@pytest.mark.parametrize("lane", [lexical_lane, dense_lane])
def test_no_lane_proposes_internal_passages_to_customers(shop, lane):
    secret = set(
        Passage.objects.filter(article=shop["goodwill"].article_id).values_list("pk", flat=True)
    )

    assert not secret & {pk for pk, _ in lane([INTERNAL_WORDS], CUSTOMER)[0]}
    assert secret & {pk for pk, _ in lane([INTERNAL_WORDS], AGENT)[0]}


def test_customers_find_no_internal_article_and_agents_do(shop):
    assert "Goodwill vouchers" not in _titles(INTERNAL_WORDS)
    assert _titles(INTERNAL_WORDS, AGENT)[0] == "Goodwill vouchers"


def test_rarity_counts_only_what_the_viewer_may_read(shop):
    assert HybridRetriever().rarity(["goodwill"], viewer=CUSTOMER)["goodwill"] == 1
    assert HybridRetriever().rarity(["goodwill"], viewer=AGENT)["goodwill"] < 1


def test_common_words_are_as_rare_by_the_statistics_as_counted(shop, monkeypatch):
    """Agents read everything, so that both must come to the same."""
    words = ["refund", "voucher", "to", "norway", "nobodysaysthis"]
    count_words_if_stale()
    counted = HybridRetriever().rarity(words, viewer=AGENT)
    monkeypatch.setattr(retrieval, "COUNTED", 0)
    Passage.objects.all().delete()  # nothing is left to count

    assert HybridRetriever().rarity(words, viewer=AGENT) == pytest.approx(counted)
    assert 0 < counted["voucher"] < counted["nobodysaysthis"] == counted["to"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"state": "archived"},
        {"valid_until": timezone.now() - timedelta(days=1)},
        {"valid_from": timezone.now() + timedelta(days=1)},
    ],
    ids=["archived", "over", "not yet"],
)
def test_what_does_not_show_now_is_silent_before_any_sync(shop, change):
    Article.objects.filter(pk=shop["norway"].article_id).update(**change)

    assert "Shipping to Norway" not in _titles("shipping to Norway")


def test_the_right_passage_comes_first(shop):
    assert _titles("How much is shipping to Norway?")[0] == "Shipping to Norway"


def test_a_batch_costs_as_many_statements_as_one_question(shop, django_assert_max_num_queries):
    questions = [f"How much is label number {n}?" for n in range(16)]
    with django_assert_max_num_queries(13):
        assert len(HybridRetriever().retrieve(questions, viewer=CUSTOMER, top_k=4)) == 16


@pytest.mark.parametrize(
    "query", ["", "   ", "'", "a & | ! ()", ":*", "\\", "x" * 5000, "退货", "%s"]
)
def test_no_query_breaks_the_search(shop, query):
    assert HybridRetriever().retrieve([query], viewer=CUSTOMER, top_k=3) is not None


def test_what_the_model_has_no_words_for_is_found_by_words_alone(shop, monkeypatch):
    asked = ["How long does a refund take?", "Wie lange dauert ein refund?"]
    monkeypatch.setattr(HashingEmbedder, "knows", lambda self, texts: [True, False])
    english, other = HybridRetriever().retrieve(asked, viewer=CUSTOMER, top_k=5)

    assert all("dense" in one.lanes for one in english)
    assert other
    assert all(set(one.lanes) == {"lexical"} for one in other)
    assert dense_lane(asked, CUSTOMER)[1] == []


def test_accents_do_not_matter(db):
    from qa_engine.indexing import sync_article
    from tests.factories import publish_article

    sync_article(publish_article("Our café", "The café in Zürich opens at nine.").article_id)

    assert _titles("zurich cafe") == ["Our café"]
