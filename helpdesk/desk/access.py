"""Who may use the desk, and which ticket a request is about. Every view begins here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from helpdesk.models import Ticket, User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

PERMISSION = "helpdesk.change_ticket"


def agent_of(request: HttpRequest) -> User:
    """Whoever is asking, if they may work on tickets."""
    user = request.user
    if not (user.is_authenticated and user.is_agent and user.has_perm(PERMISSION)):
        raise PermissionDenied
    return user


def ticket_for(request: HttpRequest, pk: int) -> Ticket:
    agent = agent_of(request)
    rows = Ticket.objects.visible_to(agent).select_related(
        "requester", "organization", "assignee", "queue"
    )
    ticket: Ticket = get_object_or_404(rows, pk=pk)
    return ticket


def wants_fragment(request: HttpRequest) -> bool:
    """htmx asked, and for a part of the page."""
    htmx = cast("HtmxDetails", request.htmx)  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.history_restore_request
