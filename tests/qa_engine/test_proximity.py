"""Of two passages with the same words the one comes first where they stand together."""

from __future__ import annotations

import pytest

from knowledge.types import CUSTOMER
from qa_engine import indexing, proximity
from qa_engine.lexical_query import LexicalQuery, Word
from qa_engine.models import EmbeddingIndex
from qa_engine.proximity import Places, Pointed, closest_first, in_order, together
from qa_engine.retrieval import HybridRetriever
from qa_engine.search_vectors import word_places
from tests.factories import publish_article

# "gift wrap for a parcel": two words that are neighbours, one three places on.
ASKED = LexicalQuery(
    (Word("gift", 1, 1, (1,)), Word("wrap", 2, 1, (2,)), Word("parcel", 3, 1, (5,))), (), 100
)

LOOKED_FOR = Pointed.of(ASKED)


def _places(**words):
    return Places.of((lexeme, list(at), False) for lexeme, at in words.items())


def test_words_in_one_window_are_together_and_scattered_ones_are_not():
    assert together(LOOKED_FOR, _places(gift=[3], wrap=[9], parcel=[14])) == pytest.approx(1)
    assert together(LOOKED_FOR, _places(gift=[3], wrap=[9], parcel=[15])) == pytest.approx(2 / 3)
    assert together(LOOKED_FOR, _places(gift=[3], wrap=[30], parcel=[60])) == pytest.approx(1 / 3)
    assert together(LOOKED_FOR, Places()) == 0


def test_a_word_said_twice_in_a_window_counts_once():
    assert together(LOOKED_FOR, _places(gift=[3, 5, 7])) == pytest.approx(1 / 3)


def test_what_stands_above_stands_beside_every_sentence():
    places = _places(wrap=[90])
    places.add("gift", [1], is_above=True)
    places.add("parcel", [4, 200], is_above=True)

    assert together(LOOKED_FOR, places) == pytest.approx(1)


@pytest.mark.django_db
def test_the_summary_is_no_sentence_of_the_passage():
    [found] = word_places([("Wrapping", "", "A parcel.", "A gift.")])

    assert found == [("parcel", [3], False), ("wrap", [1], True)]


def test_pairs_count_in_their_order_and_as_close_as_they_were_asked():
    """Its pairs are "gift wrap" and "wrap … parcel", of equal weight."""
    assert in_order(LOOKED_FOR, _places(gift=[7], wrap=[8], parcel=[11])) == pytest.approx(1)
    assert in_order(LOOKED_FOR, _places(gift=[7], wrap=[8], parcel=[12])) == pytest.approx(1 / 2)
    assert in_order(LOOKED_FOR, _places(gift=[8], wrap=[7], parcel=[30])) == 0
    assert in_order(LOOKED_FOR, _places(gift=[7], wrap=[9])) == 0


def test_words_far_apart_in_the_question_are_no_pair():
    far = LexicalQuery((Word("gift", 1, 1, (1,)), Word("wrap", 2, 1, (9,))), (), 100)

    assert in_order(Pointed.of(far), _places(gift=[7], wrap=[8])) == 0


def test_what_was_not_looked_at_stays_behind(shop, monkeypatch):
    """Also where its score is higher than what closeness leaves to those that were."""
    monkeypatch.setattr(proximity, "LOOKED_AT", 1)
    ranked = [(-1, 0.9, {"lexical": 1.0}), (-2, 0.8, {"lexical": 0.9})]

    [again] = closest_first([ASKED], [ranked], 0.5)

    assert [passage_id for passage_id, _, _ in again] == [-1, -2]
    assert again[0][1] == again[1][1] == pytest.approx(0.9 - 0.5 * 0.6)


def test_a_long_descriptions_ranking_stays_as_it_is(shop, django_assert_num_queries):
    words = tuple(Word(f"word{number}", number, 1, (number,)) for number in range(1, 14))
    ranked = [(-1, 0.9, {"lexical": 1.0})]

    with django_assert_num_queries(0):
        assert closest_first([LexicalQuery(words, (), 100)], [ranked], 0.5) == [ranked]


def test_the_passage_with_the_answer_in_one_sentence_comes_first(db):
    """By words alone: both hold the same words equally often in equally many."""
    filler = "Parcels leave the warehouse every day at noon with all of our carriers. " * 3
    one = f"A voucher bought in Norway expires never. {filler} Snow falls. Fees apply."
    apart = f"A voucher helps. {filler} Snow falls in Norway. Fees bought time. It expires never."
    for number, body in enumerate((apart, one)):
        indexing.sync_article(publish_article(f"Note {number}", body).article_id)
    EmbeddingIndex.objects.all().delete()

    [found] = HybridRetriever().retrieve(
        ["When expires a voucher bought in Norway?"], viewer=CUSTOMER, top_k=2
    )

    assert [candidate.text[:20] for candidate in found] == [one[:20], apart[:20]]
    assert found[0].lanes["lexical"] == pytest.approx(found[1].lanes["lexical"], abs=0.02)
    assert found[0].score > found[1].score + 0.1
