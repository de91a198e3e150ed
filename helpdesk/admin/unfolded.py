"""Unfold's classes as the type checker may see them: it ships no types of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from django.contrib import admin
    from django.contrib.auth import admin as auth
    from django.contrib.auth import forms
    from django.contrib.auth.forms import AdminPasswordChangeForm

    _F = TypeVar("_F", bound=Callable[..., Any])

    class ModelAdmin(admin.ModelAdmin[Any]): ...

    class TabularInline(admin.TabularInline[Any, Any]): ...

    class DjangoUserAdmin(auth.UserAdmin[Any]): ...

    class UserChangeForm(forms.UserChangeForm[Any]): ...

    class UserCreationForm(forms.AdminUserCreationForm[Any]): ...

    def display(
        *, description: Any, ordering: str, label: dict[str, str]
    ) -> Callable[[_F], _F]: ...
else:
    from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.decorators import display
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

__all__ = [
    "AdminPasswordChangeForm",
    "DjangoUserAdmin",
    "ModelAdmin",
    "TabularInline",
    "UserChangeForm",
    "UserCreationForm",
    "display",
]
