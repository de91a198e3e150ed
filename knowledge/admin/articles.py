"""The list of articles, and where their pages are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from knowledge.admin import health, history, pages, steps
from knowledge.admin.filters import (
    NeedsFilter,
    OwnerFilter,
    ReadersFilter,
    ReviewFilter,
    UseFilter,
)
from knowledge.models import Article
from knowledge.unfolding import ModelAdmin, display


@admin.register(Article)
class ArticleAdmin(ModelAdmin):
    list_display = (
        "shown_title", "category", "shown_state", "shown_visibility", "language",
        "shown_update", "shown_feedback",
    )  # fmt: skip
    list_filter = (
        ("state", ChoicesDropdownFilter),
        OwnerFilter,
        ReviewFilter,
        NeedsFilter,
        UseFilter,
        ("visibility", ChoicesDropdownFilter),
        ReadersFilter,
        ("category", RelatedDropdownFilter),
        "language",
    )
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("head__title", "head__summary", "head__body", "slug", "external_id")
    search_help_text = _("Search titles and texts, drafts included")
    ordering = ("-updated_at",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return (
            Article.objects.for_list()
            .with_feedback()
            .with_readers()
            .annotate(sort_title=Coalesce("published_revision__title", "head__title"))
        )

    @display(description=_("title"), ordering="sort_title")
    def shown_title(self, article: Article) -> str:
        return article.title

    @display(
        description=_("state"),
        ordering="state",
        label={
            Article.State.PUBLISHED.label: "success",
            Article.State.DRAFT.label: "warning",
        },
    )
    def shown_state(self, article: Article) -> str:
        return article.get_state_display()

    @display(
        description=_("visibility"),
        ordering="visibility",
        label={Article.Visibility.INTERNAL.label: "info"},
    )
    def shown_visibility(self, article: Article) -> str:
        """Of a restricted one the groups that read it."""
        return article.readers or article.get_visibility_display()

    @display(description=_("updated"), ordering="updated_at")
    def shown_update(self, article: Article) -> str:
        return date_format(timezone.localtime(article.updated_at), "j M Y")

    @display(description=_("helpful"), ordering="helpful_count")
    def shown_feedback(self, article: Article) -> str:
        votes = article.helpful_count + article.unhelpful_count
        if not votes:
            return "–"
        return f"{article.helpful_count / votes:.0%} ({votes})"

    # Articles are archived, never deleted: citations point into them.
    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "preview/",
                view(lambda request: pages.preview(self, request)),
                name="knowledge_article_preview",
            ),
            path(
                "health/",
                view(lambda request: health.page(self, request)),
                name="knowledge_article_health",
            ),
            path(
                "<int:pk>/roll-back/",
                view(lambda request, pk: history.roll_back_page(self, request, pk)),
                name="knowledge_article_rollback",
            ),
            path(
                "<int:pk>/step/<slug:step>/",
                view(lambda request, pk, step: steps.page(self, request, pk, step)),
                name="knowledge_article_step",
            ),
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return pages.add(self, request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return pages.change(self, request, object_id)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        return history.page(self, request, object_id)
