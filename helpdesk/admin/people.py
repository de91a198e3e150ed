"""People and their organizations. What a person may do follows from the role alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.admin.unfolded import (
    AdminPasswordChangeForm,
    DjangoUserAdmin,
    UserChangeForm,
    UserCreationForm,
)
from helpdesk.models import Organization, User
from helpdesk.roles import set_role
from knowledge.admin.readers import GroupsInline, save_memberships
from knowledge.unfolding import ModelAdmin, display


def _lower_case(form: forms.ModelForm[User]) -> str:
    email: str = form.cleaned_data["email"].lower()
    if User.objects.filter(email=email).exclude(pk=form.instance.pk).exists():
        raise forms.ValidationError(_("Somebody has this e-mail address already."))
    return email


class PersonForm(UserChangeForm):
    def clean_editorial_role(self) -> str:
        """An admin may do everything anyway, and a requester writes no articles."""
        is_agent = self.cleaned_data.get("role") == User.Role.AGENT
        return self.cleaned_data["editorial_role"] if is_agent else ""

    def clean_email(self) -> str:
        return _lower_case(self)


class NewPersonForm(UserCreationForm):
    def clean_email(self) -> str:
        return _lower_case(self)


PERSON_FIELDS = (
    "email", "name", "role", "editorial_role", "organization", "language", "is_active",
    "wants_editorial_mail",
)  # fmt: skip


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    list_display = [
        "email",
        "name",
        "role_label",
        "editorial_role",
        "organization",
        "is_active",
        "created_at",
    ]
    list_filter = ["role", "editorial_role", "is_active", "organization", "reader_groups"]
    list_select_related = ["organization"]
    list_per_page = 50
    search_fields = ["email", "name"]
    ordering = ["email"]
    autocomplete_fields = ["organization"]
    filter_horizontal = []
    readonly_fields = ["created_at", "last_login"]
    fieldsets = [
        (None, {"fields": PERSON_FIELDS}),
        (_("Log-in"), {"fields": ["password", "last_login", "created_at"]}),
    ]
    inlines = [GroupsInline]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "name", "role", "usable_password", "password1", "password2"],
            },
        ),
    ]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody reaches a superuser's password but another superuser."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Whoever is added has no page yet."""
        return super().get_inlines(request, obj) if obj else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_memberships(formset)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        wanted, editorial = obj.role, obj.editorial_role
        obj.role = form.initial.get("role", User.Role.REQUESTER) if change else "requester"
        obj.editorial_role = form.initial.get("editorial_role", "") if change else ""
        super().save_model(request, obj, form, change)
        if not change or {"role", "editorial_role"} & set(form.changed_data):
            set_role(user=obj, role=wanted, editorial_role=editorial)

    @display(description=_("role"), ordering="role", label={"admin": "success", "agent": "info"})
    def role_label(self, user: User) -> tuple[str, str]:
        return user.role, user.get_role_display()


@admin.register(Organization)
class OrganizationAdmin(ModelAdmin):
    list_display = ["name", "domain", "shares_tickets", "member_count"]
    search_fields = ["name", "domain"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        rows: QuerySet[Organization] = super().get_queryset(request)
        return rows.annotate(people=Count("members"))

    @admin.display(description=_("members"), ordering="people")
    def member_count(self, organization: Any) -> int:
        return int(organization.people)
