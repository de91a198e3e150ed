"""Keeps the engine's passages, waiting drafts and suggestions in step with the articles,
one job an article.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.models import Job
from helpdesk.redrafting import redraft_touched
from knowledge.services.suggestions import rebase_open
from qa_engine import services as engine


def index_articles(claimed: Sequence[Job]) -> dict[int, str]:
    for job in claimed:
        article_id = int(job.key)
        engine.sync_article(article_id)
        rebase_open(article_id)
        redraft_touched(article_id)
    return {}
