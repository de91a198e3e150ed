"""Which passages are read for a question. Imports no Django.

A question is looked up with what surrounds it ("Is this covered?" says nothing alone), and,
where something does, by itself too: a subject about refunds must not hide the article about
returns. Both rankings count; all questions of a batch share one retrieval.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from knowledge.types import Viewer
from qa_engine.answer_types import hints
from qa_engine.protocols import Retriever
from qa_engine.questions import Question
from qa_engine.types import Candidate

TOP_K = 10
# How far down each ranking is read: what one has high and the other lower can still win.
DEPTH = 24
# How much the question by itself counts. Measured on the demo shop's fitting questions: of 38
# with another matter's question before them 24 found their passage without this, 34 with it,
# and none of the 64 with a context of their own was lost.
ALONE = 0.5


def propose(
    retriever: Retriever,
    questions: Sequence[Question],
    viewer: Viewer,
    without: Collection[int] = (),
) -> list[list[Candidate]]:
    """For each question at most `TOP_K` passages, best first.

    `without` leaves articles out, as if nobody had written them; for calibration.
    """
    whole = [_query(question.query, question) for question in questions]
    alone = [_query(question.text, question) for question in questions]
    queries = list(dict.fromkeys([*whole, *alone]))
    depth = DEPTH + 3 * len(without)
    found = {
        query: [one for one in candidates if one.article_id not in without][:DEPTH]
        for query, candidates in zip(
            queries, retriever.retrieve(queries, viewer=viewer, top_k=depth), strict=True
        )
    }
    return [
        _merged(found[first], found[second])[:TOP_K] if first != second else found[first][:TOP_K]
        for first, second in zip(whole, alone, strict=True)
    ]


def _query(text: str, question: Question) -> str:
    return f"{text} {hints(question.text)}".strip()


def _merged(whole: Sequence[Candidate], alone: Sequence[Candidate]) -> list[Candidate]:
    """Both rankings in one; what one did not rank counts there as its last."""
    if not whole or not alone:
        return [*(whole or alone)]
    by_whole = {one.passage_id: one.score for one in whole}
    by_alone = {one.passage_id: one.score for one in alone}
    candidates = {one.passage_id: one for one in [*alone, *whole]}
    merged = [
        replace(
            one,
            score=(1 - ALONE) * by_whole.get(passage_id, whole[-1].score)
            + ALONE * by_alone.get(passage_id, alone[-1].score),
        )
        for passage_id, one in candidates.items()
    ]
    return sorted(merged, key=lambda one: (-one.score, one.passage_id))
