"""What search engines may find, and where they need not look."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from knowledge.models import Article
from knowledge.querysets import ArticleQuerySet

#: Paths with nothing for the public: a private ticket's address must not be listed anywhere.
PRIVATE = ("/admin/", "/accounts/", "/t/", "/files/", "/tickets/", "/my-data/", "/api/")


class ArticleSitemap(Sitemap):  # type: ignore[type-arg]  # no subscript at run time
    """What everybody may read now, with when it was last published."""

    limit = 50_000  # of the protocol: https://www.sitemaps.org/protocol.html

    def items(self) -> ArticleQuerySet:
        shown = Article.objects.published().public()
        return shown.only("slug", "published_at").order_by("pk")

    def lastmod(self, item: Article) -> datetime | None:
        return item.published_at

    # The shop's own address, not the one by which a crawler reached it.
    def get_protocol(self, protocol: str | None = None) -> str:
        return str(urlsplit(settings.SITE_URL).scheme)

    def get_domain(self, site: object = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines.append(f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
