"""Macros: written by admins, read by agents, with the edits that a source makes necessary."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from helpdesk.desk.access import agent_of
from helpdesk.exceptions import HelpdeskError
from helpdesk.models import Macro, MacroEdit
from helpdesk.models.macros import PLACEHOLDERS
from helpdesk.services import macros as services
from knowledge.diffing import by_phrase, diff_words
from knowledge.unfolding import ExplainedAdmin, display

#: Decided edits that the page shows beside those that wait.
SHOWN_EDITS = 10


class MacroForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Macro
        fields = ("name", "body", "language", "queue", "is_active")

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()
        if unknown := Macro(body=body).unknown_placeholders:
            raise forms.ValidationError(
                _("Nothing is filled in for {%(name)s}. Known are: %(known)s.")
                % {
                    "name": unknown[0],
                    "known": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
                }
            )
        return body


@admin.register(Macro)
class MacroAdmin(ExplainedAdmin):
    list_help = gettext_lazy(
        "Replies that are written once; agents insert them where they write. Where a source says "
        "otherwise by now, a macro is not inserted until its edit is decided."
    )
    empty_help = gettext_lazy("No macro has been written yet.")
    form = MacroForm
    list_display = ["name", "queue", "language", "is_active", "waiting", "updated_at"]
    list_filter = ["is_active", "queue", "language"]
    list_select_related = ["queue"]
    search_fields = ["name", "body"]
    change_form_outer_before_template = "desk/macros/edits.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Macro]:
        rows: QuerySet[Macro] = super().get_queryset(request)
        waiting = Count("edits", filter=Q(edits__state=MacroEdit.State.OPEN))
        return rows.annotate(waiting_edits=waiting)

    @display(
        description=gettext_lazy("edit"), ordering="waiting_edits", label={"waits": "warning"}
    )
    def waiting(self, macro: Any) -> tuple[str, str]:
        return ("waits", _("edit waits")) if macro.waiting_edits else ("", "–")

    def save_model(self, request: HttpRequest, obj: Macro, form: Any, change: bool) -> None:
        services.keep_macro(macro=obj)

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<int:pk>/edits/<int:edit>/",
            self.admin_site.admin_view(self.decide),
            name="helpdesk_macro_decide",
        )
        return [decide, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        shown = edits_of(int(object_id)) if object_id.isdecimal() else []
        may_decide = self.has_change_permission(request)
        context = {"macro_edits": shown, "may_decide": may_decide, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def decide(self, request: HttpRequest, pk: int, edit: int) -> HttpResponse:
        """Have the macro say what the edit proposes, or leave it as it is."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return _decide(request, pk, edit)


def edits_of(macro: int) -> list[dict[str, Any]]:
    """The edits of a macro with their changes in words: those that wait, and the last others."""
    rows = MacroEdit.objects.filter(macro=macro).select_related("decided_by")
    waiting = list(rows.filter(state=MacroEdit.State.OPEN).order_by("pk"))
    decided = list(rows.exclude(state=MacroEdit.State.OPEN)[:SHOWN_EDITS])
    return [
        {"edit": edit, "pieces": by_phrase(diff_words(edit.base_text, edit.proposed_text))}
        for edit in (*waiting, *decided)
    ]


@require_POST
def _decide(request: HttpRequest, pk: int, edit: int) -> HttpResponse:
    row = get_object_or_404(MacroEdit, macro=pk, pk=edit)
    is_accepted = request.POST.get("decision") == "accept"
    act = services.accept_edit if is_accepted else services.dismiss_edit
    try:
        act(edit=row, by=agent_of(request))
    except HelpdeskError as refused:
        messages.error(request, refused.message)
    else:
        done = _("The macro says it now.") if is_accepted else _("The macro stays as it is.")
        messages.success(request, done)
    return redirect("admin:helpdesk_macro_change", pk)
