"""The passages to read for a question, in the order of a model that reads both together.

What a retriever proposes is near the question by its words and by its vector, each made
without the other text. A cross-encoder reads both at once and costs a pass for every
passage, so it is asked about the few that were proposed. Imports no Django.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

from qa_engine import indexable
from qa_engine.protocols import ModelUnavailable, Reranker
from qa_engine.questions import Question
from qa_engine.types import Candidate

log = logging.getLogger(__name__)

#: Names how the two rankings are mixed, and what the model is given to read.
RECIPE = "reranking/1"
#: What its score is called among a candidate's lanes.
LANE = "reranker"
# The share of the cross-encoder's places; the rest is the retriever's. Places, not scores: a
# model that learnt to pick one of a list gives numbers that mean something in that list alone.
# A little more than half, so that of two neighbours the one decides that read both texts; no
# more, so that a model that is wrong about one passage cannot bury what words and meaning
# both found.
SHARE = 0.6
# A model that cannot be loaded is left alone for so many seconds: each try may ask a hub.
RETRY_SECONDS = 60.0


class Reranking:
    """A reranker that costs no draft: where it cannot be had, the order stays as it was."""

    def __init__(self, reranker: Reranker) -> None:
        self.reranker = reranker
        self._problem = ""
        self._tried_at = 0.0
        # Each reason is logged once a process, not once a ticket.
        self._logged: set[str] = set()

    @property
    def fingerprint(self) -> str:
        return named(self.reranker.fingerprint)

    def problem(self) -> str:
        """Why it cannot be asked now; empty where it can. Loads the model, in the worker."""
        if self._problem and time.monotonic() - self._tried_at < RETRY_SECONDS:
            return self._problem
        try:
            self.reranker.warm_up()
            log.debug("reranking by %s", self.fingerprint)  # which may be unavailable, too
        except ModelUnavailable as exc:
            self._failed(str(exc))
        else:
            self._problem = ""
        return self._problem

    def rerank(
        self, questions: Sequence[Question], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[Candidate]]:
        """Each question's candidates in the mixed order; all pairs of the batch together."""
        pairs = [
            (question.query, indexable.passage(one.title, one.heading_path, one.text))
            for question, found in zip(questions, candidates, strict=True)
            for one in found
        ]
        try:
            scores = iter(self.reranker.score(pairs) if pairs else ())
        except ModelUnavailable as exc:
            self._failed(str(exc))
            return [list(found) for found in candidates]
        return [mixed(found, [next(scores) for _ in found]) for found in candidates]

    def _failed(self, problem: str) -> None:
        self._problem, self._tried_at = problem, time.monotonic()
        if problem not in self._logged:
            self._logged.add(problem)
            log.warning("reranker unavailable: %s Passages stay in their order.", problem)


def named(reranker: str) -> str:
    """The fingerprint of reranking by the model with this one."""
    return f"{RECIPE}+{reranker}"


def mixed(candidates: Sequence[Candidate], scores: Sequence[float]) -> list[Candidate]:
    """The candidates in the order of both rankings; best first, as they must come.

    The first gets the first's score, and so on down: what reads them was fitted to scores of a
    retriever, of that size and that far apart.
    """
    places = {
        at: place
        for place, at in enumerate(sorted(range(len(scores)), key=lambda at: -scores[at]))
    }
    order = sorted(places, key=lambda at: (SHARE * places[at] + (1 - SHARE) * at, at))
    return [
        replace(
            candidates[at],
            score=candidates[place].score,
            lanes={**candidates[at].lanes, LANE: scores[at]},
        )
        for place, at in enumerate(order)
    ]
