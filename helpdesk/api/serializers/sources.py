"""Product feeds and policy texts, as programs send them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from knowledge.models import FactChange, SourceDocument, SourceVersion


class SourceTextSerializer(serializers.Serializer[Any]):
    """Either `text` or `file`. The same text again is no new version."""

    id = serializers.CharField(
        max_length=250, help_text="Names the source in your system; a new one makes a source."
    )
    name = serializers.CharField(max_length=150, required=False)
    kind = serializers.ChoiceField(choices=SourceDocument.Kind.choices, default="policy")
    text = serializers.CharField(
        required=False,
        trim_whitespace=False,
        max_length=1_000_000,
        help_text="A policy in Markdown, or a feed as CSV or JSON.",
    )
    file = serializers.FileField(
        required=False,
        help_text="As multipart/form-data: .md, .txt, .html, .pdf, .docx, .csv or .json.",
    )
    note = serializers.CharField(max_length=300, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("file" in attrs):
            raise serializers.ValidationError("Send either text or file.")
        return attrs


class FactChangeSerializer(serializers.ModelSerializer[FactChange]):
    articles = serializers.SerializerMethodField(help_text="Slugs that state the old fact.")

    class Meta:
        model = FactChange
        fields = ["kind", "subject", "attribute", "old", "new", "articles"]
        read_only_fields = fields

    def get_articles(self, change: FactChange) -> list[str]:
        return sorted({place.article.slug for place in change.places.all() if place.is_sure})


class SourceVersionSerializer(serializers.ModelSerializer[SourceVersion]):
    """`state` is `done` once `changes` are all that is to come."""

    id = serializers.CharField(source="document.external_id", read_only=True)
    name = serializers.CharField(source="document.name", read_only=True)
    kind = serializers.CharField(source="document.kind", read_only=True)
    version = serializers.IntegerField(source="number", read_only=True)
    changes = FactChangeSerializer(many=True, read_only=True)

    class Meta:
        model = SourceVersion
        fields = [
            "id", "name", "kind", "version", "state", "facts_done", "facts_total", "created_at",
            "changes",
        ]  # fmt: skip
        read_only_fields = fields
