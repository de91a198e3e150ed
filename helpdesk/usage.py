"""How far answers rest on each article, counted for the knowledge base below."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from helpdesk.models import DraftDecision
from knowledge.models import ArticleUse

#: Older drafts say little about the article as it is.
DAYS = 90

_COUNT = """
INSERT INTO knowledge_articleuse
       (article_id, drafts, decided, accepted, last_quoted_at, counted_at)
SELECT revision.article_id, count(DISTINCT draft.id), count(DISTINCT decision.draft_id),
       count(DISTINCT decision.draft_id) FILTER (WHERE decision.verdict = ANY(%(right)s)),
       max(draft.created_at), %(now)s
  FROM helpdesk_draft AS draft
  JOIN helpdesk_citation AS citation ON citation.draft_id = draft.id
  JOIN knowledge_revision AS revision ON revision.id = citation.revision_id
  LEFT JOIN helpdesk_draftdecision AS decision ON decision.draft_id = draft.id
 WHERE draft.created_at >= %(since)s
 GROUP BY revision.article_id
ON CONFLICT (article_id) DO UPDATE
   SET drafts = EXCLUDED.drafts, decided = EXCLUDED.decided, accepted = EXCLUDED.accepted,
       last_quoted_at = greatest(knowledge_articleuse.last_quoted_at, EXCLUDED.last_quoted_at),
       counted_at = EXCLUDED.counted_at
"""


@transaction.atomic
def count_use() -> int:
    """Count the drafts of the last months that quote each article; return of how many.

    An article that was quoted before, but not lately, keeps the day it was quoted last.
    """
    now = timezone.now()
    values: dict[str, Any] = {
        "since": now - timedelta(days=DAYS),
        "now": now,
        "right": sorted(DraftDecision.RIGHT),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        counted = int(cursor.rowcount)
    ArticleUse.objects.filter(counted_at__lt=now).update(
        drafts=0, decided=0, accepted=0, counted_at=now
    )
    return counted
