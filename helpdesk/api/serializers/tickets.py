"""Tickets: what requesters see of them, what agents see, and what each may send."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from helpdesk.api.serializers.fields import PriorityField
from helpdesk.api.serializers.messages import FilesField
from helpdesk.api.serializers.people import PersonSerializer
from helpdesk.models import Queue, Tag, Ticket, User
from helpdesk.texts import MAX_BODY


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket as its requester sees it."""

    requester = PersonSerializer(read_only=True)

    class Meta:
        model = Ticket
        fields = [
            "number", "subject", "status", "channel", "language", "order_reference",
            "requester", "created_at", "updated_at", "first_replied_at", "solved_at",
            "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class AgentTicketSerializer(TicketSerializer):
    """With how agents sort it, which is not the requester's to see."""

    priority = PriorityField(read_only=True)
    queue = serializers.SlugRelatedField[Queue](slug_field="slug", read_only=True)
    tags = serializers.SlugRelatedField[Tag](slug_field="name", many=True, read_only=True)
    assignee = PersonSerializer(read_only=True, allow_null=True)

    class Meta(TicketSerializer.Meta):
        fields = [
            *TicketSerializer.Meta.fields, "priority", "queue", "tags", "assignee", "due_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewTicketSerializer(serializers.Serializer[Any]):
    """Priority, queue and whom it is for are agents' to choose."""

    subject = serializers.CharField(
        max_length=200, required=False, default="", allow_blank=True,
        help_text="The message's first words where it is left out.",
    )  # fmt: skip
    body = serializers.CharField(max_length=MAX_BODY, help_text="Plain text.")
    order_reference = serializers.CharField(max_length=50, default="", allow_blank=True)
    language = serializers.RegexField(
        r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", max_length=15, default="", allow_blank=True,
        help_text="Such as en or pt-BR, for a message too short to tell its language by.",
    )  # fmt: skip
    requester_email = serializers.EmailField(
        max_length=254, required=False, help_text="Agents: the person it is opened for."
    )
    requester_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    priority = PriorityField(required=False)
    queue = serializers.SlugRelatedField(
        slug_field="slug", queryset=Queue.objects.all(), required=False
    )
    files = FilesField()


class TicketChangeSerializer(serializers.Serializer[Any]):
    """What an agent changes; what is left out stays."""

    status = serializers.ChoiceField(choices=Ticket.Status.choices, required=False)
    priority = PriorityField(required=False)
    assignee = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_staff=True, is_active=True),
        required=False,
        allow_null=True,
    )
    queue = serializers.SlugRelatedField(
        slug_field="slug", queryset=Queue.objects.all(), required=False
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=50), max_length=50, required=False
    )
