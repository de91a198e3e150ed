"""Which passages and which index: every filter with a meaning has its name here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from knowledge.readers import meant_for
from knowledge.types import Viewer

if TYPE_CHECKING:
    from qa_engine.models import (  # noqa: F401 (in the base's brackets)
        EmbeddingIndex,
        Passage,
        PassageEmbedding,
    )


class PassageQuerySet(models.QuerySet["Passage"]):
    def current(self, at: datetime | None = None) -> Self:
        """Of the revision that shows at that moment (default: now).

        Checked against the article itself: between a publication and the sync that
        follows it, the passages of the old revision are still here and must not speak.
        """
        at = at or timezone.now()
        return self.filter(
            Q(article__valid_from=None) | Q(article__valid_from__lte=at),
            Q(article__valid_until=None) | Q(article__valid_until__gt=at),
            article__state="published",
            revision=F("article__published_revision"),
        )

    def visible_to(self, viewer: Viewer, at: datetime | None = None) -> Self:
        """What an answer to `viewer` may quote: agents get internal articles too."""
        return self.current(at).filter(meant_for(viewer, "article__"))


class EmbeddingIndexQuerySet(models.QuerySet["EmbeddingIndex"]):
    def active(self) -> EmbeddingIndex | None:
        """The one that retrieval reads, if any was ever completed."""
        from qa_engine import versions

        if (tried := versions.tried("retriever")) is not None:
            return self.filter(model=tried).order_by("-pk").first()
        return self.filter(state="active").first()


class PassageEmbeddingQuerySet(models.QuerySet["PassageEmbedding"]):
    def whole_in(self, index: EmbeddingIndex) -> Self:
        """What that index needs no more work for: with the tokens, where its model tells them."""
        own = self.filter(index=index)
        return own.exclude(tokens=None) if index.token_width else own
