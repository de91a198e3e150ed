"""unfold's admin with the types that it does not carry, and pages that only show.

For the admin of every app. Must not import models, so that any admin may import it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib import admin
    from django_stubs_ext import StrOrPromise

    Method = TypeVar("Method", bound=Callable[..., Any])

    class ModelAdmin(admin.ModelAdmin[Any]): ...

    class TabularInline(admin.TabularInline[Any, Any]): ...

    def display(
        *,
        description: StrOrPromise,
        ordering: str | None = None,
        boolean: bool = False,
        label: Mapping[Any, str] | None = None,
    ) -> Callable[[Method], Method]: ...
else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.decorators import display

__all__ = ["ExplainedAdmin", "ModelAdmin", "ReadOnlyAdmin", "TabularInline", "display"]


class ExplainedAdmin(ModelAdmin):
    """Says above its list what the rows are, and what to do where there is none yet."""

    list_before_template = "knowledge/admin/list_help.html"
    list_help: StrOrPromise = ""
    empty_help: StrOrPromise = ""


class ReadOnlyAdmin(ExplainedAdmin):
    """For rows that the programs write: people look at them, nobody edits them."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
