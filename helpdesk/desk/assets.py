"""Where the staff side's own style and script are, for unfold's settings."""

from __future__ import annotations

from django.http import HttpRequest
from django.templatetags.static import static


def stylesheet(request: HttpRequest) -> str:
    return static("desk/desk.css")


def script(request: HttpRequest) -> str:
    return static("desk/desk.js")


def favicon(request: HttpRequest) -> str:
    return static("portal/mark.svg")
