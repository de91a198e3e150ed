"""What the list of articles can be narrowed down to, beside what Django's own filters do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from knowledge.models import Article, ReaderGroup
from knowledge.querysets import ArticleQuerySet

#: What is due within this time is looked at this week.
WEEK = timedelta(days=7)


def articles(rows: QuerySet[Article]) -> ArticleQuerySet:
    assert isinstance(rows, ArticleQuerySet)
    return rows


class OwnerFilter(DropdownFilter):  # type: ignore[misc]
    """By whom the article is looked after, be it only as its category's owner."""

    title = _("owner")
    parameter_name = "owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        staff = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("name")
        people = [(str(user.pk), str(user)) for user in staff if user.pk != request.user.pk]
        return [("me", _("me")), ("nobody", _("nobody")), *people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        wanted = self.value()
        if wanted == "nobody":
            return articles(queryset).owned_by_nobody()
        if wanted == "me":
            return articles(queryset).owned_by(request.user.pk or 0)
        return articles(queryset).owned_by(int(wanted)) if str(wanted).isdecimal() else queryset


class ReviewFilter(DropdownFilter):  # type: ignore[misc]
    title = _("day of review")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("past", _("overdue")), ("week", _("within a week")), ("never", _("no day set"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        today = timezone.localdate()
        match self.value():
            case "past":
                return articles(queryset).to_review(today - timedelta(days=1))
            case "week":
                return articles(queryset).to_review(today + WEEK)
            case "never":
                return queryset.filter(state=Article.State.PUBLISHED, review_by=None)
        return queryset


class NeedsFilter(DropdownFilter):  # type: ignore[misc]
    """What there is to do about an article."""

    title = _("what it needs")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("review", _("waits for a review")),
            ("change", _("needs a change")),
            ("suggestion", _("has open suggestions")),
            ("translation", _("translation out of date")),
            ("over", _("its dates are over")),
            ("links", _("has broken links")),
            ("votes", _("readers find it unhelpful")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        rows = articles(queryset)
        match self.value():
            case "review":
                return rows.filter(review_revision__isnull=False)
            case "change":
                return rows.to_change()
            case "suggestion":
                return rows.with_open_suggestions()
            case "translation":
                return rows.outdated()
            case "over":
                return rows.over()
            case "links":
                return rows.with_broken_links()
            case "votes":
                return rows.found_unhelpful()
        return rows


class ReadersFilter(DropdownFilter):  # type: ignore[misc]
    """Restricted articles of one group."""

    title = _("group of readers")
    parameter_name = "readers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        groups = ReaderGroup.objects.values_list("pk", "name")
        return [(str(pk), name) for pk, name in groups]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        wanted = str(self.value())
        if not wanted.isdecimal() or len(wanted) > 18:
            return queryset
        return queryset.filter(
            visibility=Article.Visibility.RESTRICTED, reader_groups__contains=[int(wanted)]
        )


class UseFilter(admin.SimpleListFilter):
    title = _("use in answers")
    parameter_name = "answers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("never", _("never used")), ("used", _("used"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        match self.value():
            case "never":
                return articles(queryset).never_quoted()
            case "used":
                return queryset.filter(use__isnull=False)
        return queryset
