"""BM25 in the database: the formula, its statistics, typing errors, codes and CJK."""

from __future__ import annotations

from math import exp, log

import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg.pq import PipelineStatus

from knowledge.types import CUSTOMER
from qa_engine import indexing, search_vectors
from qa_engine.lexical import (
    lexical_lane,
    lexical_queries,
    propose,
    proposing,
    visible_passages,
)
from qa_engine.lexical_query import LexicalQuery, Word
from qa_engine.models import LexicalStatistics, Passage, PassageTerms, Term
from qa_engine.protocols import ModelUnavailable
from tests.factories import publish_article


def _weights(passage):
    stored = PassageTerms.objects.get(pk=passage.pk).weights
    # pgvector's Python counts from 0, PostgreSQL from 1
    return {at + 1: weight for at, weight in zip(stored.indices(), stored.values(), strict=True)}


def _number(lexeme):
    with connection.cursor() as cursor:
        cursor.execute("SELECT qa_term(%s)", [lexeme])
        return cursor.fetchone()[0]


def _found(query):
    lane = lexical_lane([query], CUSTOMER)[0]
    titles = dict(Passage.objects.values_list("pk", "revision__title"))
    return [titles[pk] for pk, _ in lane]


def test_weights_are_bm25_of_the_head_and_of_the_passage(db):
    """Computed by hand. Odd numbers are of the head (k1 1.2, b .75), even ones of the passage
    (k1 .6, b .4).
    """
    search_vectors.LexicalStatistics.objects.create(
        passages=1, newest=10**9, mean_words=4, mean_head_words=2
    )
    revision = publish_article("Parcels", "Parcels cost money. Norway costs more money.")
    indexing.sync_article(revision.article_id)
    passage = Passage.objects.get()

    own = ["parcel", "parcel", "cost", "money", "norway", "cost", "money"]

    def saturated(count, length, mean, k1, b):
        return (k1 + 1) * count / (count + k1 * (1 - b + b * length / mean))

    weights = _weights(passage)
    for word, count in {"norway": 1, "money": 2, "parcel": 2}.items():
        expected = saturated(count, len(own), 4, k1=0.6, b=0.4)
        assert weights[2 * _number(word)] == pytest.approx(expected, abs=1e-3)
    in_head = saturated(1, 1, 2, k1=1.2, b=0.75)
    assert weights[2 * _number("parcel") - 1] == pytest.approx(in_head, abs=1e-3)
    assert 2 * _number("money") - 1 not in weights


def test_a_rare_word_weighs_more_and_one_that_all_hold_almost_nothing():
    query = LexicalQuery((Word("rare", 1, 1), Word("common", 2, 100)), (), 100)

    assert query.rarity(query.words[0]) == pytest.approx(log(1 + 99.5 / 1.5))
    assert query.rarity(query.words[1]) == pytest.approx(log(1 + 0.5 / 100.5))


def _words(count):
    return tuple(Word(f"word{number}", number, 1) for number in range(1, count + 1))


def test_a_pointed_question_looks_into_the_passage_and_a_description_at_the_head():
    shares = [LexicalQuery(_words(count), (), 100).head_share for count in (1, 8, 10, 13, 40)]

    assert shares == pytest.approx([0.2, 0.2, 0.38, 0.65, 0.65])


def test_what_the_head_counts_the_passage_does_not():
    query = LexicalQuery(_words(13), (), 100)

    weights = query.weights

    assert weights[1] == pytest.approx(0.65 * query.weight(query.words[0]))
    assert weights[1] + weights[2] == pytest.approx(query.weight(query.words[0]))


def test_a_description_need_not_find_all_of_its_words():
    pointed, describing = LexicalQuery(_words(8), (), 100), LexicalQuery(_words(13), (), 100)
    one = pointed.rarity(pointed.words[0])

    assert pointed.total == pytest.approx(8 * one)
    assert describing.total == pytest.approx(
        0.8 * sum(describing.weight(word) for word in describing.words)
    )


def test_a_descriptions_first_words_count_more_than_its_last():
    """Twice as much at the very start, less by a factor e every ten words."""
    words = (*_words(12), Word("late", 13, 1, places=(41, 42)))
    query = LexicalQuery(words, (), 100)
    first, last = (query.weight(word) / query.rarity(word) for word in (words[0], words[-1]))

    assert first == pytest.approx(1 + exp(-0.1))
    assert last == pytest.approx(1 + exp(-4.1))


def test_of_a_pointed_question_every_word_counts_by_its_rarity_alone():
    query = LexicalQuery(_words(8), (), 100)

    assert {query.weight(word) for word in query.words} == {query.rarity(query.words[0])}


def test_words_know_their_places_in_the_question_misspelt_ones_too(shop):
    words = lexical_queries(["shiping to norwey, not Sweden but Norway"])[0].words

    places = {word.lexeme: word.places for word in words}
    assert places["ship"] == (1,)
    assert places["sweden"] == (5,)
    assert places["norway"] in {(3,), (7,)}


def test_a_passage_without_a_head_scores_the_same_whatever_the_head_counts(db):
    revision = publish_article("—", "The parcel costs money in Norway.")
    indexing.sync_article(revision.article_id)
    weights = _weights(Passage.objects.get())

    for word in ("parcel", "money", "norway"):
        assert weights[2 * _number(word) - 1] == weights[2 * _number(word)] > 0


