"""Groups of readers, who is in them, and the inlines by which people join and leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from knowledge.models import ReaderGroup, ReaderGroupMember
from knowledge.services import join_by_address, join_group, leave_group
from knowledge.unfolding import ExplainedAdmin, TabularInline, display

#: Pasted at once; each of them is answered anew where they wait for an answer.
MOST_ADDRESSES = 2_000
#: Addresses that a message names.
MOST_SHOWN = 20
_BETWEEN = re.compile(r"[\s,;]+")


def save_memberships(formset: Any) -> None:
    """What an inline says: who joins and who leaves, through the services."""
    for row in formset.save(commit=False):
        join_group(group=row.group, person=row.person)
    for row in formset.deleted_objects:
        leave_group(group=row.group, person=row.person)


class MembershipInline(TabularInline):
    """Rows are added and taken away; nobody turns one membership into another."""

    model = ReaderGroupMember
    extra = 0
    per_page = 50
    hide_title = True
    readonly_fields = ("added_at",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembersInline(MembershipInline):
    fields = ("person", "added_at")
    autocomplete_fields = ("person",)


class GroupsInline(MembershipInline):
    """On a customer's page: the groups that they are in."""

    fields = ("group", "added_at")
    autocomplete_fields = ("group",)
    verbose_name = _("group of readers")
    verbose_name_plural = _("Groups of readers: restricted articles that they read")


class ReaderGroupForm(forms.ModelForm):  # type: ignore[type-arg]
    addresses = forms.CharField(
        label=_("Add people by address"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_("E-mail addresses, one a line or with commas between them."),
    )

    class Meta:
        model = ReaderGroup
        fields = ("name", "description")

    def clean_addresses(self) -> list[str]:
        """Each once, in the order given."""
        given = list(dict.fromkeys(_BETWEEN.split(self.cleaned_data["addresses"].strip())))
        addresses = [one for one in given if one]
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(
                _("At most %(most)d at a time, please; these are %(count)d."),
                params={"most": MOST_ADDRESSES, "count": len(addresses)},
            )
        if wrong := [one for one in addresses if not _is_address(one)]:
            raise ValidationError(
                _("Not an e-mail address: %(addresses)s. Nobody was added."),
                params={"addresses": _some(wrong)},
            )
        return addresses

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


@admin.register(ReaderGroup)
class ReaderGroupAdmin(ExplainedAdmin):
    form = ReaderGroupForm
    list_help = _(
        "Customers for whom some articles are written. An article that is restricted to groups is "
        "read by their members once they have signed in, by agents, and by nobody else; drafts "
        "and answers quote it to members only."
    )
    empty_help = _("No group has been made yet: every article is public or internal.")
    list_display = ("name", "description", "shown_members", "shown_articles")
    search_fields = ("name", "description")
    fields = ("name", "description", "who_reads", "shown_articles", "addresses")
    readonly_fields = ("who_reads", "shown_articles")
    inlines = (MembersInline,)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReaderGroup]:
        return ReaderGroup.objects.with_counts()

    def get_fields(self, request: HttpRequest, obj: ReaderGroup | None = None) -> Any:
        return self.fields if obj else ("name", "description", "addresses")

    @display(description=_("members"), ordering="member_count")
    def shown_members(self, group: ReaderGroup) -> str:
        return who_reads(group) if not group.member_count else str(group.member_count)

    @display(description=_("who reads its articles"))
    def who_reads(self, group: ReaderGroup) -> str:
        return who_reads(group)

    @display(description=_("articles"), ordering="article_count")
    def shown_articles(self, group: ReaderGroup) -> SafeString:
        url = reverse("admin:knowledge_article_changelist")
        return format_html('<a href="{}?readers={}">{}</a>', url, group.pk, group.article_count)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Last, so that whoever is taken out by the rows and named by address stays in."""
        super().save_related(request, form, formsets, change)
        addresses = form.cleaned_data["addresses"]
        if not addresses:
            return
        joined = join_by_address(group=form.instance, addresses=addresses)
        told = ngettext("%d person was added.", "%d people were added.", joined.added)
        messages.info(request, told % joined.added)
        if joined.unknown:
            messages.warning(
                request,
                _(
                    "No customer has these addresses yet: %(addresses)s. Add them again once they "
                    "have written in or signed up."
                )
                % {"addresses": _some(joined.unknown)},
            )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save_memberships(formset)

    def has_delete_permission(self, request: HttpRequest, obj: ReaderGroup | None = None) -> bool:
        """Not while articles are restricted to it: whose would they be? The database refuses."""
        is_needed = obj is not None and bool(obj.article_count)
        return not is_needed and bool(super().has_delete_permission(request, obj))


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _some(addresses: Sequence[str]) -> str:
    """All of them, or the first and how many there are more."""
    shown = ", ".join(addresses[:MOST_SHOWN])
    more = len(addresses) - MOST_SHOWN
    return (
        shown if more <= 0 else _("%(shown)s and %(more)d more") % {"shown": shown, "more": more}
    )


def who_reads(group: ReaderGroup) -> str:
    """Of a row of `with_counts()`."""
    if not group.member_count:
        return str(_("Nobody is in it yet: only agents read its articles."))
    count = group.member_count
    return ngettext("%d person, and agents.", "%d people, and agents.", count) % count
