"""The texts of articles, each saved once and never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article
from knowledge.querysets import RevisionQuerySet
from knowledge.types import ArticleText


class Revision(models.Model):
    """One saved state of an article. Never changed: a trigger refuses it."""

    class Significance(models.TextChoices):
        """How much the text says otherwise than the revision before it."""

        TYPO = "typo", _("Typo: it says the same")
        MINOR = "minor", _("Minor: clearer, or a detail")
        MAJOR = "major", _("Major: a fact, a number, a condition")

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    # Markdown. Citations point into it by character offsets.
    body = models.TextField(_("body"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="revisions",
        null=True,
        blank=True,
    )
    note = models.CharField(
        _("note"), max_length=300, blank=True, help_text=_("What changed, and why.")
    )
    significance = models.CharField(
        _("significance"), max_length=5, choices=Significance, default=Significance.MINOR
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["article", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "number"], name="revision_number_once_per_article"
            ),
            models.CheckConstraint(name="revision_has_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="revision_known_significance",
                condition=Q(significance__in=["typo", "minor", "major"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"

    @property
    def text(self) -> ArticleText:
        return ArticleText(title=self.title, body=self.body, summary=self.summary)
