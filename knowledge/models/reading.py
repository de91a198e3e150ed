"""What readers say and look for, and what search reads to find it."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article
from knowledge.models.revisions import Revision


class ArticleFeedback(models.Model):
    """One visitor's "was this helpful?" on one revision."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="feedback")
    # A keyed hash of the session, so that a visitor votes once and stays unknown.
    visitor = models.CharField(max_length=64)
    is_helpful = models.BooleanField(_("helpful"))
    comment = models.TextField(_("comment"), blank=True, max_length=1000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("article feedback")
        verbose_name_plural = _("article feedback")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "visitor"], name="feedback_once_per_visitor"
            ),
        ]

    def __str__(self) -> str:
        return "👍" if self.is_helpful else "👎"


class SearchLog(models.Model):
    """A search of the knowledge base and how much it found: what readers look for in vain."""

    query = models.CharField(_("query"), max_length=300)
    result_count = models.PositiveIntegerField(_("results"))
    channel = models.CharField(_("channel"), max_length=10, default="portal")
    # The reader said that what was shown answered the question, so no ticket was opened.
    is_solved = models.BooleanField(_("solved without a ticket"), default=False)
    article = models.ForeignKey(Article, models.SET_NULL, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["-created_at"], name="search_newest")]

    def __str__(self) -> str:
        return self.query


class SearchEntry(models.Model):
    """A published article as full-text search sees it. Kept by a trigger, never by code."""

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="search_entry"
    )
    # Weighted: title A; summary, tags and headings B; body D.
    vector = SearchVectorField()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        default_permissions = ()
        indexes = [GinIndex(fields=["vector"], name="search_entry_vector")]

    def __str__(self) -> str:
        return str(self.pk)


class Word(models.Model):
    """A word that was ever published: what a misspelt one may have meant."""

    word = models.CharField(primary_key=True, max_length=40)

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("words")
        default_permissions = ()
        indexes = [GistIndex(fields=["word"], opclasses=["gist_trgm_ops"], name="word_trigrams")]

    def __str__(self) -> str:
        return self.word
