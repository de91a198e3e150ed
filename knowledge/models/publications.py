"""What readers saw, and when: the record that lets the past be asked again."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article
from knowledge.models.revisions import Revision
from knowledge.publication_querysets import PublicationQuerySet


class Publication(models.Model):
    """A revision shown from one moment to another. Kept by a trigger on the article."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="publications")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="publications")
    visibility = models.CharField(max_length=10)
    # The groups that it was restricted to then; they may be gone by now.
    reader_groups = ArrayField(models.BigIntegerField(), default=list)
    # The article's own dates as they were then; None sets no limit.
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    shown_from = models.DateTimeField(_("from"))
    # None: it shows now.
    shown_until = models.DateTimeField(_("until"), null=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["article", "shown_from"]
        indexes = [models.Index(fields=["shown_from"], name="publication_from")]
        constraints = [
            models.UniqueConstraint(
                fields=["article"],
                name="publication_one_open_per_article",
                condition=Q(shown_until=None),
            ),
            models.CheckConstraint(
                name="publication_from_before_until",
                condition=Q(shown_until=None) | Q(shown_from__lte=F("shown_until")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.revision_id}"
