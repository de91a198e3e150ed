"""Which rows: every filter of the helpdesk that has a meaning has its name here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, Min, OuterRef, Prefetch, Q, Subquery, When
from django.db.models.functions import Left
from django.utils import timezone

if TYPE_CHECKING:
    # In the quoted names of the classes' bases, where the linter does not look.
    from helpdesk.models import (  # noqa: F401
        Attachment,
        Draft,
        DraftDecision,
        Job,
        Macro,
        Message,
        Replay,
        ReplayedTicket,
        TaughtFact,
        Ticket,
        TicketEvent,
    )

#: What a change may make of a past ticket, the worst first.
OUTCOMES = ("lost", "worse", "answered", "changed", "untold")
#: Inbox tabs, in the order in which they are shown.
TABS = ("drafts", "mine", "unassigned", "overdue", "all")


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, user: Any) -> Self:
        """What `user` may read. Every view and endpoint starts here.

        Agents read everything; a requester their own tickets, and those of their
        organization if it shares them.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_agent:
            return self
        own = Q(requester=user)
        if user.organization_id and user.organization.shares_tickets:
            own |= Q(organization_id=user.organization_id)
        return self.filter(own)

    def active(self) -> Self:
        return self.filter(status__in=self.model.ACTIVE)

    def unassigned(self) -> Self:
        return self.active().filter(assignee=None)

    def assigned_to(self, user: Any) -> Self:
        return self.active().filter(assignee=user)

    def overdue(self, at: datetime | None = None) -> Self:
        return self.active().filter(due_at__lt=at or timezone.now(), first_replied_at=None)

    def with_draft_waiting(self) -> Self:
        """Active tickets whose draft has an answer that waits for an agent."""
        from helpdesk.models import Draft

        waiting = Draft.objects.waiting().with_answer().filter(ticket=OuterRef("pk"))
        return self.active().filter(Exists(waiting))

    def held_for(self, suggestion: int) -> Self:
        """Those whose waiting draft must not be sent until the suggestion is decided."""
        from helpdesk.models import Draft

        held = Draft.objects.held_for(suggestion).filter(ticket=OuterRef("pk"))
        return self.filter(Exists(held))

    def in_tab(self, tab: str, user: Any) -> Self:
        match tab:
            case "drafts":
                return self.with_draft_waiting()
            case "mine":
                return self.assigned_to(user)
            case "unassigned":
                return self.unassigned()
            case "overdue":
                return self.overdue()
            case _:
                return self

    def tab_counts(self, user: Any) -> dict[str, int]:
        """How many tickets each tab holds, in one query."""
        from helpdesk.models import Draft

        waiting = Draft.objects.waiting().with_answer().filter(ticket=OuterRef("pk"))
        active = self.active().annotate(has_draft=Exists(waiting))
        overdue = Q(due_at__lt=timezone.now(), first_replied_at=None)
        counts: dict[str, int] = active.aggregate(
            drafts=Count("pk", filter=Q(has_draft=True)),
            mine=Count("pk", filter=Q(assignee=user)),
            unassigned=Count("pk", filter=Q(assignee=None)),
            overdue=Count("pk", filter=overdue),
        )
        return counts

    def matching(self, text: str) -> Self:
        """Tickets whose number, order, requester, subject or messages match `text`."""
        from helpdesk.models import Message

        text = text.strip()
        if text.lstrip("#").isdigit() and len(text.lstrip("#")) < 18:
            return self.filter(Q(number=int(text.lstrip("#"))) | Q(order_reference=text))
        found = Message.objects.matching(text).filter(ticket=OuterRef("pk"))
        return self.filter(
            Q(subject__icontains=text)
            | Q(order_reference__iexact=text)
            | Q(requester__email__icontains=text)
            | Q(requester__name__icontains=text)
            | Exists(found)
        )

    def for_list(self) -> Self:
        """Everything a row of the inbox shows, in a constant number of queries."""
        from helpdesk.models import Draft, Message

        newest = (
            Message.objects.filter(ticket=OuterRef("pk"), is_from_requester=True)
            .order_by("-created_at", "-pk")
            .annotate(head=Left("body", 200))
            .values("head")[:1]
        )
        waiting = Draft.objects.waiting().with_first_claim().defer("questions")
        return (
            self.select_related("requester", "assignee", "queue")
            .annotate(newest_text=Subquery(newest))
            .prefetch_related(Prefetch("drafts", queryset=waiting, to_attr="waiting_drafts"))
        )


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: Any) -> Self:
        """Agents read everything; a requester what is public on tickets they may see."""
        from helpdesk.models import Ticket

        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_agent:
            return self
        return self.public().filter(ticket__in=Ticket.objects.visible_to(user))

    def public(self) -> Self:
        """The conversation as the requester sees it: no notes, and no reply that the
        agent may still take back."""
        return self.filter(
            Q(send_after=None) | Q(send_after__lte=timezone.now()), kind=self.model.Kind.REPLY
        )

    def from_requester(self) -> Self:
        return self.filter(is_from_requester=True)

    def unanswered(self) -> Self:
        """Nobody has written publicly on the ticket since."""
        later = self.model.objects.filter(
            ticket=OuterRef("ticket"),
            kind=self.model.Kind.REPLY,
            created_at__gte=OuterRef("created_at"),
            pk__gt=OuterRef("pk"),
        )
        return self.filter(~Exists(later))

    def matching(self, text: str) -> Self:
        """Full-text search in English word forms; served by the index `message_search`."""
        from django.contrib.postgres.search import SearchQuery, SearchVector

        query = SearchQuery(text, config="english", search_type="websearch")
        return self.alias(vector=SearchVector("body", config="english")).filter(vector=query)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: Any) -> Self:
        from helpdesk.models import Message

        return self.filter(message__in=Message.objects.visible_to(user))


