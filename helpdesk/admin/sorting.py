"""What agents sort tickets by: queues and tags."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.models import Queue, Tag
from helpdesk.models.tickets import ACTIVE_STATUSES
from knowledge.unfolding import ModelAdmin


@admin.register(Queue)
class QueueAdmin(ModelAdmin):
    list_display = [
        "name",
        "active_tickets",
        "tone",
        "first_reply_hours",
        "suggestion_threshold",
        "is_default",
    ]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        active = Count("tickets", filter=Q(tickets__status__in=ACTIVE_STATUSES))
        rows: QuerySet[Queue] = super().get_queryset(request)
        return rows.annotate(active_count=active)

    @admin.display(description=_("active tickets"), ordering="active_count")
    def active_tickets(self, queue: Any) -> int:
        return int(queue.active_count)


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    list_display = ["name", "ticket_count"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        rows: QuerySet[Tag] = super().get_queryset(request)
        return rows.annotate(tickets_with_it=Count("tickets"))

    @admin.display(description=_("tickets"), ordering="tickets_with_it")
    def ticket_count(self, tag: Any) -> int:
        return int(tag.tickets_with_it)
