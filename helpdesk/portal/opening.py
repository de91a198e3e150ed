"""Opening a ticket, with or without an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.exceptions import AttachmentRefused, EmptyMessage
from helpdesk.models import Ticket, User
from helpdesk.portal import limits
from helpdesk.portal.asking import find_articles, question_in
from helpdesk.portal.forms import TicketForm, subject_from
from helpdesk.portal.once import only_once
from helpdesk.portal.wording import due_in_words
from helpdesk.services.tickets import find_or_create_requester, open_ticket

TOO_MANY = 429


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_ticket(request: HttpRequest) -> HttpResponse:
    """The form; filled in with the words from the question box where it comes from there."""
    if request.method == "POST" and "question" not in request.POST:
        return _submit(request)
    data = request.POST or request.GET
    question = data.get("question", "").replace("\x00", "")
    subject = data.get("subject", "").replace("\x00", "")[:200] or subject_from(question)
    form = TicketForm(initial={"body": question, "subject": subject}, user=request.user)
    return _render_form(request, form)


@never_cache
@require_safe
def ticket_sent(request: HttpRequest) -> HttpResponse:
    """What happens next. Only the browser that sent the ticket sees its number."""
    sent = request.session.get("sent")
    if not sent:
        return redirect("ticket-new")
    due_at = datetime.fromisoformat(sent["due_at"]) if sent["due_at"] else None
    context = {
        "number": sent["number"],
        "email": sent["email"],
        "due": due_in_words(due_at) if due_at else "",
        # Whoever is logged in wrote under their own name, so the link is theirs.
        "ticket": Ticket.objects.visible_to(request.user).filter(number=sent["number"]).first(),
    }
    return render(request, "portal/ticket_sent.html", context)


def _submit(request: HttpRequest) -> HttpResponse:
    form = TicketForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _render_form(request, form)
    if wait := limits.seconds_to_wait(limits.TICKETS, request):
        form.add_error(None, too_many(wait))
        return _render_form(request, form, status=TOO_MANY)
    try:
        pk = only_once(form.cleaned_data["once"], lambda: _open(form.cleaned_data, request.user))
    except AttachmentRefused as exc:
        form.add_error("attachments", _("%(why)s Please choose your files again.") % {"why": exc})
        return _render_form(request, form)
    except EmptyMessage as exc:
        form.add_error("body", exc.message)
        return _render_form(request, form)
    ticket = Ticket.objects.get(pk=pk)
    request.session["sent"] = {
        "number": ticket.number,
        "due_at": ticket.due_at.isoformat() if ticket.due_at else "",
        "email": form.cleaned_data.get("email") or getattr(request.user, "email", ""),
    }
    return redirect("ticket-sent")


def _open(data: dict[str, Any], user: Any) -> int:
    language = get_language() or settings.LANGUAGE_CODE
    if isinstance(user, User):
        requester = user
    else:
        requester = find_or_create_requester(
            email=data["email"], name=data["name"], language=language
        )
    ticket = open_ticket(
        requester=requester,
        subject=data["subject"],
        body=data["body"],
        order_reference=data["order_reference"],
        language=language,
        files=data["attachments"],
    )
    return ticket.pk


def too_many(wait: int) -> str:
    return _(
        "That is a lot of messages from one place in a short time. Nothing you wrote is "
        "lost: please wait %(minutes)s and send it again."
    ) % {"minutes": limits.in_minutes(wait)}


def _render_form(request: HttpRequest, form: TicketForm, status: int = 200) -> HttpResponse:
    """With suggestions for what the form says so far, for browsers that do not ask later."""
    question = question_in(request)
    context = {
        "form": form,
        "question": question,
        "hits": find_articles(question, request.user),
    }
    return render(request, "portal/ticket_new.html", context, status=status)