class TicketEventQuerySet(models.QuerySet["TicketEvent"]):
    def visible_to(self, user: Any) -> Self:
        """The audit trail is for agents."""
        return self if getattr(user, "is_agent", False) else self.none()


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, user: Any) -> Self:
        """Drafts are for agents: a requester sees only what was sent."""
        return self if getattr(user, "is_agent", False) else self.none()

    def waiting(self) -> Self:
        return self.filter(state=self.model.State.WAITING)

    def with_answer(self) -> Self:
        return self.exclude(body="")

    def held_for(self, suggestion: int) -> Self:
        """Waiting ones that rest on words which the suggestion is about."""
        from helpdesk.models import DraftHold

        is_about = Q(place__suggestion=suggestion) | Q(statement__suggestion=suggestion)
        holds = DraftHold.objects.filter(is_about, released_at=None)
        return self.waiting().filter(Exists(holds.filter(draft=OuterRef("pk"))))

    def with_first_claim(self) -> Self:
        """Where the first sentence that says something, past greetings, begins."""
        return self.annotate(first_claim=Min("citations__sentence_start"))

    def decided(self) -> Self:
        return self.filter(state__in=["approved", "edited", "rejected"])


class MacroQuerySet(models.QuerySet["Macro"]):
    def offered_for(self, ticket: Ticket) -> Self:
        """Those of its queue and of all, in its language first."""
        offered = self.filter(Q(queue=None) | Q(queue=ticket.queue_id), is_active=True)
        is_other = Case(When(language=ticket.language, then=0), default=1)
        return offered.alias(is_other=is_other).order_by("is_other", "name")

    def with_open_edits(self) -> Self:
        """Each with `open_edits`: why it is not to be inserted now."""
        from helpdesk.models import MacroEdit

        edits = MacroEdit.objects.filter(state="open")
        return self.prefetch_related(Prefetch("edits", edits, to_attr="open_edits"))


class DraftDecisionQuerySet(models.QuerySet["DraftDecision"]):
    def of_engine(self, fingerprint: str) -> Self:
        """On drafts of this very engine: another one's confidences mean something else."""
        return self.filter(fingerprint=fingerprint)

    def provable(self) -> Self:
        """Those that an error rate may rest on."""
        return self.filter(is_drawn=True)

    def right(self) -> Self:
        return self.filter(verdict__in=self.model.RIGHT)


class JobQuerySet(models.QuerySet["Job"]):
    def due(self, at: datetime | None = None) -> Self:
        return self.filter(state=self.model.State.QUEUED, run_at__lte=at or timezone.now())

    def lapsed(self, at: datetime | None = None) -> Self:
        """Running, but whoever leased it has gone quiet."""
        return self.filter(state=self.model.State.RUNNING, leased_until__lt=at or timezone.now())

    def dead(self) -> Self:
        return self.filter(state=self.model.State.DEAD)


class TaughtFactQuerySet(models.QuerySet["TaughtFact"]):
    def visible_to(self, user: Any) -> Self:
        """They quote tickets: agents only."""
        return self if getattr(user, "is_agent", False) else self.none()

    def about(self, *, article_id: int, paragraph_key: str, since: datetime) -> Self:
        return self.filter(article=article_id, paragraph_key=paragraph_key, created_at__gte=since)


class ReplayQuerySet(models.QuerySet["Replay"]):
    def visible_to(self, user: Any) -> Self:
        """They are about other people's tickets: agents only."""
        return self if getattr(user, "is_agent", False) else self.none()

    def open(self) -> Self:
        return self.filter(state__in=["queued", "running"])

    def with_figures(self) -> Self:
        """With the number of tickets of each outcome, under its name."""
        return self.annotate(
            **{
                outcome: Count("tickets", filter=Q(tickets__outcome=outcome))
                for outcome in OUTCOMES
            }
        )


class ReplayedTicketQuerySet(models.QuerySet["ReplayedTicket"]):
    def visible_to(self, user: Any) -> Self:
        return self if getattr(user, "is_agent", False) else self.none()

    def worst_first(self) -> Self:
        """Losses, then what is new, then what merely differs."""
        place = Case(
            *[When(outcome=outcome, then=number) for number, outcome in enumerate(OUTCOMES)],
            output_field=models.IntegerField(),
        )
        return self.select_related("ticket").order_by(place, "-ticket__created_at")