def test_common_words_propose_nothing_where_rarer_ones_do():
    words = (Word("fjord", 1, 3), Word("parcel", 2, 900), Word("shop", 3, 50_000))

    assert LexicalQuery(words, (), 60_000).any_of == "'fjord' | 'parcel'"


def test_of_common_words_two_together_propose():
    words = (Word("relic", 1, 3_000), Word("alert", 2, 4_000), Word("shop", 3, 50_000))

    assert LexicalQuery(words, (), 100_000).any_of == "('relic' & 'alert')"


def test_what_rare_words_leave_of_the_budget_is_for_pairs():
    words = (Word("fjord", 1, 300), Word("alert", 2, 4_000), Word("shop", 3, 5_000))

    assert LexicalQuery(words, (), 100_000).any_of == "'fjord' | ('alert' & 'shop')"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((Word("shop", 1, 50_000),), "'shop'"),
        ((Word("fjord", 1, 3), Word("shop", 2, 50_000)), "'fjord' | 'shop'"),
        ((Word("relic", 1, 1_001), Word("alert", 2, 1_002)), "'relic' | ('relic' & 'alert')"),
    ],
    ids=["one word", "a rare one and a common one", "two that hardly meet"],
)
def test_where_too_little_is_proposed_the_next_word_does_so_alone(words, expected):
    assert LexicalQuery(words, (), 100_000).any_of == expected


def test_words_that_meet_nowhere_find_what_holds_one_of_them(db, monkeypatch):
    """Both are too common to propose alone, and no passage has both."""
    monkeypatch.setattr("qa_engine.lexical_query.PROPOSED", 0)
    for number, body in enumerate(("A lamp.", "A stove.")):
        indexing.sync_article(publish_article(f"Note {number}", body).article_id)

    assert _found("lamp or stove") == ["Note 0"]


def test_words_are_counted_when_a_tenth_has_changed(shop):
    counted = LexicalStatistics.objects.get()
    assert counted.passages == Passage.objects.count()
    assert Term.objects.get(pk="norway").passages == 1
    assert search_vectors.count_words_if_stale() is False

    indexing.sync_article(publish_article("Norway again", "Norway, fjords.").article_id)

    assert Term.objects.get(pk="norway").passages == 2
    assert Term.objects.filter(pk="fjord").exists()


@pytest.mark.parametrize("query", ["shiping to norwey", "Shippnig cost Norwya"])
def test_typing_errors_are_forgiven(shop, query):
    assert _found(query)[0] == "Shipping to Norway"


def test_a_word_that_is_known_is_never_put_right(shop):
    assert [word.lexeme for word in lexical_queries(["return"])[0].words] == ["return"]
    assert lexical_queries(["return"])[0].unknown == ()


@pytest.mark.parametrize("query", ["FM-20417", "where is fm 20417", "fm20417?"])
def test_a_product_code_is_one_word_however_it_is_written(db, query):
    for code in ("FM-20417", "FM-20418", "FM-31417"):
        body = f"The tent {code} is out of stock."
        indexing.sync_article(publish_article(f"Tent {code}", body).article_id)

    assert _found(query)[0] == "Tent FM-20417"


def test_chinese_and_japanese_are_found_by_their_pairs(db):
    bodies = {
        "退货": "收到商品后三十天内可以退货。",
        "配送": "配送到挪威需要七天。",
        "返品": "商品は三十日以内に返品できます。",
    }
    for title, body in bodies.items():
        indexing.sync_article(publish_article(title, body).article_id)

    assert _found("多少天内可以退货")[0] == "退货"
    assert _found("返品できますか")[0] == "返品"


def test_a_long_query_of_common_words_is_answered(shop):
    assert _found("return " * 300 + "paypal refund")[0] == "When you get your refund"


def test_words_propose_while_something_else_is_done(db):
    for name in ("Norway", "Sweden"):
        revision = publish_article(f"Parcels to {name}", f"A parcel to {name} costs 9 euros.")
        indexing.sync_article(revision.article_id)
    visible, asked = visible_passages(CUSTOMER), lexical_queries(["parcel to Norway", "of the"])
    expected = propose(asked, visible, 5)
    assert [len(lane) for lane in expected] == [2, 0]

    pgconn = connection.connection.pgconn
    with proposing(asked, visible, 5) as proposed:
        assert pgconn.pipeline_status != PipelineStatus.OFF  # it is asked, and not waited for
        found = proposed()
    assert found == expected
    assert pgconn.pipeline_status == PipelineStatus.OFF
    with proposing(lexical_queries(["of the"]), visible, 5) as proposed:
        assert proposed() == [[]]


def test_whatever_fails_meanwhile_the_connection_goes_on(db):
    visible, asked = visible_passages(CUSTOMER), lexical_queries(["parcel"])
    with pytest.raises(ModelUnavailable), proposing(asked, visible, 5):
        raise ModelUnavailable("the device is gone")
    assert propose(asked, visible, 5) == [[]]
    with (
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        proposing(asked, ("SELECT nothing", ()), 5) as proposed,
    ):
        proposed()
    assert propose(asked, visible, 5) == [[]]
