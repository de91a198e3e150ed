"""The shelves, shown as the tree that they are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OrderBy, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from knowledge.admin.forms import CategoryChoiceField, CategoryForm
from knowledge.exceptions import CategoryLoop
from knowledge.models import Category
from knowledge.querysets import path_in_tree
from knowledge.services.categories import ensure_no_loop
from knowledge.unfolding import ModelAdmin, display


class CategoryAdminForm(CategoryForm):
    def clean(self) -> dict[str, Any] | None:
        said = super().clean()
        try:
            if self.instance.pk:
                ensure_no_loop(category=self.instance, parent=self.cleaned_data.get("parent"))
        except CategoryLoop as loop:
            self.add_error("parent", str(loop))
        return said


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    form = CategoryAdminForm
    list_display = ("indented_name", "slug", "shown_articles", "position")
    list_per_page = 500
    search_fields = ("name", "description")
    prepopulated_fields = {"slug": ("name",)}
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return Category.objects.in_tree_order().with_article_count(request.user)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [OrderBy(path_in_tree())]

    @display(description=_("name"))
    def indented_name(self, category: Category) -> SafeString:
        indent = format_html('<span style="padding-left: {}rem"></span>', category.depth * 1.5)
        return format_html("{}{}", indent, category.name)

    @display(description=_("published articles"), ordering="article_count")
    def shown_articles(self, category: Category) -> int:
        return category.article_count

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> forms.ModelChoiceField:  # type: ignore[type-arg]
        if db_field.name == "owner":
            options["queryset"] = get_user_model().objects.filter(is_staff=True, is_active=True)
        field = super().formfield_for_foreignkey(db_field, request, **options)
        if db_field.name != "parent" or field is None:
            return field  # type: ignore[return-value]
        return CategoryChoiceField(
            label=_("Inside"),
            required=False,
            widget=field.widget,
            empty_label=_("(at the top)"),
        )
