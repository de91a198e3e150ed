"""The queue of suggestions, the largest effect first; and what agents taught, to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from helpdesk.desk.wording import confidence_in_words
from helpdesk.models import TaughtFact
from helpdesk.suggestions import views
from helpdesk.suggestions.page import effect_in_words
from knowledge.exceptions import KnowledgeError
from knowledge.models import Suggestion
from knowledge.services.suggestions import dismiss, may_dismiss
from knowledge.unfolding import ReadOnlyAdmin, display


class StateFilter(admin.SimpleListFilter):
    """Open ones unless somebody asks for others."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("accepted", _("Accepted")),
            ("dismissed", _("Dismissed")),
            ("closed", _("Superseded or expired")),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        shown = list(super().choices(changelist))
        shown[0]["display"] = _("Open")
        return shown

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Suggestion]
    ) -> QuerySet[Suggestion]:
        match self.value():
            case "accepted":
                return queryset.filter(state__in=Suggestion.ACCEPTED_STATES)
            case "dismissed":
                return queryset.filter(state=Suggestion.State.DISMISSED)
            case "closed":
                return queryset.filter(state__in=["superseded", "expired"])
            case "all":
                return queryset
        return queryset.filter(state=Suggestion.State.OPEN)


def _dismissing(reason: str, label: Any) -> Callable[..., None]:
    def act(
        model_admin: SuggestionAdmin, request: HttpRequest, queryset: QuerySet[Suggestion]
    ) -> None:
        model_admin.dismiss_all(request, queryset, reason)

    act.__name__ = f"dismiss_{reason}"
    act.short_description = _("Dismiss: %(reason)s") % {"reason": label}  # type: ignore[attr-defined]
    return act


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    list_help = _(
        "What the knowledge base should say differently, and why. Nothing is published before "
        "somebody who may publish accepts it."
    )
    empty_help = _(
        "Suggestions come from what agents change in drafts, what stays unanswered, sources that "
        "change, and a review of the articles each night."
    )
    list_display = (
        "shown_title", "shown_kind", "rationale", "shown_effect", "ticket_count",
        "shown_confidence", "shown_state", "last_seen_at",
    )  # fmt: skip
    list_filter = (
        StateFilter,
        ("kind", ChoicesDropdownFilter),
        ("origin", ChoicesDropdownFilter),
        ("article__category", RelatedDropdownFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("title", "rationale", "evidence__quote")
    search_help_text = _("Search titles, reasons and quotations")
    actions = [
        _dismissing(str(reason), label) for reason, label in Suggestion.DismissReason.choices
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suggestion]:
        return Suggestion.objects.visible_to(request.user).for_list()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        return actions if may_dismiss(request.user) else {}  # type: ignore[arg-type]

    def dismiss_all(
        self, request: HttpRequest, queryset: QuerySet[Suggestion], reason: str
    ) -> None:
        done = 0
        for suggestion in queryset.order_by("pk"):
            try:
                dismiss(suggestion=suggestion, reviewer=request.user, reason=reason)  # type: ignore[arg-type]
            except KnowledgeError as refusal:
                messages.warning(request, f"{suggestion}: {refusal}")
            else:
                done += 1
        if done:
            said = ngettext("%d suggestion dismissed.", "%d suggestions dismissed.", done)
            messages.success(request, said % done)

    @display(description=_("suggestion"), ordering="title")
    def shown_title(self, suggestion: Suggestion) -> str:
        return suggestion.article.title if suggestion.article else suggestion.title

    @display(description=_("kind"), ordering="kind", label={"new": "success", "retire": "warning"})
    def shown_kind(self, suggestion: Suggestion) -> tuple[str, str]:
        return suggestion.kind, suggestion.get_kind_display()

    @display(description=_("effect"), ordering="-weekly_minutes")
    def shown_effect(self, suggestion: Suggestion) -> str:
        return effect_in_words(suggestion)

    @display(description=_("confidence"), ordering="confidence")
    def shown_confidence(self, suggestion: Suggestion) -> str:
        return confidence_in_words(suggestion.confidence)

    @display(
        description=_("state"),
        ordering="state",
        label={"accepted": "success", "changed": "success", "dismissed": "danger"},
    )
    def shown_state(self, suggestion: Suggestion) -> tuple[str, str]:
        return suggestion.state, suggestion.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        def named(route: str, view: Callable[..., Any], name: str) -> URLPattern:
            return path(
                route, self.admin_site.admin_view(view), name=f"knowledge_suggestion_{name}"
            )

        own = [
            named("<int:pk>/accept/", views.accept, "accept"),
            named("<int:pk>/dismiss/", views.dismiss, "dismiss"),
            named("<int:pk>/turn/", views.turn, "turn"),
            named("<int:pk>/undo/", views.undo, "undo"),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return views.page(request, int(object_id))


@admin.register(TaughtFact)
class TaughtFactAdmin(ReadOnlyAdmin):
    list_help = _(
        "Facts that agents added or corrected in drafts. When several tickets teach the same one, "
        "an edit of the article is suggested."
    )
    list_display = ("said", "before", "change", "article", "ticket", "suggestion", "created_at")
    list_filter = (("change", ChoicesDropdownFilter), "created_at")
    search_fields = ("said", "fact_key")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaughtFact]:
        return TaughtFact.objects.visible_to(request.user).select_related(
            "article__head", "article__published_revision", "ticket", "suggestion"
        )
