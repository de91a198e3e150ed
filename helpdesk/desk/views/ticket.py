"""The ticket page, and the parts of it that are fetched again. Reads only."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from helpdesk.desk.access import agent_of, ticket_for, wants_fragment
from helpdesk.desk.composer import composer_for
from helpdesk.desk.filters import InboxFilters
from helpdesk.desk.page import next_with_draft
from helpdesk.desk.views.drawing import draw, draw_parts, draw_ticket
from helpdesk.models import Attachment, Ticket
from knowledge.models import Article, Revision
from knowledge.rendering import render_with_marks
from knowledge.serving import serve
from knowledge.types import Viewer


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    ticket = ticket_for(request, pk)
    kept = request.session.pop(kept_text_key(ticket), None)
    composer = composer_for(
        ticket, text=kept, edit="edit" in request.GET, own="own" in request.GET
    )
    return draw_ticket(request, ticket, composer)


@require_GET
def composer(request: HttpRequest, pk: int) -> HttpResponse:
    """The composer as it is now, or in the state that was asked for."""
    ticket = ticket_for(request, pk)
    if not wants_fragment(request):
        return redirect(page_of(ticket))
    shown = composer_for(ticket, edit="edit" in request.GET, own="own" in request.GET)
    return draw_parts(request, ticket, shown)


@require_GET
def drafting(request: HttpRequest, pk: int) -> HttpResponse:
    """Asked every other second while a draft is being written: 204 until it is there."""
    ticket = ticket_for(request, pk)
    if not wants_fragment(request):
        return redirect(page_of(ticket))
    shown = composer_for(ticket)
    known = request.GET.get("known", "0")
    is_news = shown.draft is not None and str(shown.draft.pk) != known
    if shown.is_drafting and not is_news:
        return HttpResponse(status=204)
    return draw_parts(request, ticket, shown)


@require_GET
def next_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """The next ticket with a draft; the inbox, when there is none."""
    ticket = ticket_for(request, pk)
    following = next_with_draft(ticket, agent_of(request))
    if following is not None:
        return redirect(page_of(following))
    messages.info(request, _("No other draft is waiting."))
    inbox = reverse("admin:helpdesk_ticket_changelist")
    return redirect(f"{inbox}?{InboxFilters(tab='drafts').query}")


@require_GET
def article(request: HttpRequest, pk: int, revision: int) -> HttpResponse:
    """The whole article as it was quoted, with the quoted words marked."""
    ticket = ticket_for(request, pk)
    agent = agent_of(request)
    readable = Revision.objects.filter(article__in=Article.objects.visible_to(agent))
    text = get_object_or_404(readable.select_related("article"), pk=revision)
    span = [request.GET.get(name, "") for name in ("start", "end")]
    ranges = [(int(span[0]), int(span[1]))] if all(map(str.isdecimal, span)) else []
    context = {
        "ticket": ticket,
        "revision": text,
        "html": render_with_marks(text.body, ranges, text.title),
        "title": text.title,
        "is_unread": not Viewer.as_customer(ticket.requester).is_meant_by(
            text.article.visibility, text.article.reader_groups
        ),
    }
    if wants_fragment(request):
        return TemplateResponse(request, "desk/ticket/_article.html", context)
    return draw(request, "desk/article.html", context)


@require_GET
def attachment(request: HttpRequest, pk: int, attachment: int) -> FileResponse:
    """A file of the conversation; only harmless pictures open in the browser."""
    ticket = ticket_for(request, pk)
    files = Attachment.objects.visible_to(agent_of(request)).filter(message__ticket=ticket)
    file = get_object_or_404(files, pk=attachment)
    return serve(file.file, name=file.name, content_type=file.content_type)


def page_of(ticket: Ticket) -> str:
    return reverse("admin:helpdesk_ticket_change", args=[ticket.pk])


def kept_text_key(ticket: Ticket) -> str:
    """Where the session keeps a text that came back with Undo."""
    return f"composer-{ticket.pk}"
