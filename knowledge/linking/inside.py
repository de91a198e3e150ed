"""Whether an address of our own leads somewhere, asked of the database, not by HTTP."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import Resolver404, ResolverMatch, resolve

from knowledge.models import Article, Category, Link
from knowledge.rendering import render_revision

_Reason = Link.Reason
_ANCHORS = re.compile(r'\bid="([^"]+)"')


def reason_inside(url: str, *, for_readers: bool) -> str:
    """Why the path leads nowhere; "" where it does. `for_readers`: not only for agents."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    static = f"/{settings.STATIC_URL.strip('/')}/"
    if path.startswith(static):
        return _Reason.NONE if finders.find(path.removeprefix(static)) else _Reason.NO_PAGE
    match = _match(path)
    if match is None:
        return _Reason.NO_PAGE
    if match.url_name == "kb-article":
        return _article(str(match.kwargs["slug"]), unquote(parts.fragment), for_readers)
    if match.url_name == "kb-category":
        known = Category.objects.filter(slug=match.kwargs["slug"]).exists()
        return _Reason.NONE if known else _Reason.NO_PAGE
    return _Reason.NONE


def _match(path: str) -> ResolverMatch | None:
    """As Django finds it, which adds a slash that is missing."""
    for wanted in (path, f"{path}/"):
        try:
            return resolve(wanted)
        except Resolver404:
            continue
    return None


def _article(slug: str, anchor: str, for_readers: bool) -> str:
    article = Article.objects.at_address(slug).select_related("published_revision").first()
    if article is None:
        return _Reason.NO_ARTICLE
    is_hidden = for_readers and article.visibility != Article.Visibility.PUBLIC
    if not article.is_published() or is_hidden:
        return _Reason.NOT_SHOWN
    revision = article.published_revision
    if anchor and revision is not None and anchor not in _anchors(render_revision(revision)):
        return _Reason.NO_ANCHOR
    return _Reason.NONE


def _anchors(html: str) -> set[str]:
    return {*_ANCHORS.findall(html), "feedback"}
