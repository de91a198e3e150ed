"""Pages behind a private link: who they speak to, and how they are kept private."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from helpdesk.models import Ticket, User


def ticket_behind(token: str) -> Ticket:
    """Whoever has the token may read the ticket: it takes the place of `visible_to`."""
    rows = Ticket.objects.select_related("requester", "rating")
    try:
        ticket: Ticket = rows.get(token=token)
    except Ticket.DoesNotExist:
        raise Http404 from None
    return ticket


def writer_of(ticket: Ticket, user: Any) -> User | None:
    """As whom the holder of the link writes: themselves if logged in, else the requester.

    None for agents, whose place is the desk: here they would write as a customer.
    """
    if not isinstance(user, User):
        return ticket.requester
    return None if user.is_agent and user != ticket.requester else user


def private_page(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Not kept, not indexed, and its address not told to other sites.

    The referrer policy is same-origin rather than no-referrer: under the latter browsers
    post forms with "Origin: null", which Django's CSRF protection refuses.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped
