"""Which links: those that lead nowhere, inside and outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef

if TYPE_CHECKING:
    from knowledge.models import ArticleLink, Link  # noqa: F401 - in quotes below


class ArticleLinkQuerySet(models.QuerySet["ArticleLink"]):
    def broken(self) -> Self:
        """In the texts that readers see."""
        return self.filter(
            link__state="broken",
            article__state="published",
            revision=F("article__published_revision"),
        )


class LinkQuerySet(models.QuerySet["Link"]):
    def external(self) -> Self:
        return self.filter(kind=self.model.Kind.EXTERNAL)

    def internal(self) -> Self:
        """With whether an article that everybody reads points there, one for groups, or none."""
        from knowledge.models import ArticleLink

        pointing = ArticleLink.objects.filter(link=OuterRef("pk"))
        return self.filter(kind=self.model.Kind.INTERNAL).annotate(
            is_for_readers=Exists(pointing.filter(article__visibility="public")),
            is_for_groups=Exists(pointing.filter(article__visibility="restricted")),
        )
