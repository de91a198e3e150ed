"""Keeps the engine's passages, waiting drafts and suggestions in step with the articles,
one job an article. Their passages are embedded together.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.models import Job
from helpdesk.redrafting import redraft_touched
from knowledge.services.suggestions import rebase_open
from qa_engine import services as engine


def index_articles(claimed: Sequence[Job]) -> dict[int, str]:
    article_ids = list(dict.fromkeys(int(job.key) for job in claimed))
    engine.sync_together(article_ids)
    for article_id in article_ids:
        rebase_open(article_id)
        redraft_touched(article_id)
    return {}
