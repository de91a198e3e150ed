"""What the engine does for the apps above it. They import nothing else of it but `types`.

Worker tier: `write_drafts`, `answer_question`, `warm_up`. Web tier: `answer_live`,
`engine_fingerprint`. Both: `sync_article`, `sync_together`, `sync_due`, which write
passages without a model and embeddings with one.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from celery.exceptions import CeleryError
from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from knowledge.types import Viewer
from qa_engine import tasks, wire
from qa_engine.answering import (
    answer_question,
    engine_fingerprint,
    prepare,
    remember_answers,
    replay,
    warm_up,
    write_drafts,
)
from qa_engine.calibrations import put_in_force, put_out_of_force, recalibrate
from qa_engine.citations import words_of
from qa_engine.claim_reading import count_unread, read_claims
from qa_engine.following import compare_version
from qa_engine.following_texts import OtherText, TextEdit, edits_in
from qa_engine.gap_plans import embed, embedder_fingerprint, plan_for_gap, redacted
from qa_engine.indexing import Outcome, sync_article, sync_due, sync_together
from qa_engine.languages import detect_language
from qa_engine.messages import sentences as sentences_of
from qa_engine.models import Passage
from qa_engine.policy import needs_a_person
from qa_engine.precedents import forget as forget_answers
from qa_engine.reviewing import close_settled, compare_articles, count_left, is_left
from qa_engine.suggesting.articles import Reply as AgentReply
from qa_engine.suggesting.articles import Traced as TracedReply
from qa_engine.suggesting.gaps import MOST_AT_ONCE, centroid, group, merged, most_central
from qa_engine.suggesting.gaps import Kept as KeptGroup
from qa_engine.suggesting.lessons import lessons_of, same_facts
from qa_engine.thresholds import (
    put_threshold_in_force,
    roll_back_threshold,
    threshold_in_force,
)
from qa_engine.training.evidence import passages_that_say
from qa_engine.turning import turn_round
from qa_engine.types import Answer
from qa_engine.versions import using

__all__ = [
    "MOST_AT_ONCE",
    "AgentReply",
    "KeptGroup",
    "OtherText",
    "Outcome",
    "TextEdit",
    "TracedReply",
    "answer_live",
    "answer_question",
    "centroid",
    "close_settled",
    "compare_articles",
    "compare_version",
    "count_left",
    "count_unread",
    "detect_language",
    "edits_in",
    "embed",
    "embedder_fingerprint",
    "engine_fingerprint",
    "forget_answers",
    "group",
    "is_indexed",
    "is_left",
    "lessons_of",
    "merged",
    "most_central",
    "needs_a_person",
    "passages_that_say",
    "plan_for_gap",
    "prepare",
    "put_in_force",
    "put_out_of_force",
    "put_threshold_in_force",
    "read_claims",
    "recalibrate",
    "redacted",
    "remember_answers",
    "replay",
    "roll_back_threshold",
    "same_facts",
    "sentences_of",
    "sync_article",
    "sync_due",
    "sync_together",
    "threshold_in_force",
    "turn_round",
    "using",
    "warm_up",
    "words_of",
    "write_drafts",
]

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.02
#: The broker or the result store cannot be reached, or nobody answered in time.
NO_ANSWER_NOW = (CeleryError, KombuError, RedisError, OSError)


def answer_live(question: str, *, viewer: Viewer, deadline: float | None = None) -> Answer | None:
    """The worker's answer while somebody waits; None past the deadline, or without a worker.

    The question expires with the deadline, so a worker that comes back does not spend its
    first minutes on people who have left.
    """
    seconds = settings.QA_LIVE_DEADLINE if deadline is None else deadline
    until = time.monotonic() + seconds
    try:
        result = tasks.answer_live.apply_async(
            (question, viewer.is_agent, viewer.groups), expires=seconds, retry=False
        )
        # Not `result.get`: it looks at its time limit once a second.
        while not result.ready() and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        data: Any = result.result if result.successful() else None
        result.forget()
    except NO_ANSWER_NOW as exc:
        logger.info("no live answer: %s", type(exc).__name__)
        return None
    return wire.from_json(data) if data else None


def is_indexed(revision_id: int) -> bool:
    """Whether drafts are written from this revision by now."""
    return Passage.objects.filter(revision=revision_id).exists()
