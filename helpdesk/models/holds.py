"""Drafts that must not be sent yet, because what they rest on may no longer be true."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.drafts import Draft
from knowledge.models import Article, FactPlace, SuggestionEvidence


class DraftHold(models.Model):
    """A draft quotes words of an article that a source, or another article, says otherwise.

    While a hold is open a trigger refuses to let the draft be sent. It ends when the
    suggestion is decided, or when an agent who has read the reason sends it all the same.
    """

    class Outcome(models.TextChoices):
        SETTLED = "settled", _("Settled")
        OVERRIDDEN = "overridden", _("Sent all the same")

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="holds")
    # What it quotes: a place that a source contradicts, or a statement that another article does.
    place = models.ForeignKey(FactPlace, models.CASCADE, related_name="+", null=True, blank=True)
    statement = models.ForeignKey(
        SuggestionEvidence, models.CASCADE, related_name="+", null=True, blank=True
    )
    # In words for the agent.
    reason = models.CharField(_("reason"), max_length=500)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["draft", "pk"]
        indexes = [
            models.Index(fields=["draft"], name="hold_open", condition=Q(released_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["draft", "place"], name="hold_once_per_place"),
            models.UniqueConstraint(fields=["draft", "statement"], name="hold_once_per_statement"),
            models.CheckConstraint(
                name="hold_has_one_reason",
                condition=Q(place__isnull=False, statement=None)
                | Q(place=None, statement__isnull=False),
            ),
            models.CheckConstraint(
                name="hold_released_has_outcome",
                condition=Q(released_at=None, outcome="", released_by=None)
                | Q(released_at__isnull=False, outcome="settled")
                | Q(released_at__isnull=False, outcome="overridden", released_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def about(self) -> tuple[Article, int]:
        """The article that is quoted, and which of its revisions."""
        if self.place is not None:
            return self.place.article, self.place.revision_id
        assert self.statement is not None
        assert self.statement.revision is not None
        return self.statement.revision.article, self.statement.revision.pk
