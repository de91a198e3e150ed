"""Articles, and answers to single questions."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from knowledge.models import Article
from knowledge.rendering import render_revision
from qa_engine.types import SENSITIVE, Answer, Evidence, Reason

#: Why there is no answer, in words for whoever asked.
REASONS: dict[Reason, str | Promise] = {
    Reason.NO_PASSAGE: _("The knowledge base says nothing about it."),
    Reason.UNCLEAR: _("No question could be made out."),
    Reason.LOW_CONFIDENCE: _("Something was found, but it is not sure enough to be an answer."),
    Reason.WANTS_PERSON: _("This is for a person to answer."),
    Reason.NEEDS_ORDER_DATA: _("Only the shop's order system knows this."),
    Reason.LANGUAGE: _("Nothing is published in this language."),
    **dict.fromkeys(SENSITIVE, _("This is for a person to answer.")),
}


class ArticleSerializer(serializers.ModelSerializer[Article]):
    """A row of the list. Its text is at the article's own address."""

    title = serializers.CharField(source="published_revision.title", read_only=True)
    summary = serializers.CharField(source="published_revision.summary", read_only=True)
    category = serializers.CharField(source="category.name", read_only=True)
    reader_groups = serializers.SerializerMethodField(
        help_text="Names of the groups that a restricted article is for; only agents see them."
    )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_reader_groups(self, article: Article) -> list[str]:
        names = getattr(article, "readers", None)  # the view asks for it where an agent reads
        return names.split(", ") if names else []

    class Meta:
        model = Article
        fields = [
            "slug", "title", "summary", "category", "language", "visibility", "reader_groups",
            "published_at",
        ]  # fmt: skip
        read_only_fields = fields


class ArticleTextSerializer(ArticleSerializer):
    """With the text that shows, as Markdown and as sanitised HTML."""

    revision = serializers.IntegerField(source="published_revision_id", read_only=True)
    body = serializers.CharField(source="published_revision.body", read_only=True)
    html = serializers.SerializerMethodField()

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "tags", "revision", "body", "html"]
        read_only_fields = fields

    @extend_schema_field(OpenApiTypes.STR)
    def get_html(self, article: Article) -> str:
        return (
            str(render_revision(article.published_revision)) if article.published_revision else ""
        )


class ArticleHitSerializer(serializers.Serializer[Any]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    snippet = serializers.CharField(help_text="HTML: escaped text with what matched in <mark>.")


class QuestionSerializer(serializers.Serializer[Any]):
    question = serializers.CharField(max_length=2000)


class EvidenceSerializer(serializers.Serializer[Evidence]):
    """`revision.body[start:end]` is `quote`."""

    article = serializers.SerializerMethodField(help_text="The article's slug.")
    title = serializers.CharField()
    heading_path = serializers.CharField()
    revision = serializers.IntegerField(source="revision_id")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    quote = serializers.CharField()

    @extend_schema_field(OpenApiTypes.STR)
    def get_article(self, evidence: Evidence) -> str:
        slugs: dict[int, str] = self.context["slugs"]
        return slugs.get(evidence.article_id, "")


class AnswerSerializer(serializers.Serializer[Answer]):
    """`text` with its citations, or `reason` and `message` why there is none."""

    question = serializers.CharField()
    is_answered = serializers.BooleanField()
    text = serializers.CharField()
    confidence = serializers.FloatField(help_text="Probability that the answer is right.")
    reason = serializers.CharField(
        allow_null=True, help_text="One of: " + ", ".join(f"`{reason}`" for reason in Reason)
    )
    message = serializers.SerializerMethodField(help_text="The reason in words.")
    citations = EvidenceSerializer(source="evidence", many=True)
    fingerprint = serializers.CharField()

    @extend_schema_field(OpenApiTypes.STR)
    def get_message(self, answer: Answer) -> str:
        return str(REASONS[answer.reason]) if answer.reason else ""


class PendingAnswerSerializer(serializers.Serializer[Any]):
    """Nobody answered in time: ask again, at `Location`, after `Retry-After` seconds.

    `articles` is what full-text search alone finds meanwhile.
    """

    message = serializers.CharField()
    articles = ArticleHitSerializer(many=True)
