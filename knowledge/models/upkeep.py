"""How articles fare: how often they are read, how far answers rest on them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from knowledge.models.articles import Article


class ArticleViews(models.Model):
    """How often readers opened an article on a day. Nobody is in it, only a number.

    Of days long past the month's sum is kept, at its first day: `readership.roll_up`.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="views")
    day = models.DateField(_("day"))
    count = models.PositiveIntegerField(_("times read"))

    class Meta:
        verbose_name = _("reading count")
        verbose_name_plural = _("reading counts")
        default_permissions = ()
        ordering = ["-day", "article"]
        indexes = [models.Index(fields=["day", "article"], name="views_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["article", "day"], name="views_once_a_day"),
            models.CheckConstraint(name="views_are_some", condition=Q(count__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}, {self.day}: {self.count}"


class ArticleUse(models.Model):
    """How far answers to customers rest on an article; the app above counts it.

    Of the last months: drafts that quote it, those that a person decided on, and of these the
    ones that were right as they were or nearly so.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="use", verbose_name=_("article")
    )
    drafts = models.PositiveIntegerField(_("drafts"), default=0)
    decided = models.PositiveIntegerField(_("decided"), default=0)
    accepted = models.PositiveIntegerField(_("accepted"), default=0)
    last_quoted_at = models.DateTimeField(_("last quoted"))
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("use in answers")
        verbose_name_plural = _("use in answers")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="use_accepted_of_decided_of_drafts",
                condition=Q(accepted__lte=F("decided"), decided__lte=F("drafts")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.drafts}"

    @property
    def acceptance(self) -> float | None:
        """0 … 1; None where nobody has decided yet."""
        return self.accepted / self.decided if self.decided else None
