"""The page on which an article is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from knowledge.admin.forms import ArticleForm
from knowledge.admin.standing import standing
from knowledge.diffing import diff_lines
from knowledge.exceptions import ArticleMovedOn, KnowledgeError
from knowledge.models import Article, Revision
from knowledge.rendering import render
from knowledge.services import (
    archive,
    change_details,
    create_article,
    link_translation,
    look_after,
    may_publish,
    publish,
    rename,
    save_revision,
    submit_for_review,
    unpublish,
)
from knowledge.significance import guess
from knowledge.types import ArticleText

if TYPE_CHECKING:
    from knowledge.admin.articles import ArticleAdmin

_SAID = {
    "save": gettext_noop("Saved. Readers see it once it is published."),
    "review": gettext_noop("Saved, and a reviewer is asked to look at it."),
    "publish": gettext_noop("Published."),
    "archive": gettext_noop("Archived. Readers no longer see it."),
    "unpublish": gettext_noop("Back in drafts. Readers no longer see it."),
}


def add(model_admin: ArticleAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    form = ArticleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            article = _create(request, form)
        except KnowledgeError as refusal:
            form.add_error(None, str(refusal))
        else:
            model_admin.log_addition(request, article, "Added.")
            return _saved(request, article)
    return _page(model_admin, request, form, None)


def change(model_admin: ArticleAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    article = find(model_admin, request, object_id)
    if request.method != "POST":
        return _page(model_admin, request, _form(request, article), article)
    if not model_admin.has_change_permission(request, article):
        raise PermissionDenied
    form = _form(request, article)
    conflict: ArticleMovedOn | None = None
    if form.is_valid():
        try:
            _save(request, form, article)
        except ArticleMovedOn as moved_on:
            conflict = moved_on
        except KnowledgeError as refusal:
            form.add_error(None, str(refusal))
        else:
            model_admin.log_change(request, article, _action(request).capitalize() + ".")
            return _saved(request, article)
    return _page(model_admin, request, form, article, conflict)


def find(model_admin: ArticleAdmin, request: HttpRequest, object_id: str | int) -> Article:
    """The article, for somebody who may read it."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    articles = Article.objects.visible_to(request.user).select_related(
        "category", "head__author", "published_revision", "published_by", "translation_of",
        "review_revision", "review_asked_by", "approved_by", "owner", "current_with",
    )  # fmt: skip
    article = articles.filter(pk=object_id).first() if str(object_id).isdecimal() else None
    if article is None:
        raise Http404
    return article


def preview(model_admin: ArticleAdmin, request: HttpRequest) -> HttpResponse:
    """The text as readers would see it. htmx asks for it while it is typed."""
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    html = render(request.POST.get("body", ""), request.POST.get("title", "").strip())
    return HttpResponse(html + _guess(request))


def _guess(request: HttpRequest) -> SafeString:
    """What the change looks like, beside the field that asks for it; htmx puts it there."""
    base = request.POST.get("base_revision", "")
    before = Revision.objects.filter(pk=base).first() if base.isdecimal() else None
    if before is None:
        return SafeString()
    typed = ArticleText(*(request.POST.get(name, "") for name in ("title", "body", "summary")))
    after = typed.normalized()
    said = "" if after == before.text else Revision.Significance(guess(before.text, after)).label
    return format_html('<span id="kb-guess" hx-swap-oob="true">{}</span>', said)


def _form(request: HttpRequest, article: Article) -> ArticleForm:
    said = request.POST if request.method == "POST" else None
    return ArticleForm(said, article=article, may_publish=may_publish(request.user))  # type: ignore[arg-type]


def _action(request: HttpRequest) -> str:
    wanted = request.POST.get("action", "save")
    return wanted if wanted in _SAID else "save"


@transaction.atomic
def _create(request: HttpRequest, form: ArticleForm) -> Article:
    article = create_article(
        text=form.text,
        category=form.cleaned_data["category"],
        author=request.user,  # type: ignore[arg-type]  # the admin site lets nobody else in
        details=form.details,
        note=form.cleaned_data["note"],
        slug=form.cleaned_data["slug"],
    )
    _link(request, form, article)
    if _action(request) in {"publish", "review"}:
        _act(request, article)
    return article


@transaction.atomic
def _save(request: HttpRequest, form: ArticleForm, article: Article) -> None:
    """Keep the text whatever the button, so that none loses what was typed."""
    save_revision(
        article=article,
        text=form.text,
        author=request.user,  # type: ignore[arg-type]
        note=form.cleaned_data["note"],
        base_revision=form.cleaned_data["base_revision"],
        significance=form.cleaned_data["significance"],
    )
    change_details(
        article=article,
        details=form.details,
        category=form.cleaned_data["category"],
        by=request.user,  # type: ignore[arg-type]
    )
    _link(request, form, article)
    _act(request, article)


def _act(request: HttpRequest, article: Article) -> None:
    by: Any = request.user
    match _action(request):
        case "publish":
            publish(article=article, by=by)
        case "review":
            submit_for_review(article=article, by=by, comment=request.POST.get("note", ""))
        case "archive":
            archive(article=article, by=by)
        case "unpublish":
            unpublish(article=article, by=by)


def _link(request: HttpRequest, form: ArticleForm, article: Article) -> None:
    """Address, original and owner; a form that leaves one out leaves it as it is."""
    by: Any = request.user
    said = form.cleaned_data
    if said["slug"]:
        rename(article=article, slug=said["slug"], by=by)
    if "translation_of" in form.data:
        link_translation(article=article, source=said["translation_of"], by=by)
    if "review_by" in form.data:
        look_after(article=article, owner=said["owner"], review_by=said["review_by"], by=by)


def _saved(request: HttpRequest, article: Article) -> HttpResponse:
    messages.success(request, _(_SAID[_action(request)]))
    return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))


def _page(
    model_admin: ArticleAdmin,
    request: HttpRequest,
    form: ArticleForm,
    article: Article | None,
    conflict: ArticleMovedOn | None = None,
) -> HttpResponse:
    can_edit = (
        model_admin.has_change_permission(request, article)
        if article
        else model_admin.has_add_permission(request)
    )
    if not can_edit:
        for field in form.fields.values():
            field.disabled = True
    body = str(form["body"].value() or "")
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": Article._meta,
        "title": article.title if article else _("New article"),
        "article": article,
        "old_addresses": article.old_addresses.all() if article else (),
        **(standing(article, request.user) if article else {}),
        "may_publish": may_publish(request.user),  # type: ignore[arg-type]
        "form": form,
        "can_edit": can_edit,
        "can_upload": can_edit and request.user.has_perm("knowledge.add_articleimage"),
        "preview": render(body, str(form["title"].value() or "").strip()),
        "is_fullwidth": "1",
    }
    if conflict is not None:
        context |= {
            "conflict": conflict,
            "base_revision": conflict.head.pk,
            "conflict_rows": diff_lines(conflict.head.body, form.text.normalized().body),
        }
    else:
        context["base_revision"] = form["base_revision"].value() or ""
    return TemplateResponse(
        request,
        "knowledge/admin/article.html",
        context,
        status=409 if conflict else 422 if form.errors else 200,
    )
