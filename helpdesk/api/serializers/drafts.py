"""Drafts with their citations, and what agents decide about them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from helpdesk.api.serializers.people import PersonSerializer
from helpdesk.models import Citation, Draft
from helpdesk.texts import MAX_BODY
from knowledge.models import Revision


class CitedRevisionSerializer(serializers.ModelSerializer[Revision]):
    article = serializers.SlugField(source="article.slug", read_only=True)

    class Meta:
        model = Revision
        fields = ["id", "article", "number", "title"]
        read_only_fields = fields


class CitationSerializer(serializers.ModelSerializer[Citation]):
    """`draft.body[sentence_start:sentence_end]` rests on `revision.body[start:end]`,
    which is `quote`. Offsets count characters."""

    revision = CitedRevisionSerializer(read_only=True)

    class Meta:
        model = Citation
        fields = [
            "number", "sentence_start", "sentence_end", "revision", "start", "end", "quote",
            "heading_path",
        ]  # fmt: skip
        read_only_fields = fields


class DraftSerializer(serializers.ModelSerializer[Draft]):
    ticket = serializers.IntegerField(
        source="ticket.number", read_only=True, help_text="The ticket's number."
    )
    citations = CitationSerializer(many=True, read_only=True)
    decided_by = PersonSerializer(read_only=True, allow_null=True)
    reject_reason = serializers.CharField(read_only=True, allow_blank=True)

    class Meta:
        model = Draft
        fields = [
            "id", "ticket", "message", "attempt", "state", "body", "reason", "confidence",
            "citations", "fingerprint", "seconds", "created_at", "decided_by", "decided_at",
            "reject_reason", "reject_comment", "reply",
        ]  # fmt: skip
        read_only_fields = fields
        extra_kwargs = {
            "message": {"help_text": "The message that it answers."},
            "reason": {"help_text": "Why there is no answer; `body` is empty then."},
            "reply": {"help_text": "The message that was sent from it."},
        }


class ApprovalSerializer(serializers.Serializer[Any]):
    body = serializers.CharField(
        max_length=MAX_BODY, required=False, help_text="The text as edited; else as drafted."
    )
    solve = serializers.BooleanField(default=False, help_text="Mark the ticket as solved.")
    despite_hold = serializers.BooleanField(
        default=False,
        help_text="Send it although it is held back (`draft_held`); its reason has been read.",
    )


class RejectionSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Draft.RejectReason.choices)
    comment = serializers.CharField(max_length=500, default="", allow_blank=True)


class RedraftSerializer(serializers.Serializer[Any]):
    attempt = serializers.IntegerField(help_text="`attempt` of the draft to look out for.")
