"""Nightly: what articles point to is read and looked at, in steps that hold up nobody's mail.

The first step reads new texts and looks up what lies inside. Each further one asks a few servers
outside, one address each, and queues the next: so no server is asked twice within a second or
two, and a night that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
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


def check_links(claimed: Sequence[Job]) -> dict[int, str]:
    """The handler: keys are a day, then "day:step"."""
    for job in claimed:
        day, _colon, step = job.key.partition(":")
        if not step:
            read = links.read_links()
            broken = links.check_inside()
            log.info("links_read", articles=read, broken_inside=broken)
        is_more = settings.CHECK_OUTSIDE_LINKS and ask_servers()
        number = int(step or 0) + 1
        with transaction.atomic():
            jobs.finish([job])
            if is_more and number < STEPS:
                jobs.enqueue(Job.Kind.LINKS, f"{day}:{number}", run_at=timezone.now() + PAUSE)
    return {}


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
