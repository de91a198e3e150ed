"""unfold's admin, with the types that unfold itself does not carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from django.contrib import admin
    from django_stubs_ext import StrOrPromise

    Method = TypeVar("Method", bound=Callable[..., Any])

    class ModelAdmin(admin.ModelAdmin[Any]):
        pass

    def display(
        *,
        description: StrOrPromise,
        ordering: str | None = None,
        boolean: bool = False,
        label: Mapping[Any, str] | None = None,
    ) -> Callable[[Method], Method]: ...
else:
    from unfold.admin import ModelAdmin
    from unfold.decorators import display

__all__ = ["ModelAdmin", "display"]
