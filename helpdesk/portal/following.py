"""Following a ticket: one's own list, and the private page behind each link."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from helpdesk.exceptions import AttachmentRefused, HelpdeskError
from helpdesk.models import Ticket, User
from helpdesk.portal import limits
from helpdesk.portal.forms import RatingForm, ReplyForm
from helpdesk.portal.once import only_once
from helpdesk.portal.opening import TOO_MANY, too_many
from helpdesk.portal.private import private_page, ticket_behind, writer_of
from helpdesk.portal.wording import entry_of, standing_of
from helpdesk.services.messages import post_requester_reply
from helpdesk.services.ratings import rate_ticket
from helpdesk.services.tickets import set_status

PAGE_SIZE = 20


@login_required
@require_safe
def after_login(request: HttpRequest) -> HttpResponse:
    return redirect("admin:index" if getattr(request.user, "is_agent", False) else "ticket-list")


@never_cache
@login_required
@require_safe
def my_tickets(request: HttpRequest) -> HttpResponse:
    """One's own, and those that one's organization shares. Agents have the desk for others'."""
    tickets = Ticket.objects.visible_to(request.user).select_related("requester")
    if getattr(request.user, "is_agent", False):
        tickets = tickets.filter(requester_id=request.user.pk)
    page = Paginator(tickets, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(ticket, standing_of(ticket)) for ticket in page]
    return render(request, "portal/ticket_list.html", {"page": page, "rows": rows})


@private_page
@require_safe
def private_ticket(request: HttpRequest, token: str) -> HttpResponse:
    return _render_ticket(request, ticket_behind(token))


@private_page
@require_POST
def reply(request: HttpRequest, token: str) -> HttpResponse:
    ticket = ticket_behind(token)
    author = writer_of(ticket, request.user)
    if author is None:
        return _for_agents(request, ticket)
    form = ReplyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render_ticket(request, ticket, reply_form=form)
    if wait := limits.seconds_to_wait(limits.REPLIES, request):
        form.add_error(None, too_many(wait))
        return _render_ticket(request, ticket, reply_form=form, status=TOO_MANY)
    data = form.cleaned_data

    def post() -> int:
        return post_requester_reply(
            ticket=ticket, author=author, body=data["body"], files=data["attachments"]
        ).pk

    try:
        only_once(data["once"] and f"{ticket.pk}:{data['once']}", post)
    except AttachmentRefused as exc:
        form.add_error("attachments", _("%(why)s Please choose your files again.") % {"why": exc})
        return _render_ticket(request, ticket, reply_form=form)
    except HelpdeskError as exc:
        form.add_error("body", exc.message)
        return _render_ticket(request, ticket_behind(token), reply_form=form)
    messages.success(request, _("Thank you. We have your message."))
    return redirect(f"{ticket.get_absolute_url()}#newest")


@private_page
@require_POST
def close(request: HttpRequest, token: str) -> HttpResponse:
    """The requester needs no more help. Solved, not closed: writing again reopens it."""
    return _change(
        request,
        token,
        lambda ticket, by: set_status(ticket=ticket, status=Ticket.Status.SOLVED, by=by),
        done=_("Thank you for telling us. Write again here if anything comes up."),
    )


@private_page
@require_POST
def reopen(request: HttpRequest, token: str) -> HttpResponse:
    return _change(
        request,
        token,
        lambda ticket, by: set_status(ticket=ticket, status=Ticket.Status.OPEN, by=by),
        done=_("Your ticket is open again. Tell us below what is missing."),
    )


@private_page
@require_POST
def rate(request: HttpRequest, token: str) -> HttpResponse:
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _render_ticket(request, ticket_behind(token), rating_form=form)
    data = form.cleaned_data
    return _change(
        request,
        token,
        lambda ticket, by: rate_ticket(
            ticket=ticket, by=by, rating=data["rating"], comment=data["comment"]
        ),
        done=_("Thank you. We read every word of it."),
    )


def _change(
    request: HttpRequest, token: str, act: Callable[[Ticket, User], object], *, done: str
) -> HttpResponse:
    ticket = ticket_behind(token)
    author = writer_of(ticket, request.user)
    if author is None:
        return _for_agents(request, ticket)
    if wait := limits.seconds_to_wait(limits.REPLIES, request):
        messages.error(request, too_many(wait))
        return redirect(ticket)
    try:
        act(ticket, author)
    except HelpdeskError as exc:
        messages.error(request, exc.message)
    else:
        messages.success(request, done)
    return redirect(ticket)


def _for_agents(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    messages.error(request, _("You are an agent. Please answer this ticket in the desk."))
    return redirect(ticket)


def _render_ticket(
    request: HttpRequest,
    ticket: Ticket,
    *,
    reply_form: ReplyForm | None = None,
    rating_form: RatingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    thread = ticket.messages.public().select_related("author").prefetch_related("attachments")
    reader = writer_of(ticket, request.user)
    entries = [entry_of(message, reader, settings.SHOP_NAME) for message in thread]
    newest = entries[-1].message.pk if entries else 0
    seen = f"{newest}-{ticket.status}"
    if request.headers.get("HX-Request") and request.GET.get("seen") == seen:
        return HttpResponse(status=204)  # htmx leaves the page as it is
    rating = getattr(ticket, "rating", None)
    initial = {"rating": rating.rating, "comment": rating.comment} if rating else {}
    context = {
        "ticket": ticket,
        "standing": standing_of(ticket),
        "entries": entries,
        "seen": seen,
        "rating": rating,
        "reply_form": reply_form or ReplyForm(),
        "rating_form": rating_form or RatingForm(initial=initial),
        "can_write": reader is not None and not ticket.is_closed,
        "is_for_agents": reader is None,
    }
    return render(request, "portal/ticket.html", context, status=status)
