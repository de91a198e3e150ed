"""Which passages are read for a question that stands beside another matter."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.types import CUSTOMER, Viewer
from qa_engine.answer_types import hints
from qa_engine.proposing import TOP_K, propose
from qa_engine.questions import Question
from qa_engine.types import Candidate


class Rankings:
    """Answers each query with the ranking written down for it, and counts how it is asked."""

    def __init__(self, by_query: dict[str, list[Candidate]]) -> None:
        self.by_query = by_query
        self.asked: list[list[str]] = []

    def retrieve(
        self, queries: Sequence[str], *, viewer: Viewer, top_k: int
    ) -> list[list[Candidate]]:
        self.asked.append(list(queries))
        return [self.by_query[query][:top_k] for query in queries]

    def rarity(self, words: Sequence[str], *, viewer: Viewer) -> dict[str, float]:
        return {}


def _passage(number: int, score: float) -> Candidate:
    return Candidate(
        number, number, number, f"Article {number}", "", "Said.", 0, 5, score, {}, "Said."
    )


def _with_hints(question: Question) -> set[str]:
    """The question as it is looked up: with words of the answers that it asks for."""
    return {f"{question.text} {hints(question.text)}".strip()}


QUESTION = Question("May I return it", "Refunds are slow.")


def test_what_the_question_alone_finds_is_read_though_its_context_hides_it():
    others = [_passage(number, 0.9 - number / 100) for number in range(1, 25)]
    wanted = _passage(99, 0.8)
    retriever = Rankings({QUESTION.query: others, QUESTION.text: [wanted, _passage(1, 0.2)]})

    [found] = propose(retriever, [QUESTION], CUSTOMER)

    assert len(found) == TOP_K
    assert 99 in [one.article_id for one in found]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_what_needs_its_context_is_still_found_by_it():
    wanted = _passage(7, 0.9)
    weak = [_passage(number, 0.3) for number in range(20, 30)]
    retriever = Rankings({QUESTION.query: [wanted, *weak], QUESTION.text: weak})

    [found] = propose(retriever, [QUESTION], CUSTOMER)

    assert found[0].article_id == 7


def test_what_the_message_is_about_decides_where_the_question_does_not_tell():
    asked = Question("What does it cost?", "", "Gift wrap My present needs paper.")
    about = {"What does it cost?": [_passage(1, 0.6), _passage(2, 0.5)]}
    about[asked.message] = [_passage(2, 0.9), _passage(3, 0.4)]
    retriever = Rankings(about)
    retriever.by_query |= dict.fromkeys(_with_hints(asked), about["What does it cost?"])

    [found] = propose(retriever, [asked], CUSTOMER)

    assert [one.article_id for one in found] == [2, 1, 3]


def test_a_batch_is_one_retrieval_and_no_query_is_asked_twice():
    plain = Question("May boots be resoled")
    ranking = [_passage(1, 0.5)]
    retriever = Rankings(dict.fromkeys((QUESTION.query, QUESTION.text, plain.text), ranking))

    propose(retriever, [QUESTION, plain, plain], CUSTOMER)

    assert [sorted(queries) for queries in retriever.asked] == [
        sorted({QUESTION.query, QUESTION.text, plain.text})
    ]


def test_articles_that_are_left_out_are_nowhere():
    retriever = Rankings({QUESTION.query: [_passage(1, 0.9)], QUESTION.text: [_passage(2, 0.9)]})

    [found] = propose(retriever, [QUESTION], CUSTOMER, {1, 2})

    assert found == []


def test_nothing_asked_is_nothing_found():
    assert propose(Rankings({}), [], CUSTOMER) == []
