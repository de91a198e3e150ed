"""The ticket's properties, who looks at it, and what an edit changes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from helpdesk.desk import viewing
from helpdesk.desk.access import agent_of, ticket_for, wants_fragment
from helpdesk.desk.composer import composer_for
from helpdesk.desk.diffs import change_between
from helpdesk.desk.inbox import agents_by_name
from helpdesk.desk.sentences import segments_of, still_standing
from helpdesk.desk.views.drawing import draw_parts, draw_ticket
from helpdesk.desk.views.ticket import page_of
from helpdesk.exceptions import HelpdeskError
from helpdesk.models import Draft, Queue, Ticket, User
from helpdesk.services.tickets import (
    assign_ticket,
    set_priority,
    set_queue,
    set_status,
    set_tags,
    take_ticket,
)


@require_POST
def set_property(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the one property that the form names."""
    ticket, agent = ticket_for(request, pk), agent_of(request)
    alert, status = "", 200
    try:
        _change(request, ticket, agent)
    except HelpdeskError as refused:
        alert, status = refused.message, int(refused.status)
    if not alert and not wants_fragment(request):
        return redirect(page_of(ticket))
    ticket = ticket_for(request, pk)
    composer = composer_for(ticket)
    if not wants_fragment(request):
        return draw_ticket(request, ticket, composer, status=status, properties_alert=alert)
    # A solved ticket needs no draft any more; other properties leave the composer alone.
    also = ("head", "thread", "composer") if "status" in request.POST else ("head", "thread")
    return draw_parts(
        request, ticket, composer,
        main="properties", also=also, status=status, properties_alert=alert,
    )  # fmt: skip


def _change(request: HttpRequest, ticket: Ticket, agent: User) -> None:
    chosen = request.POST
    if chosen.get("status") in Ticket.Status.values:
        set_status(ticket=ticket, status=chosen["status"], by=agent)
    elif chosen.get("priority", "") in map(str, Ticket.Priority.values):
        set_priority(ticket=ticket, priority=int(chosen["priority"]), by=agent)
    elif chosen.get("queue", "").isdecimal():
        queue = get_object_or_404(Queue, pk=chosen["queue"])
        set_queue(ticket=ticket, queue=queue, by=agent)
    elif "take" in chosen:
        take_ticket(ticket=ticket, agent=agent)
    elif "assignee" in chosen:
        agents = {str(person.pk): person for person in agents_by_name()}
        assign_ticket(ticket=ticket, assignee=agents.get(chosen["assignee"]), by=agent)
    elif "add_tag" in chosen or "remove_tag" in chosen:
        present = ticket.tags.values_list("name", flat=True)
        kept = [name for name in present if name != chosen.get("remove_tag")]
        added = [raw.strip() for raw in chosen.get("add_tag", "").split(",")]
        set_tags(ticket=ticket, names=[*kept, *added], by=agent)


@require_POST
def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """ "I am still here": answers with who else is, and with what was written meanwhile."""
    ticket, agent = ticket_for(request, pk), agent_of(request)
    viewing.saw(ticket, agent)
    if not wants_fragment(request):
        return redirect(page_of(ticket))
    last = request.POST.get("last", "")
    newer = ticket.messages.select_related("author").exclude(author=agent).order_by("-pk")
    news = newer.filter(pk__gt=int(last)).first() if last.isdecimal() else None
    if news is None:
        context = {"ticket": ticket, "viewers": viewing.others(ticket, agent)}
        return TemplateResponse(request, "desk/ticket/_viewers.html", context)
    also = ("head", "thread", "composer", "properties", "why", "news")
    composer = composer_for(ticket, on_screen=request.POST.get("draft", ""))
    return draw_parts(request, ticket, composer, main="viewers", also=also, news=news)


@require_POST
def diff(request: HttpRequest, pk: int) -> HttpResponse:
    """What the text in the composer changes in the draft. Asked while the agent types."""
    ticket, agent = ticket_for(request, pk), agent_of(request)
    key = request.POST.get("draft", "")
    drafts = Draft.objects.visible_to(agent).filter(ticket=ticket).prefetch_related("citations")
    draft = get_object_or_404(drafts, pk=key if key.isdecimal() else 0)
    text = request.POST.get("body", "")
    kept, lost = still_standing(segments_of(draft.body, draft.citations.all()), text)
    context = {"change": change_between(draft.body, text), "kept": kept, "lost": lost}
    return TemplateResponse(request, "desk/ticket/_diff.html", context)
