"""What is worked out once and kept changes no answer, and does not grow without end."""

from __future__ import annotations

import unicodedata

import pytest

from knowledge.types import CUSTOMER
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.backends.sentence_reader import SentenceReader
from qa_engine.backends.vectors import VectorCache, cosines
from qa_engine.markdown import Kind
from qa_engine.pipeline import Engine
from qa_engine.text import fold
from qa_engine.told import Words, told
from qa_engine.types import Candidate, DraftRequest
from qa_engine.writer import ExtractiveWriter

BODIES = [
    "Unworn items can be returned within 30 days of delivery. Send them to the Rotterdam store.",
    "A refund to PayPal takes one working day. A refund to a card takes three working days.",
    "Parcels to Norway take four to six working days and cost €14.90.",
]
QUESTIONS = [
    "How long may I return an item?",
    "How long does a refund to PayPal take?",
    "What does a parcel to Norway cost?",
    "Is there a shop in Lisbon?",
]


class Shelf:
    """Proposes every body to every question."""

    def retrieve(self, queries, *, viewer, top_k):
        assert viewer == CUSTOMER
        found = [
            Candidate(
                n, n, n, f"Article {n}", "", body, 0, len(body), 1.0 / n, {"dense": 0.5}, body
            )
            for n, body in enumerate(BODIES, start=1)
        ]
        return [found[:top_k] for _ in queries]

    def rarity(self, words, *, viewer):
        return dict.fromkeys(words, 0.7)


def test_a_batch_of_32_writes_what_one_at_a_time_writes():
    requests = [
        DraftRequest(
            text=QUESTIONS[number % len(QUESTIONS)], requester_name=f"Name{chr(97 + number % 26)}"
        )
        for number in range(32)
    ]

    def engine():
        return Engine(Shelf(), SentenceReader(HashingEmbedder()), ExtractiveWriter(), 0.05)

    one = engine()
    alone = [one.write_drafts([request])[0] for request in requests]
    together = engine().write_drafts(requests)

    assert any(draft.body for draft in together)
    for first, second in zip(alone, together, strict=True):
        assert (first.body, first.reason) == (second.body, second.reason)
        assert first.sentences == second.sentences
        assert first.confidence == pytest.approx(second.confidence, abs=1e-9)


@pytest.mark.parametrize("text", ["Plain ASCII, 14 Days", "Größe – Ångström’s €5", "é", "退货 ﬁ"])
def test_folding_keeps_its_definition(text):
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("’", "'"))
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    assert fold(text) == bare.lower()


def test_kept_vectors_are_bounded_and_the_last_used_stay():
    asked: list[str] = []

    def embed(texts):
        asked.extend(texts)
        return HashingEmbedder().embed_passages(texts)

    cache = VectorCache(embed, most=2)
    cache.get(["a refund"])
    cache.get(["a parcel"])
    cache.get(["a refund"])
    cache.get(["a voucher"])

    assert len(cache) == 2
    assert asked == ["a refund", "a parcel", "a voucher"]
    cache.get(["a refund"])
    assert asked == ["a refund", "a parcel", "a voucher"]


def test_cosines_are_those_of_the_vectors():
    texts = ["a refund", "a parcel to Norway"]
    vectors = VectorCache(HashingEmbedder().embed_passages, most=9).get(texts)
    [query] = HashingEmbedder().embed_queries(["refunds"])
    exact = [
        sum(a * b for a, b in zip(query, other, strict=True))
        for other in HashingEmbedder().embed_passages(texts)
    ]

    assert cosines(query, vectors, texts) == pytest.approx(exact, abs=1e-6)
    assert cosines(query, vectors, []) == []


def test_what_a_sentence_tells_does_not_depend_on_the_question():
    tells = told("Repairs", "Within 10 to 15 days, repairs are free.", Kind.PARAGRAPH, "")

    assert tells.says(12)
    assert not tells.says(16)
    assert tells.own.among(Words.of(frozenset({"repair", "parcel"}))) == {"repair"}
