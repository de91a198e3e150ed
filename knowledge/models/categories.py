"""The shelves that articles stand on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from knowledge.querysets import CategoryQuerySet


class Category(models.Model):
    """A shelf of the knowledge base; shelves may stand on shelves."""

    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True
    )
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    # Looks after the articles here and below that have no owner of their own.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("owner"),
    )

    # Present only on rows of `with_article_count()` and of `in_tree_order()`.
    article_count: int
    path: list[str]

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                name="category_not_its_own_parent",
                condition=Q(parent=None) | ~Q(parent=F("id")),
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="category_name_once_per_parent",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("kb-category", args=[self.slug])

    @property
    def depth(self) -> int:
        """0 at the top. Only of rows of `in_tree_order()`."""
        return len(self.path) - 1
