"""Messages and their attachments."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from helpdesk.api.serializers.people import PersonSerializer
from helpdesk.models import Attachment, Message
from helpdesk.texts import MAX_BODY


class AttachmentSerializer(serializers.ModelSerializer[Attachment]):
    url = serializers.SerializerMethodField(help_text="Where the file can be fetched.")

    class Meta:
        model = Attachment
        fields = ["name", "content_type", "size", "url"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.URI)
    def get_url(self, attachment: Attachment) -> str:
        request = self.context["request"]
        return reverse("api:attachment", args=[attachment.token], request=request)


class MessageSerializer(serializers.ModelSerializer[Message]):
    """An entry of the conversation, as anybody who may read it sees it."""

    author = PersonSerializer(read_only=True, allow_null=True)
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = [
            "id", "kind", "author", "is_from_requester", "channel", "body", "body_html",
            "created_at", "attachments",
        ]  # fmt: skip
        read_only_fields = fields


class AgentMessageSerializer(MessageSerializer):
    """With how its mail fares, which is for agents."""

    class Meta(MessageSerializer.Meta):
        fields = [
            *MessageSerializer.Meta.fields, "delivery", "send_after", "sent_at", "delivery_error",
        ]  # fmt: skip
        read_only_fields = fields


class FilesField(serializers.ListField):
    """Files of a multipart request; none where it is JSON."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {
            "child": serializers.FileField(),
            "required": False,
            "max_length": settings.ATTACHMENT_MAX_COUNT,
            "write_only": True,
            "help_text": "Files, in a multipart/form-data request.",
        }
        super().__init__(**kwargs)


class NewNoteSerializer(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=MAX_BODY, help_text="Plain text.")
    files = FilesField()


class NewReplySerializer(NewNoteSerializer):
    solve = serializers.BooleanField(
        default=False, help_text="Agents: mark the ticket as solved with this reply."
    )
