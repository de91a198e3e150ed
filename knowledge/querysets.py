"""Which rows: every filter of the knowledge base that has a meaning has its name here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from knowledge.types import Viewer

if TYPE_CHECKING:
    from knowledge.models import Article, Category, Revision


class CategoryQuerySet(models.QuerySet["Category"]):
    def visible_to(self, user: object) -> Self:
        """Categories that hold something `user` may read; agents see all of them."""
        if Viewer.of(user).is_agent:
            return self
        from knowledge.models import Article

        articles = Article.objects.visible_to(user)
        return self.filter(
            Exists(articles.filter(category=OuterRef("pk")))
            | Exists(articles.filter(category__parent=OuterRef("pk")))
        )

    def with_article_count(self, user: object) -> Self:
        from knowledge.models import Article

        visible = Article.objects.visible_to(user).published().values("pk")
        return self.annotate(
            article_count=Count("articles", filter=Q(articles__pk__in=visible), distinct=True)
        )


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, user: object) -> Self:
        """What `user` may read. Every view and endpoint starts here.

        Agents read everything, drafts and internal articles too; everybody else
        reads what is published, public and valid today.
        """
        return self if Viewer.of(user).is_agent else self.published().public()

    def public(self) -> Self:
        return self.filter(visibility=self.model.Visibility.PUBLIC)

    def published(self, at: datetime | None = None) -> Self:
        """Published, and within its dates at that moment (default: now)."""
        at = at or timezone.now()
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=at),
            Q(valid_until=None) | Q(valid_until__gt=at),
            state=self.model.State.PUBLISHED,
        )

    def for_list(self) -> Self:
        """Everything a row of a list shows, in one query."""
        return self.select_related("category", "head", "published_revision")


class RevisionQuerySet(models.QuerySet["Revision"]):
    def visible_to(self, user: object) -> Self:
        """Agents read the history; everybody else only what shows now."""
        if Viewer.of(user).is_agent:
            return self
        from knowledge.models import Article

        shown = Article.objects.visible_to(user).values("published_revision")
        return self.filter(pk__in=shown)
