"""Tickets. The list is the inbox, the form is the ticket page; both are in `desk`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from helpdesk.desk.views import actions, inbox, properties, ticket
from helpdesk.models import Ticket
from knowledge.unfolding import ReadOnlyAdmin


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    search_fields = ["subject"]

    def get_urls(self) -> list[URLPattern]:
        return [*self._desk_urls(), *super().get_urls()]

    def _desk_urls(self) -> list[URLPattern]:
        def named(route: str, view: Callable[..., Any], name: str) -> URLPattern:
            wrapped = self.admin_site.admin_view(view)
            return path(route, wrapped, name=f"helpdesk_ticket_{name}")

        return [
            named("bulk/", inbox.bulk, "bulk"),
            named("review/", inbox.review, "review"),
            named("<int:pk>/composer/", ticket.composer, "composer"),
            named("<int:pk>/drafting/", ticket.drafting, "drafting"),
            named("<int:pk>/next/", ticket.next_ticket, "next"),
            named("<int:pk>/article/<int:revision>/", ticket.article, "article"),
            named("<int:pk>/file/<int:attachment>/", ticket.attachment, "file"),
            named("<int:pk>/approve/", actions.approve, "approve"),
            named("<int:pk>/reject/", actions.reject, "reject"),
            named("<int:pk>/again/", actions.again, "again"),
            named("<int:pk>/reply/", actions.reply, "reply"),
            named("<int:pk>/macro/", actions.macro, "macro"),
            named("<int:pk>/quote/", actions.quote, "quote"),
            named("<int:pk>/undo/", actions.undo, "undo"),
            named("<int:pk>/note/", actions.note, "note"),
            named("<int:pk>/set/", properties.set_property, "set"),
            named("<int:pk>/presence/", properties.presence, "presence"),
            named("<int:pk>/diff/", properties.diff, "diff"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return inbox.inbox(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return ticket.page(request, int(object_id))
