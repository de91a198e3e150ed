"""Keeps the engine's passages in step with the articles, one job an article."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.models import Job
from qa_engine import services as engine


def index_articles(claimed: Sequence[Job]) -> dict[int, str]:
    for job in claimed:
        engine.sync_article(int(job.key))
    return {}
