"""Which passages are read for a question. Imports no Django.

A question is looked up with what it leans on ("Is this covered?" says nothing alone), by
itself (a subject about refunds must not hide the article about returns), and by the whole
message that asks it ("What does it cost?" is about what the message is about). All rankings
count; all questions of a batch share one retrieval.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from knowledge.types import Viewer
from qa_engine.answer_types import hints
from qa_engine.protocols import Retriever
from qa_engine.questions import Question
from qa_engine.types import Candidate

# Of 303 questions of the tickets to fit to, the answer is among the first 20 passages for 286,
# among the first 10 for 267; of ten without the message's ranking, for 256.
TOP_K = 20
# How far down each ranking is read: what one has high and the others lower can still win.
DEPTH = 24
# What each ranking counts: with the context, alone, of the message. What stands alone is helped
# less by its message, and hidden by it where the message asks about two matters. Measured on
# those tickets; a tenth more or less makes a difference of two questions.
LEANS = (0.4, 0.2, 0.4)
STANDS_ALONE = (0.6, 0.2, 0.2)


def propose(
    retriever: Retriever,
    questions: Sequence[Question],
    viewer: Viewer,
    without: Collection[int] = (),
) -> list[list[Candidate]]:
    """For each question at most `TOP_K` passages, best first.

    `without` leaves articles out, as if nobody had written them; for calibration.
    """
    asked = [_queries(question) for question in questions]
    queries = list(dict.fromkeys(query for weights in asked for query in weights))
    depth = DEPTH + 3 * len(without)
    found = {
        query: [one for one in candidates if one.article_id not in without][:DEPTH]
        for query, candidates in zip(
            queries, retriever.retrieve(queries, viewer=viewer, top_k=depth), strict=True
        )
    }
    return [
        _merged([(found[query], weight) for query, weight in weights.items()]) for weights in asked
    ]


def _queries(question: Question) -> dict[str, float]:
    """Each text that is looked up, with what its ranking counts."""
    hint = hints(question.text)
    whole = f"{question.query} {hint}"
    texts = (whole, f"{question.text} {hint}", question.message or whole)
    weights: dict[str, float] = {}
    for text, weight in zip(texts, LEANS if question.context else STANDS_ALONE, strict=True):
        weights[text.strip()] = weights.get(text.strip(), 0.0) + weight
    return weights


def _merged(rankings: Sequence[tuple[Sequence[Candidate], float]]) -> list[Candidate]:
    """The best of all rankings; what one did not rank counts there as its last."""
    rankings = [(found, weight) for found, weight in rankings if found]
    total = sum(weight for _, weight in rankings)
    scores = [{one.passage_id: one.score for one in found} for found, _ in rankings]
    candidates = {one.passage_id: one for found, _ in reversed(rankings) for one in found}
    weighed = [
        (by, weight, found[-1].score) for by, (found, weight) in zip(scores, rankings, strict=True)
    ]
    merged = [
        (-sum([weight * by.get(one, last) for by, weight, last in weighed]) / total, one)
        for one in candidates
    ]
    best = sorted(merged)[:TOP_K]
    return [replace(candidates[passage_id], score=-score) for score, passage_id in best]
