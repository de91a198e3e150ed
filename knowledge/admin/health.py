"""The page that shows how the knowledge base fares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from knowledge.health import Counts, look
from knowledge.models import Article, ArticleImage

if TYPE_CHECKING:
    from knowledge.admin.articles import ArticleAdmin


def page(model_admin: ArticleAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    health = look()
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": _("Knowledge base"),
        "subtitle": _("How it fares"),
        "health": health,
        "cards": _cards(health.counts),
        "unused_images": ArticleImage.objects.unused().count(),
        "may_see_images": request.user.has_perm("knowledge.view_articleimage"),
        "is_fullwidth": "1",
    }
    return TemplateResponse(request, "knowledge/admin/health.html", context)


def _cards(counts: Counts) -> list[tuple[str, str, str, bool]]:
    """Number, what it counts, the query of the list behind it, and whether it is bad."""
    share = counts.helpful_share
    return [
        (str(counts.published), _("published"), "state__exact=published", False),
        (f"{counts.reads:,}".replace(",", "\u202f"), _reads_hint(counts), "", False),
        ("–" if share is None else f"{share * 100:.0f} %",
         _("found helpful, of %d votes") % counts.votes, "", False),
        (str(counts.in_review), _("wait for a person"), "needs=review", False),
        (str(counts.overdue), _("reviews overdue"), "due=past", counts.overdue > 0),
        (str(counts.without_day), _("without a day of review"), "due=never", False),
        (str(counts.with_suggestions), _("with suggestions"), "needs=suggestion", False),
        (str(counts.outdated), _("translations out of date"), "needs=translation",
         counts.outdated > 0),
        (str(counts.with_broken_links), _("with broken links"), "needs=links",
         counts.with_broken_links > 0),
    ]  # fmt: skip


def _reads_hint(counts: Counts) -> str:
    if not counts.reads_before:
        return _("reads in 28 days")
    change = (counts.reads - counts.reads_before) / counts.reads_before * 100
    arrow = "▲" if change >= 0 else "▼"
    said = {"arrow": arrow, "change": round(abs(change))}
    return _("reads in 28 days, %(arrow)s\u00a0%(change)d\u00a0%%") % said
