"""What lists can be narrowed to, by query parameters."""

from __future__ import annotations

from typing import Any

import django_filters as filters  # type: ignore[import-untyped]
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]

from helpdesk.api.serializers.fields import PRIORITY_NAMES
from helpdesk.models import Draft, Message, Ticket


class TicketFilter(filters.FilterSet):  # type: ignore[misc]
    """For requesters: nothing that would tell how agents sort tickets, or what they note."""

    status = filters.MultipleChoiceFilter(choices=Ticket.Status.choices)
    updated_since = filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    created_since = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    q = filters.CharFilter(method="search", label="Words in the subject or the messages.")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def search(self, tickets: QuerySet[Ticket], _name: str, text: str) -> QuerySet[Ticket]:
        said = Message.objects.visible_to(self.request.user).matching(text)
        return tickets.filter(
            Q(subject__icontains=text)
            | Q(order_reference__iexact=text)
            | Exists(said.filter(ticket=OuterRef("pk")))
        )


class AgentTicketFilter(TicketFilter):
    priority = filters.MultipleChoiceFilter(
        choices=[(name, name) for name in PRIORITY_NAMES], method="with_priorities"
    )
    queue = filters.CharFilter(field_name="queue__slug", label="The queue's slug.")
    assignee = filters.CharFilter(
        method="assigned_to", label="`me`, `none`, or the id of an agent."
    )
    requester = filters.CharFilter(
        field_name="requester__email", lookup_expr="iexact", label="The requester's e-mail."
    )
    tag = filters.CharFilter(method="tagged", label="A tag's name.")

    def search(self, tickets: QuerySet[Ticket], _name: str, text: str) -> QuerySet[Ticket]:
        found: QuerySet[Ticket] = Ticket.objects.matching(text)
        return tickets.filter(pk__in=found.order_by().values("pk"))

    def with_priorities(
        self, tickets: QuerySet[Ticket], _name: str, names: list[str]
    ) -> QuerySet[Ticket]:
        wanted = [PRIORITY_NAMES[name] for name in names]
        return tickets.filter(priority__in=wanted) if wanted else tickets

    def assigned_to(self, tickets: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        if value == "none":
            return tickets.filter(assignee=None)
        if value == "me":
            return tickets.filter(assignee=self.request.user)
        return tickets.filter(assignee=int(value)) if _is_id(value) else tickets.none()

    def tagged(self, tickets: QuerySet[Ticket], _name: str, value: str) -> QuerySet[Ticket]:
        tagged: Any = Ticket.tags.through.objects.filter(
            ticket=OuterRef("pk"), tag__name__iexact=value
        )
        return tickets.filter(Exists(tagged))


class TicketFilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """Requesters get fewer filters; the description shows them all."""

    def get_filterset_class(self, view: Any, queryset: Any = None) -> type[TicketFilter]:
        is_agent = getattr(view.request.user, "is_agent", False) if view.request else True
        described = getattr(view, "swagger_fake_view", False)
        return AgentTicketFilter if is_agent or described else TicketFilter


class DraftFilter(filters.FilterSet):  # type: ignore[misc]
    state = filters.MultipleChoiceFilter(choices=Draft.State.choices)
    ticket = filters.NumberFilter(field_name="ticket__number", label="The ticket's number.")
    has_answer = filters.BooleanFilter(method="answered", label="Not those that abstained.")

    class Meta:
        model = Draft
        fields: list[str] = []

    def answered(self, drafts: QuerySet[Draft], _name: str, value: bool) -> QuerySet[Draft]:
        return drafts.exclude(body="") if value else drafts.filter(body="")


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 18
