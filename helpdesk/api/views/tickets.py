"""Tickets: what the caller may see of them, and what people do to them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer

from helpdesk.api.filters import TicketFilterBackend
from helpdesk.api.idempotency import respond_once
from helpdesk.api.pagination import OldestFirst
from helpdesk.api.parsers import LimitedJSONParser
from helpdesk.api.permissions import IsAgent
from helpdesk.api.schema import IDEMPOTENCY_KEY
from helpdesk.api.serializers.drafts import RedraftSerializer
from helpdesk.api.serializers.messages import (
    AgentMessageSerializer,
    MessageSerializer,
    NewNoteSerializer,
    NewReplySerializer,
)
from helpdesk.api.serializers.tickets import (
    AgentTicketSerializer,
    NewTicketSerializer,
    TicketChangeSerializer,
    TicketSerializer,
)
from helpdesk.api.views.endpoint import AuthenticatedRequest, Endpoint
from helpdesk.exceptions import NotAnAgent
from helpdesk.models import Message, Ticket, User
from helpdesk.services import tickets as services
from helpdesk.services.drafts import draft_again
from helpdesk.services.messages import post_note, post_reply, post_requester_reply

WITH_FILES = [LimitedJSONParser, MultiPartParser]
SHOWS_TICKETS = frozenset({"list", "retrieve", "create", "partial_update"})
FOR_AGENTS = ("requester_email", "requester_name", "priority", "queue")


def _for_caller(name: str, *serializers: type[Serializer[Any]], many: bool = False) -> Any:
    return PolymorphicProxySerializer(
        component_name=name,
        serializers=list(serializers),
        resource_type_field_name=None,
        many=many,
    )


TICKET = ("TicketForCaller", TicketSerializer, AgentTicketSerializer)
MESSAGE = ("MessageForCaller", MessageSerializer, AgentMessageSerializer)


@extend_schema_view(
    list=extend_schema(responses=_for_caller(*TICKET, many=True)),
    retrieve=extend_schema(responses=_for_caller(*TICKET)),
)
class TicketViewSet(
    Endpoint,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Ticket],
):
    """Tickets that the caller may see: their own, or all of them for agents."""

    permission_classes = [IsAuthenticated]
    filter_backends = [TicketFilterBackend]
    queryset = Ticket.objects.none()  # for the router's basename; see get_queryset
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,18}"
    serializer_class = TicketSerializer

    def get_queryset(self) -> QuerySet[Ticket]:
        tickets = Ticket.objects.visible_to(self.request.user)
        if self.action not in SHOWS_TICKETS:
            return tickets
        return tickets.select_related("requester", "assignee", "queue").prefetch_related("tags")

    def get_serializer_class(self) -> type[BaseSerializer[Ticket]]:
        is_agent = getattr(self.request.user, "is_agent", False)
        return AgentTicketSerializer if is_agent else TicketSerializer

    @extend_schema(
        request=NewTicketSerializer,
        responses={201: _for_caller(*TICKET)},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: AuthenticatedRequest) -> Response:
        """Open a ticket. Agents may open it for somebody else."""
        return respond_once(request, lambda: self._create(request))

    @extend_schema(request=TicketChangeSerializer, responses=AgentTicketSerializer)
    def partial_update(self, request: AuthenticatedRequest, number: str) -> Response:
        """Change status, priority, assignee, queue or tags, all of it or nothing."""
        ticket = self.get_object()
        asked = TicketChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        change_ticket(ticket, asked.validated_data, by=request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=NewReplySerializer,
        responses={201: _for_caller(*MESSAGE)},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(detail=True, methods=["post"], parser_classes=WITH_FILES, filter_backends=[])
    def replies(self, request: AuthenticatedRequest, number: str) -> Response:
        """Write to the requester; or, as the requester, to the helpdesk."""
        ticket = self.get_object()
        return respond_once(request, lambda: self._reply(request, ticket))

    @extend_schema(
        request=NewNoteSerializer,
        responses={201: AgentMessageSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    @action(
        detail=True,
        methods=["post"],
        parser_classes=WITH_FILES,
        permission_classes=[IsAuthenticated, IsAgent],
        filter_backends=[],
    )
    def notes(self, request: AuthenticatedRequest, number: str) -> Response:
        """Add an internal note, which the requester never sees."""
        ticket = self.get_object()
        return respond_once(request, lambda: self._note(request, ticket))

    @extend_schema(responses=_for_caller(*MESSAGE, many=True), operation_id="tickets_messages")
    @action(detail=True, pagination_class=OldestFirst, filter_backends=[])
    def messages(self, request: AuthenticatedRequest, number: str) -> Response:
        """The conversation, oldest first; for agents with the notes."""
        thread = (
            Message.objects.visible_to(request.user)
            .filter(ticket=self.get_object())
            .select_related("author")
            .prefetch_related("attachments")
        )
        assert self.paginator is not None  # named by the action above
        page = self.paginator.paginate_queryset(thread, request, view=self)
        return self.get_paginated_response(self._messages(page, many=True).data)

    @extend_schema(request=None, responses={202: RedraftSerializer})
    @action(
        detail=True,
        methods=["post"],
        url_path="draft-again",
        permission_classes=[IsAuthenticated, IsAgent],
        filter_backends=[],
    )
    def draft_again(self, request: AuthenticatedRequest, number: str) -> Response:
        """Have the newest message drafted anew; the present draft stays until then."""
        attempt = draft_again(ticket=self.get_object(), by=request.user)
        return Response({"attempt": attempt}, status=status.HTTP_202_ACCEPTED)

    def get_permissions(self) -> list[Any]:
        if self.action == "partial_update":
            return [IsAuthenticated(), IsAgent()]
        return list(super().get_permissions())

    def get_parsers(self) -> list[Any]:
        # Before the action is known: creation alone is posted to the list's address.
        if self.detail is False:
            return [parser() for parser in WITH_FILES]
        return super().get_parsers()

    def _create(self, request: AuthenticatedRequest) -> Response:
        asked = NewTicketSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ticket = open_ticket_for(request.user, dict(asked.validated_data))
        ticket = self.get_queryset().get(pk=ticket.pk)
        return Response(self.get_serializer(ticket).data, status=status.HTTP_201_CREATED)

    def _reply(self, request: AuthenticatedRequest, ticket: Ticket) -> Response:
        asked = NewReplySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        solve = fields.pop("solve")
        if request.user.is_agent:
            message = post_reply(ticket=ticket, author=request.user, solve=solve, **fields)
        else:
            message = post_requester_reply(
                ticket=ticket, author=request.user, channel=Ticket.Channel.API, **fields
            )
        return Response(self._messages(message).data, status=status.HTTP_201_CREATED)

    def _note(self, request: AuthenticatedRequest, ticket: Ticket) -> Response:
        asked = NewNoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        message = post_note(ticket=ticket, author=request.user, **asked.validated_data)
        return Response(self._messages(message).data, status=status.HTTP_201_CREATED)

    def _messages(self, rows: Any, *, many: bool = False) -> BaseSerializer[Any]:
        shape = AgentMessageSerializer if self.request.user.is_agent else MessageSerializer
        return shape(rows, many=many, context=self.get_serializer_context())


@transaction.atomic
def open_ticket_for(caller: User, fields: dict[str, Any]) -> Ticket:
    """Raises NotAnAgent where a requester sends what is for agents to choose."""
    if not caller.is_agent and any(name in fields for name in FOR_AGENTS):
        raise NotAnAgent
    email, name = fields.pop("requester_email", ""), fields.pop("requester_name", "")
    requester = (
        services.find_or_create_requester(email=email, name=name, language=fields["language"])
        if email
        else caller
    )
    return services.open_ticket(requester=requester, channel=Ticket.Channel.API, **fields)


@transaction.atomic
def change_ticket(ticket: Ticket, changes: dict[str, Any], *, by: User) -> None:
    """The status last, so that a ticket can be sorted and closed at once."""
    if "priority" in changes:
        services.set_priority(ticket=ticket, priority=changes["priority"], by=by)
    if "queue" in changes:
        services.set_queue(ticket=ticket, queue=changes["queue"], by=by)
    if "tags" in changes:
        services.set_tags(ticket=ticket, names=changes["tags"], by=by)
    if "assignee" in changes:
        services.assign_ticket(ticket=ticket, assignee=changes["assignee"], by=by)
    if "status" in changes:
        services.set_status(ticket=ticket, status=changes["status"], by=by)
