"""A suggestion's page, and what its buttons do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from helpdesk.desk.access import agent_of
from helpdesk.suggestions.page import find, page_context
from knowledge.exceptions import ArticleMovedOn, KnowledgeError, NotAllowed
from knowledge.models import Article, Revision, Suggestion
from knowledge.services import suggestions as services
from knowledge.types import Placing
from qa_engine import services as engine

QUEUE = "admin:knowledge_suggestion_changelist"


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept it as it stands, or with the reviewer's own words (`edited`)."""
    suggestion = _find(request, pk)
    is_edited = "edited" in request.POST
    base = request.POST.get("base_revision", "")
    try:
        services.accept(
            suggestion=suggestion,
            reviewer=agent_of(request),
            title=request.POST.get("title", "") if is_edited else None,
            body=request.POST.get("body", "") if is_edited else None,
            base_revision=Revision.objects.filter(article=suggestion.article_id, pk=base).first()
            if is_edited and base.isdecimal()
            else None,
            puts_away="archive" in request.POST,
            placing=_placing(request),
        )
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except KnowledgeError as refusal:
        return _page(request, _find(request, pk), refusal)
    messages.success(request, _what_was_done(suggestion))
    return redirect("admin:knowledge_suggestion_change", suggestion.pk)


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Dismiss it and go on with the next one."""
    suggestion = _find(request, pk)
    following = page_context(suggestion, agent_of(request))["next_pk"]
    try:
        services.dismiss(
            suggestion=suggestion,
            reviewer=agent_of(request),
            reason=request.POST.get("reason", ""),
            comment=request.POST.get("comment", ""),
        )
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except KnowledgeError as refusal:
        return _page(request, _find(request, pk), refusal)
    messages.success(request, _when_it_comes_back(suggestion))
    if following:
        return redirect("admin:knowledge_suggestion_change", following)
    return redirect(QUEUE)


@require_POST
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """Of two articles that contradict each other the other one is to change."""
    suggestion = _find(request, pk)
    if not services.may_dismiss(agent_of(request)):
        raise PermissionDenied
    try:
        turned = engine.turn_round(suggestion)
    except KnowledgeError as refusal:
        return _page(request, _find(request, pk), refusal)
    messages.success(request, _("Turned round: now the other article would be changed."))
    return redirect("admin:knowledge_suggestion_change", turned.pk)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    suggestion = _find(request, pk)
    try:
        services.undo_accept(suggestion=suggestion, by=agent_of(request))
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except KnowledgeError as refusal:
        return _page(request, _find(request, pk), refusal)
    messages.success(request, _("Taken back: the article says again what it said before."))
    return redirect("admin:knowledge_suggestion_change", suggestion.pk)


def _when_it_comes_back(suggestion: Suggestion) -> str:
    if suggestion.kind == Suggestion.Kind.CONTRADICTION:
        return _("Dismissed. It comes back only when one of the two says something else.")
    return _("Dismissed. It comes back only with as much new evidence.")


def _placing(request: HttpRequest) -> Placing | None:
    """What the form of a new article chooses; None where it has nothing to choose."""
    if "category" not in request.POST:
        return None
    category = request.POST["category"]
    language = request.POST.get("language", "")
    return Placing(int(category) if category.isdecimal() else 0, language)


def _what_was_done(suggestion: Suggestion) -> str:
    article = suggestion.article
    if article is not None:
        article.refresh_from_db()
    is_shown = article is not None and article.state == Article.State.PUBLISHED
    if suggestion.revision_id is None:
        return (
            _("Found still right. The article is to be looked at again in half a year.")
            if is_shown
            else _("Accepted. Readers no longer see the article.")
        )
    if article is not None and article.published_revision_id == suggestion.revision_id:
        return _("Accepted and published. Drafts that rest on it are written anew.")
    return _("Accepted. Readers see it once it is published.")


def _find(request: HttpRequest, pk: int) -> Suggestion:
    if not request.user.has_perm("knowledge.view_suggestion"):
        raise PermissionDenied
    suggestion = find(agent_of(request), pk)
    if suggestion is None:
        raise Http404
    return suggestion


def _page(
    request: HttpRequest, suggestion: Suggestion, refusal: KnowledgeError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Suggestion._meta,
        "title": str(suggestion),
        "is_fullwidth": "1",
        "refusal": str(refusal) if refusal else "",
        "is_side_by_side": request.GET.get("view") == "side",
        "queue_url": reverse(QUEUE),
        **page_context(suggestion, agent_of(request)),
    }
    if refusal is not None and "edited" in request.POST:
        context["typed_title"] = request.POST.get("title", "")
        context["typed_body"] = request.POST.get("body", "")
        if isinstance(refusal, ArticleMovedOn):
            context["base_revision"] = refusal.head.pk
    if refusal is not None and (chosen := _placing(request)) is not None:
        context["chosen_category"] = chosen.category_id
        context["chosen_language"] = chosen.language
    return TemplateResponse(
        request, "suggestions/page.html", context, status=409 if refusal else 200
    )
