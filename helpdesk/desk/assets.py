"""Where the staff side's own style and scripts are, for unfold's settings."""

from __future__ import annotations

from django.http import HttpRequest
from django.templatetags.static import static


def stylesheet(request: HttpRequest) -> str:
    return static("desk/desk.css")


def script(request: HttpRequest) -> str:
    return static("desk/desk.js")


def htmx(request: HttpRequest) -> str:
    return static("django_htmx/htmx-2.min.js")
