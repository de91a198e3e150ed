"""What agents do on the ticket page. Each is one service; a refusal is told in place and
nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from helpdesk.desk.access import agent_of, ticket_for, wants_fragment
from helpdesk.desk.composer import composer_for
from helpdesk.desk.views.drawing import draw_parts, draw_ticket
from helpdesk.desk.views.ticket import kept_text_key, page_of
from helpdesk.exceptions import HelpdeskError
from helpdesk.models import Draft, Macro, Message, Ticket, User
from helpdesk.services.drafts import approve_draft, draft_again, reject_draft
from helpdesk.services.macros import inserted
from helpdesk.services.messages import post_note, post_reply
from helpdesk.services.quoting import quoted
from helpdesk.services.undoing import undo_reply

View = Callable[[HttpRequest, int], HttpResponse]
#: Does it; returns the text that the composer must show afterwards, if any.
Act = Callable[[HttpRequest, Ticket, User], str | None]


def composing(act: Act) -> View:
    """A view around `act` that answers with the composer and what changed with it."""

    @require_POST
    @wraps(act)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        ticket, agent = ticket_for(request, pk), agent_of(request)
        try:
            text = act(request, ticket, agent)
        except HelpdeskError as refused:
            ticket = ticket_for(request, pk)
            composer = composer_for(
                ticket,
                text=request.POST.get("body"),
                own="own" in request.POST,
                alert=refused.message,
            )
            answer = draw_parts if wants_fragment(request) else draw_ticket
            return answer(request, ticket, composer, status=refused.status)
        if wants_fragment(request):
            ticket = ticket_for(request, pk)
            return draw_parts(request, ticket, composer_for(ticket, text=text))
        if text:
            request.session[kept_text_key(ticket)] = text
        return redirect(page_of(ticket))

    return view


@composing
def approve(request: HttpRequest, ticket: Ticket, agent: User) -> None:
    """Send the draft, as it stands or as edited."""
    approve_draft(
        draft=_draft_of(request, ticket, agent),
        by=agent,
        body=request.POST.get("body"),
        solve="solve" in request.POST,
        despite_hold="despite_hold" in request.POST,
    )


@composing
def reject(request: HttpRequest, ticket: Ticket, agent: User) -> None:
    reason = request.POST.get("reason", "")
    reject_draft(
        draft=_draft_of(request, ticket, agent),
        by=agent,
        reason=reason if reason in Draft.RejectReason.values else Draft.RejectReason.OTHER,
        comment=request.POST.get("comment", ""),
    )


@composing
def again(request: HttpRequest, ticket: Ticket, agent: User) -> None:
    draft_again(ticket=ticket, by=agent)


@composing
def reply(request: HttpRequest, ticket: Ticket, agent: User) -> None:
    """Write without a draft."""
    post_reply(
        ticket=ticket,
        author=agent,
        body=request.POST.get("body", ""),
        solve="solve" in request.POST,
        files=request.FILES.getlist("files"),
    )


@require_POST
def macro(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a macro into the reply that is being written."""

    def put(ticket: Ticket, text: str, at: int | None) -> tuple[str, int | None]:
        offered = Macro.objects.offered_for(ticket)
        chosen = offered.filter(pk=_number(request, "macro")).first()
        if chosen is None:
            return text, None
        return inserted(macro=chosen, ticket=ticket, text=text, at=at)

    return _inserting(request, pk, put)


@require_POST
def quote(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the words of an article that was found near into the reply that is being written."""

    def put(ticket: Ticket, text: str, at: int | None) -> tuple[str, int | None]:
        return quoted(ticket=ticket, place=request.POST.get("quote", ""), text=text, at=at)

    return _inserting(request, pk, put)


def _inserting(
    request: HttpRequest,
    pk: int,
    put: Callable[[Ticket, str, int | None], tuple[str, int | None]],
) -> HttpResponse:
    """What is put goes where the cursor stands, as far as that is told.

    With htmx only the text is drawn, so that chosen files stay.
    """
    ticket = ticket_for(request, pk)
    text, at, alert, status = request.POST.get("body", "").replace("\r\n", "\n"), None, "", 200
    try:
        text, at = put(ticket, text, _cursor(request, len(text)))
    except HelpdeskError as refused:
        alert, status = refused.message, refused.status
    if wants_fragment(request):
        written = {"ticket": ticket, "text": text, "at": at, "alert": alert}
        return TemplateResponse(
            request, "desk/ticket/composer/_written.html", written, status=status
        )
    if alert:
        composer = composer_for(ticket, text=text, own=True, alert=alert)
        return draw_ticket(request, ticket, composer, status=status)
    request.session[kept_text_key(ticket)] = text
    return redirect(f"{page_of(ticket)}?own=1")


def _cursor(request: HttpRequest, length: int) -> int | None:
    """Where the cursor stands in the text, if the page tells."""
    at = request.POST.get("at", "")
    return min(int(at), length) if at.isascii() and at.isdigit() and len(at) < 9 else None


@composing
def undo(request: HttpRequest, ticket: Ticket, agent: User) -> str | None:
    """Take back what was just sent; its words come back into the composer."""
    sent = Message.objects.visible_to(agent).filter(ticket=ticket)
    message = get_object_or_404(sent, pk=_number(request, "message"))
    draft = undo_reply(message=message, by=agent)
    return None if draft is not None and draft.body == message.body else message.body


@require_POST
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Has a form of its own, so that a reply that is being written stays as it is."""
    ticket, agent = ticket_for(request, pk), agent_of(request)
    body, alert, status = request.POST.get("note", ""), "", 200
    try:
        post_note(ticket=ticket, author=agent, body=body, files=request.FILES.getlist("files"))
    except HelpdeskError as refused:
        alert, status = refused.message, int(refused.status)
    typed = body if alert else ""
    if wants_fragment(request):
        return draw_parts(
            request, ticket, composer_for(ticket),
            main="note", also=("thread",), status=status, note_text=typed, note_alert=alert,
        )  # fmt: skip
    if alert:
        return draw_ticket(
            request, ticket, composer_for(ticket), status=status, note_text=typed, note_alert=alert
        )
    return redirect(page_of(ticket))


def _draft_of(request: HttpRequest, ticket: Ticket, agent: User) -> Draft:
    drafts = Draft.objects.visible_to(agent).filter(ticket=ticket)
    draft: Draft = get_object_or_404(drafts, pk=_number(request, "draft"))
    return draft


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else 0
