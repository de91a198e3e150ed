"""The list of what articles point to."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from knowledge.models import Article, ArticleLink, Link
from knowledge.unfolding import ReadOnlyAdmin, display

#: Articles named in one row.
SHOWN = 3


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    list_help = _(
        "What published articles point to, looked at every night. Outside addresses are called "
        "broken once they failed on two days; those that only let people in cannot be checked."
    )
    empty_help = _("No article points anywhere, or nobody has looked yet.")
    list_display = (
        "shown_url", "shown_state", "shown_reason", "shown_articles", "shown_check",
    )  # fmt: skip
    list_display_links = None
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("reason", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_per_page = 50
    search_fields = ("url",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Link]:
        used = ArticleLink.objects.select_related("article__head", "article__published_revision")
        bodies = ("article__head__body", "article__published_revision__body")
        return Link.objects.prefetch_related(Prefetch("uses", used.defer(*bodies)))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """What is not well first, and of it what has been so for the longest."""
        return [F("failing_since").asc(nulls_last=True), "url"]

    @display(description=_("address"), ordering="url")
    def shown_url(self, link: Link) -> SafeString:
        return format_html(
            '<a class="desk-link" href="{}" rel="noopener noreferrer">{}</a>', link.url, link.url
        )

    @display(
        description=_("state"),
        ordering="state",
        label={
            Link.State.WORKS.label: "success",
            Link.State.BROKEN.label: "danger",
            Link.State.FAILING.label: "warning",
        },
    )
    def shown_state(self, link: Link) -> str:
        return link.get_state_display()

    @display(description=_("why"), ordering="reason")
    def shown_reason(self, link: Link) -> str:
        return why(link)

    @display(description=_("checked"), ordering="checked_at")
    def shown_check(self, link: Link) -> str:
        at = link.checked_at
        return date_format(timezone.localtime(at), "j M Y, H:i") if at else "–"

    @display(description=_("in"))
    def shown_articles(self, link: Link) -> SafeString:
        articles = [use.article for use in link.uses.all()]
        named = format_html_join(
            ", ", '<a class="desk-link" href="{}">{}</a>', map(_linked, articles[:SHOWN])
        )
        more = len(articles) - SHOWN
        return format_html("{} +{}", named, more) if more > 0 else named


def why(link: Link) -> str:
    """ "the server refuses it (404), since 12 Nov 2026"."""
    if not link.reason:
        return f"({link.http_status})" if link.state == Link.State.SKIPPED else ""
    if link.state == Link.State.SKIPPED and link.reason in {"no_host", "no_answer"}:
        return str(_("no other server answered either"))
    said = str(link.get_reason_display())
    if link.reason == Link.Reason.STATUS and link.http_status:
        said += f" ({link.http_status})"
    if link.failing_since is not None:
        said += ", " + str(_("since %s")) % date_format(link.failing_since, "j M Y")
    return said


def _linked(article: Article) -> tuple[str, str]:
    return reverse("admin:knowledge_article_change", args=[article.pk]), article.title
