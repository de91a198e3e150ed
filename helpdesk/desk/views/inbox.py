"""The inbox, what it does to several tickets at once, and the review of selected drafts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.desk.access import agent_of, wants_fragment
from helpdesk.desk.bulk import (
    MOST,
    approve_all,
    assign_all,
    drafts_to_review,
    move_all,
    summary,
    tag_all,
    with_all_that_is_shown,
)
from helpdesk.desk.filters import InboxFilters
from helpdesk.desk.inbox import choices_for, empty_text, page_for, tabs_for
from helpdesk.desk.sentences import segments_of
from helpdesk.desk.views.drawing import draw
from helpdesk.desk.wording import draft_in_words, draft_level
from helpdesk.models import Draft, Ticket

INBOX = "admin:helpdesk_ticket_changelist"


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    filters = InboxFilters.read(request.GET.dict())
    context = {
        "title": _("Inbox"),
        "filters": filters,
        "tabs": tabs_for(filters, agent),
        "page": page_for(filters, agent),
        "choices": choices_for(filters),
        "statuses": Ticket.Status.choices,
        "empty": empty_text(filters),
    }
    if not wants_fragment(request):
        return draw(request, "desk/inbox.html", context)
    part = draw(request, "desk/inbox/_body.html", context)
    part["HX-Push-Url"] = f"{request.path}?{filters.query}"
    return part


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    agent = agent_of(request)
    chosen = _numbers(request.POST.getlist("ticket"))
    if request.POST.get("action") == "review":
        keys = urlencode([("ticket", pk) for pk in chosen])
        return redirect(f"{reverse('admin:helpdesk_ticket_review')}?{keys}")
    tickets = list(Ticket.objects.visible_to(agent).filter(pk__in=chosen))
    match request.POST.get("action"):
        case "assign":
            results = assign_all(tickets, agent)
        case "status" if request.POST.get("status") in Ticket.Status.values:
            results = move_all(tickets, request.POST["status"], agent)
        case "tags" if names := _names(request.POST.get("tags", "")):
            results = tag_all(tickets, names, agent)
        case _unknown:
            results = []
    if results:
        messages.info(request, summary(results))
    else:
        messages.warning(request, _("Nothing was chosen, so nothing changed."))
    back = InboxFilters.read(QueryDict(request.POST.get("back", "")).dict())
    return redirect(f"{reverse(INBOX)}?{back.query}")


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Selected drafts one under the other; each is approved, or refused, by itself."""
    agent = agent_of(request)
    if request.method == "POST":
        chosen = _numbers(request.POST.getlist("draft"))
        drafts = list(
            with_all_that_is_shown(Draft.objects.visible_to(agent).filter(pk__in=chosen))
        )
        results = approve_all(drafts, agent)
    else:
        drafts = list(drafts_to_review(_numbers(request.GET.getlist("ticket")), agent))
        results = {}
    cards = [
        {
            "draft": draft,
            "ticket": draft.ticket,
            "segments": segments_of(draft.body, draft.citations.all()),
            "citations": {row.number: row for row in draft.citations.all()}.values(),
            "sureness": draft_in_words(draft),
            "level": draft_level(draft),
            "percent": round(draft.confidence * 100),
            "is_chosen": draft.is_sure,
            "result": results.get(draft.pk),
        }
        for draft in drafts
    ]
    context = {
        "title": _("Review drafts"),
        "cards": cards,
        "has_results": bool(results),
        "sent": sum(result.is_done for result in results.values()),
        "chosen": sum(bool(card["is_chosen"]) for card in cards),
    }
    return draw(request, "desk/review.html", context)


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdigit()][:MOST]


def _names(text: str) -> list[str]:
    return [name for raw in text.split(",") if (name := raw.strip())]
