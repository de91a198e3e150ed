"""What the engine did: drafts with their citations, queued work, workers."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from helpdesk import jobs
from helpdesk.desk.wording import draft_in_words, reason_in_short
from helpdesk.models import Citation, Draft, Heartbeat, Job
from knowledge.unfolding import ReadOnlyAdmin, TabularInline, display

_DRAFT_FIELDS = (
    "ticket_link", "state", "sureness", "text", "why_empty", "fingerprint", "seconds",
    "attempt", "created_at", "decided_by", "decided_at", "reject_reason", "reject_comment",
)  # fmt: skip
_CITATION_FIELDS = ("number", "article", "heading_path", "quote", "score")


class CitationInline(TabularInline):
    model = Citation
    fields = _CITATION_FIELDS
    readonly_fields = _CITATION_FIELDS
    extra = 0
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Citation]:
        rows: QuerySet[Citation] = super().get_queryset(request)
        return rows.select_related("revision")

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("helpdesk.view_draft")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(description=_("article"))
    def article(self, citation: Citation) -> str:
        return str(citation.revision)


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    list_help = _("Every draft that was written, what it cites, and what an agent made of it.")
    list_display = [
        "ticket_link",
        "outcome",
        "sureness",
        "state_label",
        "decided_by",
        "created_at",
    ]
    list_display_links = ["outcome"]
    list_filter = ["state", "reason", "reject_reason"]
    search_fields = ["ticket__subject", "body"]
    list_select_related = ["ticket", "decided_by"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [CitationInline]
    fields = _DRAFT_FIELDS
    readonly_fields = _DRAFT_FIELDS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        return Draft.objects.visible_to(request.user).order_by("-created_at", "-pk")

    @admin.display(description=_("ticket"))
    def ticket_link(self, draft: Draft) -> SafeString:
        url = reverse("admin:helpdesk_ticket_change", args=[draft.ticket_id])
        return format_html('<a class="desk-link" href="{}">{}</a>', url, draft.ticket)

    @admin.display(description=_("draft"))
    def outcome(self, draft: Draft) -> str:
        if not draft.body:
            return reason_in_short(draft.reason)
        text = " ".join(draft.body.split())
        return text if len(text) <= 90 else text[:89] + "…"

    @admin.display(description=_("confidence"), ordering="confidence")
    def sureness(self, draft: Draft) -> str:
        return draft_in_words(draft)

    @admin.display(description=_("text"))
    def text(self, draft: Draft) -> SafeString:
        return format_html('<div class="desk-draft-text">{}</div>', draft.body or "–")

    @admin.display(description=_("why there is no draft"))
    def why_empty(self, draft: Draft) -> str:
        return reason_in_short(draft.reason) if draft.reason else "–"

    @display(
        description=_("state"),
        ordering="state",
        label={
            "waiting": "info",
            "approved": "success",
            "edited": "success",
            "rejected": "danger",
            "stale": "warning",
        },
    )
    def state_label(self, draft: Draft) -> tuple[str, str]:
        return draft.state, draft.get_state_display()


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_help = _(
        "Work that waits, runs or was done: drafts, mails, indexing. A job that failed three "
        "times stays here until somebody tries it again."
    )
    list_display = [
        "kind",
        "key",
        "state_label",
        "attempts",
        "run_at",
        "finished_at",
        "last_error",
    ]
    list_filter = ["state", "kind"]
    search_fields = ["key"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["try_again"]

    @display(
        description=_("state"),
        ordering="state",
        label={"dead": "danger", "running": "info", "done": "success", "queued": "warning"},
    )
    def state_label(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("helpdesk.change_job")

    @admin.action(description=_("Try again"), permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        retried = jobs.retry_dead(list(queryset))
        if retried:
            text = ngettext("%d job is queued again.", "%d jobs are queued again.", retried)
            messages.success(request, text % retried)
        else:
            messages.warning(request, _("Only jobs that were given up can be tried again."))


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_help = _("Processes that have reported lately, and what they work on.")
    empty_help = _("No worker is running: drafts and mails wait until one does.")
    list_display = ["name", "task_queues", "fingerprint", "started_at", "seen_at"]
