"""Which pictures an article shows, or might soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

if TYPE_CHECKING:
    from knowledge.models import ArticleImage  # noqa: F401 - in quotes below

#: Somebody may be writing the article that a picture was just uploaded for.
GRACE = timedelta(days=1)

#: The pictures that texts name which readers get, or will: what is published, what is being
#: written, reviewed or planned, and what is proposed. Each text is read once, however many
#: pictures there are.
_NAMED = """
SELECT (regexp_matches(said.text, 'images/([0-9a-f]{64})', 'g'))[1]
  FROM (SELECT body AS text FROM knowledge_revision
         WHERE id IN (SELECT head_id FROM knowledge_article
                      UNION SELECT published_revision_id FROM knowledge_article
                      UNION SELECT review_revision_id FROM knowledge_article
                      UNION SELECT revision_id FROM knowledge_scheduledpublication
                             WHERE state = 'waiting')
         UNION ALL SELECT body FROM knowledge_suggestion WHERE state = 'open'
         UNION ALL SELECT link.url FROM knowledge_link AS link
                     JOIN knowledge_articlelink AS held ON held.link_id = link.id) AS said
 WHERE said.text LIKE '%%images/%%'
"""


class ArticleImageQuerySet(models.QuerySet["ArticleImage"]):
    def used(self) -> Self:
        return self.filter(sha256__in=RawSQL(_NAMED, []))

    def unused(self, at: datetime | None = None) -> Self:
        """Named by no text that is or will be shown, and older than a day."""
        old = (at or timezone.now()) - GRACE
        return self.filter(created_at__lt=old).exclude(sha256__in=RawSQL(_NAMED, []))
