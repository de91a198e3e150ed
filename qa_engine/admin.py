"""The index, to look at. It is made from the articles, so nothing here can be changed."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from knowledge.unfolding import ReadOnlyAdmin
from qa_engine.evaluation.admin import EvaluationRunAdmin
from qa_engine.models import (
    CalibrationVersion,
    EmbeddingIndex,
    EvaluationRun,
    Passage,
    PinnedCase,
    Threshold,
)
from qa_engine.training.admin import PinnedCaseAdmin


@admin.register(Passage)
class PassageAdmin(ReadOnlyAdmin):
    list_display = ["article", "position", "heading_path", "beginning"]
    list_filter = [("article__category", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["text", "heading_path", "article__slug"]
    fields = ["article", "revision", "position", "heading_path", "start", "end", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Passage]:
        passages: QuerySet[Passage] = super().get_queryset(request)
        return passages.select_related(
            "article__published_revision", "article__head", "revision"
        ).defer("search")

    @admin.display(description=_("text"))
    def beginning(self, passage: Passage) -> str:
        return passage.text[:80]


@admin.register(EmbeddingIndex)
class EmbeddingIndexAdmin(ReadOnlyAdmin):
    list_display = ["fingerprint", "state", "dimension", "passages", "activated_at"]
    list_filter = ["state"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EmbeddingIndex]:
        indexes: QuerySet[EmbeddingIndex] = super().get_queryset(request)
        return indexes.annotate(passage_count=Count("embeddings"))

    @admin.display(description=_("passages"), ordering="passage_count")
    def passages(self, index: EmbeddingIndex) -> int:
        return int(getattr(index, "passage_count", 0))


admin.site.register(EvaluationRun, EvaluationRunAdmin)
admin.site.register(PinnedCase, PinnedCaseAdmin)


@admin.register(CalibrationVersion)
class CalibrationVersionAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "state", "decisions", "activated_at", "fingerprint"]
    list_filter = ["state"]


@admin.register(Threshold)
class ThresholdAdmin(ReadOnlyAdmin):
    list_display = ["value", "state", "put_by", "put_at", "taken_back_by", "taken_back_at"]
    list_select_related = ["put_by", "taken_back_by"]
    list_filter = ["state"]
    list_help = _(
        "The confidence from which a question is answered, where an admin has put another one "
        "in force than the setting QA_MIN_CONFIDENCE."
    )
    empty_help = _("Try one on past tickets under Replays; from there it can be put in force.")
