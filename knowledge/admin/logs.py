"""What readers told us, to read: feedback, searches, and what they look for in vain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import ArticleFeedback, SearchLog
from knowledge.unfolding import ReadOnlyAdmin, display

#: How far back, and how many, of the searches that found nothing are shown together.
VAIN_DAYS, VAIN_COUNT = 30, 12


class LogAdmin(ReadOnlyAdmin):
    actions = None
    list_display_links = None


@admin.register(ArticleFeedback)
class ArticleFeedbackAdmin(LogAdmin):
    list_display = ("shown_article", "shown_vote", "comment", "created_at")
    list_filter = ("is_helpful", "created_at")
    search_fields = ("comment", "revision__title")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArticleFeedback]:
        return super().get_queryset(request).select_related("revision").defer("revision__body")

    @display(description=_("article"), ordering="revision__title")
    def shown_article(self, feedback: ArticleFeedback) -> str:
        return str(feedback.revision)

    @display(description=_("helpful"), ordering="is_helpful", boolean=True)
    def shown_vote(self, feedback: ArticleFeedback) -> bool:
        return feedback.is_helpful


class FoundFilter(admin.SimpleListFilter):
    title = _("found")
    parameter_name = "found"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("nothing", _("nothing")), ("something", _("something"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SearchLog]) -> QuerySet[SearchLog]:
        match self.value():
            case "nothing":
                return queryset.filter(result_count=0)
            case "something":
                return queryset.filter(result_count__gt=0)
        return queryset


@admin.register(SearchLog)
class SearchLogAdmin(LogAdmin):
    list_display = ("query", "result_count", "channel", "is_solved", "created_at")
    list_filter = (FoundFilter, "is_solved", "channel", "created_at")
    search_fields = ("query",)
    list_before_template = "knowledge/admin/searched_in_vain.html"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        since = timezone.now() - timedelta(days=VAIN_DAYS)
        in_vain = (
            SearchLog.objects.filter(result_count=0, created_at__gte=since)
            .order_by()
            .values(asked=Lower("query"))
            .annotate(times=Count("pk"), last=Max("created_at"))
            .order_by("-times", "-last")[:VAIN_COUNT]
        )
        context = {"searched_in_vain": in_vain, "vain_days": VAIN_DAYS, **(extra_context or {})}
        return super().changelist_view(request, context)
