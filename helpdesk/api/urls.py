"""Addresses of the REST API, version 1."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

from helpdesk.api import errors
from helpdesk.api.views.attachments import AttachmentView
from helpdesk.api.views.drafts import DraftViewSet
from helpdesk.api.views.knowledge import AnswerView, ArticleViewSet
from helpdesk.api.views.me import MeView
from helpdesk.api.views.sources import SourceViewSet
from helpdesk.api.views.tickets import TicketViewSet

app_name = "api"

router = SimpleRouter()
router.register("tickets", TicketViewSet)
router.register("drafts", DraftViewSet)
router.register("articles", ArticleViewSet)
router.register("sources", SourceViewSet, basename="source")

urlpatterns: list[URLPattern | URLResolver] = [
    *router.urls,
    path("answer/", AnswerView.as_view(), name="answer"),
    path("attachments/<str:token>/", AttachmentView.as_view(), name="attachment"),
    path("me/", MeView.as_view(), name="me"),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerView.as_view(url_name="api:schema", permission_classes=[AllowAny]),
        name="docs",
    ),
    re_path("", errors.not_found, name="not-found"),
]
