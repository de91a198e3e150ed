"""Unfold's classes for people's accounts, as the type checker may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from django.contrib.auth import admin as auth
    from django.contrib.auth import forms
    from django.contrib.auth.forms import AdminPasswordChangeForm

    class DjangoUserAdmin(auth.UserAdmin[Any]): ...

    class UserChangeForm(forms.UserChangeForm[Any]): ...

    class UserCreationForm(forms.AdminUserCreationForm[Any]): ...

else:
    from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

__all__ = [
    "AdminPasswordChangeForm",
    "DjangoUserAdmin",
    "UserChangeForm",
    "UserCreationForm",
]
