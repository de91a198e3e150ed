"""An article's history: every revision, what changed between two, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.admin.pages import find
from knowledge.diffing import diff_lines, diff_words
from knowledge.models import Article, Revision
from knowledge.services import roll_back

if TYPE_CHECKING:
    from knowledge.admin.articles import ArticleAdmin


def page(model_admin: ArticleAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """The revisions, newest first; the two chosen ones, or the newest two, compared."""
    article = find(model_admin, request, object_id)
    revisions = list(
        Revision.objects.filter(article=article)
        .select_related("author")
        .defer("body")
        .order_by("-number")
    )
    new = _chosen(request, "new", revisions) or revisions[0]
    before = [revision for revision in revisions if revision.number < new.number]
    old = _chosen(request, "old", revisions) or (before[0] if before else new)
    bodies = dict(Revision.objects.filter(pk__in=[old.pk, new.pk]).values_list("pk", "body"))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": article.title,
        "subtitle": _("History"),
        "article": article,
        "revisions": revisions,
        "old": old,
        "new": new,
        "is_side_by_side": request.GET.get("view") == "side",
        "title_pieces": diff_words(old.title, new.title) if old.title != new.title else (),
        "summary_pieces": (
            diff_words(old.summary, new.summary) if old.summary != new.summary else ()
        ),
        "steps": article.events.select_related("by", "revision").defer("revision__body")[:100],
        "rows": diff_lines(bodies[old.pk], bodies[new.pk]) if old.pk != new.pk else [],
        "can_edit": model_admin.has_change_permission(request, article),
    }
    return TemplateResponse(request, "knowledge/admin/history.html", context)


def roll_back_page(model_admin: ArticleAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    article = find(model_admin, request, pk)
    if not model_admin.has_change_permission(request, article):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    wanted = request.POST.get("revision", "")
    to = article.revisions.filter(number=wanted).first() if wanted.isdecimal() else None
    if to is None:
        raise Http404
    roll_back(article=article, to=to, by=request.user)  # type: ignore[arg-type]
    model_admin.log_change(request, article, f"Rolled back to revision {to.number}.")
    messages.success(
        request,
        _("The text of revision %(number)d is the newest again. Readers see it once you publish.")
        % {"number": to.number},
    )
    return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))


def _chosen(request: HttpRequest, name: str, revisions: list[Revision]) -> Revision | None:
    wanted = request.GET.get(name, "")
    return next((revision for revision in revisions if str(revision.number) == wanted), None)
