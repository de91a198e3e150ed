"""Every address of the helpdesk. Who may open which is declared in tests/test_access.py."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from helpdesk import health
from knowledge.sitemaps import ArticleSitemap, robots

urlpatterns = [
    path("", include("helpdesk.portal.urls")),
    path("help/", include("knowledge.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("helpdesk.api.urls")),
    path("admin/", admin.site.urls),
    path("sitemap.xml", sitemap, {"sitemaps": {"articles": ArticleSitemap}}, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
