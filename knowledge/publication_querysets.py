"""Which publications: those of the past, and those that are planned."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from knowledge.readers import meant_for
from knowledge.types import Viewer

if TYPE_CHECKING:
    from knowledge.models import Publication, ScheduledPublication  # noqa: F401 - in quotes below


class PublicationQuerySet(models.QuerySet["Publication"]):
    def shown_at(self, at: datetime, viewer: Viewer) -> Self:
        """What `viewer` could have read at that moment."""
        return self.filter(
            meant_for(viewer),
            Q(shown_until=None) | Q(shown_until__gt=at),
            Q(valid_from=None) | Q(valid_from__lte=at),
            Q(valid_until=None) | Q(valid_until__gt=at),
            shown_from__lte=at,
        )

    def changed_since(self, at: datetime) -> Self:
        """Those of articles that anybody saw otherwise at some moment since."""
        changed = self.filter(
            Q(shown_from__gt=at)
            | Q(shown_until__gt=at)
            | Q(valid_from__gt=at)
            | Q(valid_until__gt=at)
        )
        return self.filter(article__in=changed.values("article"))


class ScheduledPublicationQuerySet(models.QuerySet["ScheduledPublication"]):
    def waiting(self) -> Self:
        return self.filter(state=self.model.State.WAITING)

    def due(self, at: datetime) -> Self:
        return self.waiting().filter(due_at__lte=at)
