"""The public knowledge base: shelves, articles, search, and "was this helpful?"."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST, require_safe

from knowledge.choosing import PARAMETER, Choice, choice_of, keep_choice
from knowledge.forms import FeedbackForm
from knowledge.languages import languages_of
from knowledge.models import Article, ArticleFeedback, ArticleImage, Category, ReaderGroup
from knowledge.readership import count_view, is_reader
from knowledge.rendering import render_revision
from knowledge.search import look_up
from knowledge.services import log_search, record_feedback
from knowledge.serving import serve
from knowledge.structured import structured_data
from knowledge.tree import Tree, grow
from knowledge.types import Viewer
from knowledge.visitors import remembered_visitor_of, visitor_of

NEWEST = 6
RELATED = 5
FOUND = 20
PER_PAGE = 50
YEAR = 365 * 24 * 60 * 60  # seconds


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Every shelf with what stands on it, and what was written lately."""
    choice = choice_of(request)
    newest = Article.objects.visible_to(request.user).published().in_language(choice.code)
    context = {
        "shelves": _tree(request, choice.code).top,
        "newest": newest.for_list().order_by("-published_at", "-pk")[:NEWEST],
    }
    return _page(request, "knowledge/home.html", context, choice)


@require_GET
def category_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One shelf: the shelves on it and its articles."""
    category = get_object_or_404(Category.objects.visible_to(request.user), slug=slug)
    choice = choice_of(request)
    tree = _tree(request, choice.code)
    node = tree.nodes.get(category.pk)
    articles = (
        Article.objects.visible_to(request.user)
        .published()
        .in_language(choice.code)
        .filter(category=category)
        .for_list()
        .order_by("published_revision__title")
    )
    context = {
        "category": category,
        "way": tree.way_to(category.pk)[:-1],
        "children": node.children if node else [],
        "page": Paginator(articles, PER_PAGE).get_page(request.GET.get("page")),
    }
    return _page(request, "knowledge/category.html", context, choice)


@require_GET
def article_page(request: HttpRequest, slug: str) -> HttpResponse:
    """An article as it shows; agents see drafts and archived ones too, marked as such."""
    article = _article(request, slug)
    if article.slug != slug:
        return _moved(article)
    related = Article.objects.visible_to(request.user).published().related_to(article)
    revision = article.published_revision or article.head
    assert revision is not None
    context = {
        "article": article,
        "revision": revision,
        "body": render_revision(revision),
        "is_shown": article.is_published(),
        "way": _tree(request).way_to(article.category_id),
        "related": related.for_list()[:RELATED],
        "vote": _vote(request, article),
        "languages": languages_of(article, request.user),
        "reader_groups": _groups_shown(request, article),
        "site_url": settings.SITE_URL,
    }
    is_public = article.visibility == Article.Visibility.PUBLIC
    if article.is_published() and is_public:
        context["structured_data"] = structured_data(
            article,
            revision,
            url=settings.SITE_URL + article.get_absolute_url(),
            publisher=settings.SHOP_NAME,
        )
    if context["is_shown"] and is_reader(request):
        count_view(article.pk)
    response = render(request, "knowledge/article.html", context)
    if not is_public:
        add_never_cache_headers(response)
    # By a link to a translation the reader has chosen its language.
    asked = request.GET.get(PARAMETER) == article.language
    return keep_choice(request, response, Choice(article.language)) if asked else response


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").split())[:300]
    choice = choice_of(request)
    found = look_up(query, viewer=request.user, limit=FOUND, language=choice.code)
    is_elsewhere = False
    if query and choice.code and not found.hits:
        found = look_up(query, viewer=request.user, limit=FOUND)
        is_elsewhere = bool(found.hits)
    if query:
        log_search(query=query, result_count=len(found.hits))
    context = {
        "query": query,
        "hits": found.hits,
        "corrected": found.corrected,
        "is_elsewhere": is_elsewhere,
    }
    return _page(request, "knowledge/search.html", context, choice)


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def image(request: HttpRequest, name: str) -> FileResponse:
    """A picture of an article. Its address says what its bytes are, so it never changes."""
    row = get_object_or_404(ArticleImage, sha256=name.partition(".")[0])
    if row.name != name:
        raise Http404
    return serve(row.file, name=name, content_type=row.content_type)


@require_POST
def feedback(request: HttpRequest, slug: str) -> HttpResponse:
    """A vote, or a comment on one. Works without JavaScript: then the page is shown again."""
    article = _article(request, slug)
    form = FeedbackForm(request.POST)
    vote = None
    if article.published_revision is not None and form.is_valid():
        said = form.cleaned_data
        vote = record_feedback(
            revision=article.published_revision,
            visitor=remembered_visitor_of(request),
            is_helpful=said["helpful"],
            comment=said["comment"] if "comment" in request.POST else None,
        )
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(f"{article.get_absolute_url()}#feedback")
    context = {"article": article, "vote": vote, "has_commented": "comment" in request.POST}
    return render(request, "knowledge/feedback.html", context)


def _article(request: HttpRequest, slug: str) -> Article:
    """By its address, or one that it had."""
    articles = Article.objects.visible_to(request.user).at_address(slug)
    article = articles.select_related("category", "head", "published_revision").first()
    if article is None:
        raise Http404
    return article


def _moved(article: Article) -> HttpResponse:
    """Permanent for search engines; browsers ask again, for it may be renamed back."""
    response = HttpResponsePermanentRedirect(article.get_absolute_url())
    response["Cache-Control"] = "no-cache"
    return response


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], choice: Choice
) -> HttpResponse:
    """A page of what there is in the reader's language, with the others to choose from."""
    context |= {"choice": choice, "site_url": settings.SITE_URL}
    response = render(request, template, context)
    if request.user.is_authenticated:  # what is listed may be for them alone
        patch_cache_control(response, private=True)
    return keep_choice(request, response, choice)


def _groups_shown(request: HttpRequest, article: Article) -> list[str]:
    """For whom a restricted article is, told to agents: customers do not know their groups."""
    if not article.reader_groups or not Viewer.of(request.user).is_agent:
        return []
    groups = ReaderGroup.objects.filter(pk__in=article.reader_groups)
    return list(groups.values_list("name", flat=True))


def _tree(request: HttpRequest, language: str = "") -> Tree:
    categories = Category.objects.visible_to(request.user)
    return grow(categories.with_article_count(request.user, language))


def _vote(request: HttpRequest, article: Article) -> ArticleFeedback | None:
    visitor = visitor_of(request)
    if visitor is None or article.published_revision_id is None:
        return None
    return ArticleFeedback.objects.filter(
        revision=article.published_revision_id, visitor=visitor
    ).first()
