"""Nightly: what articles point to is read and looked at, in steps that hold up nobody's mail.

First steps read new texts, then some look up what lies inside; each further one asks a few servers
outside, one address each. A step queues the next, whose key says where it goes on: so no server
is asked twice within a second or two, drafts are served in between, and a night that was stopped
goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from helpdesk import jobs
from helpdesk.models import Job
from knowledge.linking.fetching import ask
from knowledge.services import links

log = structlog.get_logger(__name__)

#: Servers asked in one step, and seconds after which it starts no further request.
SERVERS = 20
STEP = 40
#: Between two steps, and so at least between two requests to one server.
PAUSE = timedelta(seconds=2)
#: Of one night; what is left waits for the next.
STEPS = 2000
AGENT = "DraftdeskLinkCheck/1"
#: How long a step reads texts or looks up addresses inside.
STEP_SECONDS = 10
READ, INSIDE = "read", "inside"
#: Each takes behind which row it goes on; gives how many it found, and where the next goes on.
STAGES: dict[str, Callable[[int], tuple[int, int | None]]] = {
    READ: links.read_some,
    INSIDE: links.check_some_inside,
}


def check_links(claimed: Sequence[Job]) -> dict[int, str]:
    """The handler: keys are a day, "day:read:article", "day:inside:link", then "day:step"."""
    for job in claimed:
        day, _colon, place = job.key.partition(":")
        following = _go_on(place or f"{READ}:0")
        with transaction.atomic():
            jobs.finish([job])
            if following:
                pause = PAUSE if following.isdigit() else timedelta(0)
                run_at = timezone.now() + pause
                jobs.enqueue(Job.Kind.LINKS, f"{day}:{following}", run_at=run_at)
    return {}


def _go_on(place: str) -> str:
    """Work from there for some seconds; where the next job goes on, if there is more to do."""
    started = time.monotonic()
    while not place.isdigit():
        stage, _colon, after = place.partition(":")
        found, rest = STAGES[stage](int(after))
        log.info("links_worked_through", stage=stage, after=after, found=found)
        following = f"{INSIDE}:0" if stage == READ else "0"
        place = following if rest is None else f"{stage}:{rest}"
        if time.monotonic() - started >= STEP_SECONDS:
            return place
    step = int(place) + 1
    is_more = settings.CHECK_OUTSIDE_LINKS and ask_servers()
    return str(step) if is_more and step < STEPS else ""


def ask_servers() -> bool:
    """Ask a few, each once; whether any was left to ask."""
    started = time.monotonic()
    due = links.due_outside(SERVERS)
    agent = f"{AGENT} (+{settings.SITE_URL})"
    for link in due:
        if time.monotonic() - started > STEP:
            break
        links.record(link, ask(link.url, agent=agent))
    return bool(due)
