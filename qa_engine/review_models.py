"""Which texts have been compared with the others, and where to look for their like."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models import Article, Revision


class ReviewedArticle(models.Model):
    """An article's text that has been compared with all others that were there."""

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="reviewed"
    )
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    # For whom it was then: it is compared only with articles for the same readers.
    visibility = models.CharField(max_length=10, default="public")
    reader_groups = ArrayField(models.BigIntegerField(), default=list)
    # Names the code and the models that compared it; another one is due to look again.
    recipe = models.CharField(max_length=200)
    # `suggesting.duplicates.bands`: articles that say the same have some in common.
    bands = ArrayField(models.IntegerField(), default=list)
    # `suggesting.outlines.packed`: what tells whether another one may say the same.
    outline = models.BinaryField(default=bytes)
    reviewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reviewed article")
        verbose_name_plural = _("reviewed articles")
        default_permissions = ()
        indexes = [GinIndex(fields=["bands"], name="reviewed_bands")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.revision_id}"


class ArticleClaims(models.Model):
    """What a published text claims, as words in numbers: so many texts need not be read anew."""

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="claims"
    )
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    # Names the code that read it.
    recipe = models.CharField(max_length=50)
    # `suggesting.packing.packed`
    packed = models.BinaryField()

    class Meta:
        verbose_name = _("claims of an article")
        verbose_name_plural = _("claims of articles")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.article_id}: {self.revision_id}"
