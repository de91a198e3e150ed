"""Where articles used to be, so that an address once given out leads there for good."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article


class OldAddress(models.Model):
    """A slug that an article had. Kept by `services.rename`; no other article may take it."""

    slug = models.SlugField(_("slug"), max_length=150, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="old_addresses")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
