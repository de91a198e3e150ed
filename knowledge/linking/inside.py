"""Whether an address of our own leads somewhere, asked of the database, not by HTTP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import Q
from django.urls import Resolver404, ResolverMatch, resolve

from knowledge.models import Article, ArticleImage, Category, Link, OldAddress
from knowledge.rendering import render_revision

_Reason = Link.Reason
_ANCHORS = re.compile(r'\bid="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Inside:
    """A path of our own. `for_readers`: anybody may be led there; `for_groups`: customers who
    are in a group.
    """

    url: str
    for_readers: bool
    for_groups: bool = False


def reasons_inside(places: Sequence[Inside]) -> list[str]:
    """Why each leads nowhere; "" where it does. A fixed number of queries for all of them."""
    parts = [urlsplit(place.url) for place in places]
    matches = [_match(unquote(part.path)) for part in parts]
    articles = _articles_at({_slug(match, "kb-article") for match in matches})
    wanted = {_slug(match, "kb-category") for match in matches}
    shelves = set(Category.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    images = _images_at({match.kwargs["name"] for match in matches if match and _is_image(match)})
    found = []
    for place, part, match in zip(places, parts, matches, strict=True):
        name = match.url_name if match else ""
        if name == "kb-article":
            article = articles.get(_slug(match, name))
            reason = _of_article(article, unquote(part.fragment), place)
        elif name == "kb-category":
            reason = _Reason.NONE if _slug(match, name) in shelves else _Reason.NO_PAGE
        elif name == "kb-image":
            is_there = match is not None and match.kwargs["name"] in images
            reason = _Reason.NONE if is_there else _Reason.NO_PAGE
        else:
            is_there = match is not None or _is_static(unquote(part.path))
            reason = _Reason.NONE if is_there else _Reason.NO_PAGE
        found.append(str(reason))
    return found


def _match(path: str) -> ResolverMatch | None:
    """As Django finds it, which adds a slash that is missing."""
    for wanted in (path, f"{path}/"):
        try:
            return resolve(wanted)
        except Resolver404:
            continue
    return None


def _slug(match: ResolverMatch | None, name: str) -> str:
    return str(match.kwargs["slug"]) if match and match.url_name == name else ""


def _is_image(match: ResolverMatch | None) -> bool:
    return match is not None and match.url_name == "kb-image"


def _images_at(names: set[str]) -> set[str]:
    """Those of the names that a picture has."""
    digests = {name.partition(".")[0] for name in names}
    return {image.name for image in ArticleImage.objects.filter(sha256__in=digests)} & names


def _is_static(path: str) -> bool:
    static = f"/{settings.STATIC_URL.strip('/')}/"
    return path.startswith(static) and finders.find(path.removeprefix(static)) is not None


def _articles_at(slugs: set[str]) -> dict[str, Article]:
    """By its address each article, or the one that had it, as `at_address` has it."""
    had = OldAddress.objects.filter(slug__in=slugs).values_list("slug", "article")
    before = dict(had)
    articles = Article.objects.select_related("published_revision").filter(
        Q(slug__in=slugs) | Q(pk__in=before.values())
    )
    by_pk = {article.pk: article for article in articles}
    return {slug: by_pk[pk] for slug, pk in before.items()} | {
        article.slug: article for article in by_pk.values()
    }


def _of_article(article: Article | None, anchor: str, place: Inside) -> str:
    if article is None:
        return _Reason.NO_ARTICLE
    is_hidden = (place.for_readers and article.visibility != Article.Visibility.PUBLIC) or (
        place.for_groups and article.visibility == Article.Visibility.INTERNAL
    )
    if not article.is_published() or is_hidden:
        return _Reason.NOT_SHOWN
    revision = article.published_revision
    if anchor and revision is not None and anchor not in _anchors(render_revision(revision)):
        return _Reason.NO_ANCHOR
    return _Reason.NONE


def _anchors(html: str) -> set[str]:
    return {*_ANCHORS.findall(html), "feedback"}
