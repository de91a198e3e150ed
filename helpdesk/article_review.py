"""Nightly: articles that show their age, and those that say the same as another.

Each becomes a suggestion with its reasons. Each kind of reason is a step that commits by
itself, and so are some texts that are read for what they claim, and each article that is
compared; after some seconds the rest is queued, so that other jobs get their turn and a night
that was stopped goes on. Runs in the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import structlog
from django.utils import timezone

from helpdesk import contradicted, effects, jobs
from helpdesk import staleness as of_drafts
from helpdesk.following import SETTLE
from helpdesk.models import Job
from knowledge import staleness
from knowledge.exceptions import KnowledgeError
from knowledge.proposals import Origin, Proposal
from knowledge.services.suggestions import propose, supersede_unless
from qa_engine import services as engine

#: The key of the job that goes on with what is left to compare, and how long a step takes.
REST = "rest"
STEP_SECONDS = 20

log = structlog.get_logger(__name__)

#: What the names of its facts begin with, and what finds them.
SIGNS: dict[str, Callable[[datetime], Iterator[Proposal]]] = {
    staleness.EXPIRED: staleness.expired,
    staleness.TO_REVIEW: staleness.to_review,
    staleness.UNHELPFUL: staleness.unhelpful,
    of_drafts.CHANGED_DRAFTS: of_drafts.often_changed,
}


def review_articles(claimed: Sequence[Job]) -> dict[int, str]:
    """The handler of the nightly job, and of what it leaves over."""
    for job in claimed:
        if job.key != REST:
            for facts in SIGNS:
                find_stale(facts)
            engine.close_settled()
        started = time.monotonic()
        read = engine.read_claims(seconds=STEP_SECONDS)
        if read and time.monotonic() - started >= STEP_SECONDS:
            jobs.enqueue(Job.Kind.REVIEW, REST)
            continue
        compared = engine.compare_articles(seconds=STEP_SECONDS)
        log.info("articles_compared", count=compared, read=read)
        contradicted.hold_waiting()
        jobs.enqueue(Job.Kind.SOURCE, SETTLE)  # what agrees now holds nothing back any more
        if compared and engine.is_left():
            jobs.enqueue(Job.Kind.REVIEW, REST)
        else:
            effects.price_open()
    return {}


def find_stale(facts: str, at: datetime | None = None) -> int:
    """Propose what shows this sign of age, close what does not any more; how many show it."""
    needed: set[tuple[int, str]] = set()
    opened = 0
    for proposal in SIGNS[facts](at or timezone.now()):
        try:
            proposed = propose(proposal)
        except KnowledgeError as error:  # the article went on meanwhile
            log.info("not_proposed", fact=proposal.fact_key, error=type(error).__name__)
            continue
        if (article_id := proposed.suggestion.article_id) is not None:
            needed.add((article_id, proposal.fact_key))
        opened += proposed.is_new
    closed = supersede_unless(origin=Origin.REVIEW, facts=facts, needed=needed)
    log.info("stale_articles", sign=facts, found=len(needed), opened=opened, closed=closed)
    return len(needed)
