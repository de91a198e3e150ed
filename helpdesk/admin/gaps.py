"""What nobody answered, the dearest first, with its questions and the proposal."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from helpdesk.models import Gap, GapNight, GapQuestion
from knowledge.services.links import count_inside
from knowledge.unfolding import ReadOnlyAdmin, TabularInline, display
from qa_engine import services as engine

_FIELDS = (
    "question", "state", "question_count", "per_week", "minutes_each", "cost", "proposal",
    "first_seen_at", "last_seen_at", "answered_at",
)  # fmt: skip
_QUESTION_FIELDS = ("ticket_link", "text", "why", "asked_at")


class GapQuestionInline(TabularInline):
    model = GapQuestion
    fields = _QUESTION_FIELDS
    readonly_fields = _QUESTION_FIELDS
    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True
    verbose_name_plural = _("questions")
    per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[GapQuestion]:
        rows: QuerySet[GapQuestion] = super().get_queryset(request)
        return rows.select_related("ticket")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("helpdesk.view_gap")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(description=_("ticket"))
    def ticket_link(self, question: GapQuestion) -> SafeString:
        url = reverse("admin:helpdesk_ticket_change", args=[question.ticket_id])
        return format_html('<a class="desk-link" href="{}">{}</a>', url, question.ticket)


@admin.register(Gap)
class GapAdmin(ReadOnlyAdmin):
    list_help = _(
        "What customers asked and nobody answered well, grouped every night. The dearest stand "
        "first: tickets a week times the minutes that each takes. A gap proposes an article or "
        "an edit, closes when later tickets are answered, and opens again when they are not."
    )
    empty_help = _("Nothing that stayed unanswered has come together yet.")
    list_display = ["question", "state", "question_count", "per_week", "cost", "last_seen_at"]
    list_filter = ["state"]
    search_fields = ["name"]
    list_per_page = 50
    inlines = [GapQuestionInline]
    fields = _FIELDS
    readonly_fields = _FIELDS

    @display(description=_("question"), ordering="name")
    def question(self, gap: Gap) -> str:
        return gap.name[:1].upper() + gap.name[1:]

    @admin.display(description=_("minutes a ticket"))
    def minutes_each(self, gap: Gap) -> str:
        return f"{gap.handling_minutes:.0f}"

    @display(description=_("tickets a week"), ordering="tickets_per_week")
    def per_week(self, gap: Gap) -> str:
        return f"{gap.tickets_per_week:.1f}"

    @display(description=_("minutes a week"), ordering="weekly_minutes")
    def cost(self, gap: Gap) -> str:
        return f"{gap.weekly_minutes:.0f}"

    @admin.display(description=_("proposal"))
    def proposal(self, gap: Gap) -> SafeString | str:
        if gap.suggestion is None:
            return "–"
        url = reverse("admin:knowledge_suggestion_change", args=[gap.suggestion_id])
        return format_html('<a class="desk-link" href="{}">{}</a>', url, gap.suggestion)


@admin.register(GapNight)
class GapNightAdmin(ReadOnlyAdmin):
    list_help = _(
        "How far the nightly look for gaps has come. It works in short steps between other "
        "jobs; one that was stopped goes on where it was."
    )
    empty_help = _("No night has been worked through yet.")
    list_display = ["key", "stage", "progress", "started_at", "updated_at", "finished_at"]
    list_filter = ["stage"]
    fields = (
        "key", "stage", "progress", "by_stage", "reading", "comparing", "links",
        "started_at", "updated_at", "finished_at",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=_("progress"))
    def progress(self, night: GapNight) -> str:
        if night.stage == GapNight.Stage.DONE or not night.total:
            return "–"
        return f"{night.done:,} / {night.total:,} ({night.done / night.total:.0%})"

    @admin.display(description=_("articles compared"))
    def comparing(self, _night: GapNight) -> str:
        """As of now, whichever night is looked at: what is left goes on by itself."""
        left, total = engine.count_left()
        return _share(total - left, total)

    @admin.display(description=_("claims of articles read"))
    def reading(self, _night: GapNight) -> str:
        left, total = engine.count_unread()
        return _share(total - left, total)

    @admin.display(description=_("links inside looked up today"))
    def links(self, _night: GapNight) -> str:
        return _share(*count_inside())

    @admin.display(description=_("by stage"))
    def by_stage(self, night: GapNight) -> SafeString:
        names = dict(GapNight.Stage.choices)
        told = (
            _("%(stage)s: %(rows)d rows, %(found)d results, %(seconds).1f s")
            % {"stage": names[stage], **figures}
            for stage, figures in night.figures.items()
        )
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in told))


def _share(done: int, total: int) -> str:
    return f"{done:,} / {total:,} ({done / total if total else 1:.0%})"
