"""For rows that the helpdesk itself writes: people look at them, nobody edits them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from helpdesk.admin.unfolded import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
