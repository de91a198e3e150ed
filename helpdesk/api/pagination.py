"""Pages of the API: cursors, so that a list stays right while rows are added."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    # CursorPagination sorts by `created` unless told otherwise.
    ordering = ("-created_at", "-pk")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class OldestFirst(NewestFirst):
    """As a conversation is read."""

    ordering = ("created_at", "pk")
