"""Promised error rates: their list is a page of the desk. Decisions: to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from helpdesk.desk.views import trust
from helpdesk.models import DraftDecision, ErrorPromise
from knowledge.unfolding import ReadOnlyAdmin


@admin.register(ErrorPromise)
class ErrorPromiseAdmin(ReadOnlyAdmin):
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/set/", wrap(trust.promise), name="helpdesk_errorpromise_set"),
            path("<int:pk>/sending/", wrap(trust.sending), name="helpdesk_errorpromise_sending"),
            path(
                "calibration/", wrap(trust.calibration), name="helpdesk_errorpromise_calibration"
            ),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return trust.trust(request)


@admin.register(DraftDecision)
class DraftDecisionAdmin(ReadOnlyAdmin):
    list_display = ["draft", "verdict", "language", "queue", "own_confidence", "decided_at"]
    list_filter = ["verdict", "queue", "language"]
    list_select_related = ["draft", "queue"]
    list_per_page = 50
