"""Pages inside the admin's frame, and the parts of them that htmx swaps."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from helpdesk.desk.access import agent_of
from helpdesk.desk.composer import Composer
from helpdesk.desk.page import page_context
from helpdesk.models import Ticket


def draw(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A whole page, with the admin's navigation around it."""
    frame = {**admin.site.each_context(request), "is_fullwidth": "1"}
    return TemplateResponse(request, template, {**frame, **context}, status=status)


def draw_ticket(
    request: HttpRequest, ticket: Ticket, composer: Composer, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = page_context(ticket, agent_of(request), composer)
    names = {"title": _("Inbox"), "page_title": str(ticket)}
    return draw(request, "desk/ticket.html", {**context, **names, **extra}, status=status)


def draw_parts(
    request: HttpRequest,
    ticket: Ticket,
    composer: Composer,
    *,
    main: str = "composer",
    also: tuple[str, ...] = ("head", "thread", "properties", "why"),
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    """The part that was asked for, and those that changed with it (htmx swaps them too)."""
    context = page_context(ticket, agent_of(request), composer)
    parts = {
        "main": f"desk/ticket/_{main}.html",
        "also": [f"desk/ticket/_{name}.html" for name in also],
    }
    return TemplateResponse(
        request, "desk/ticket/_parts.html", {**context, **parts, **extra}, status=status
    )
