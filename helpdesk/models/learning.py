"""What agents taught by the replies that they wrote."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helpdesk.models.drafts import Draft
from helpdesk.models.messages import Message
from helpdesk.models.tickets import Ticket
from helpdesk.querysets import TaughtFactQuerySet
from knowledge.models import Article, Revision, Suggestion


class TaughtFact(models.Model):
    """A fact in a sent reply that the article does not say, or says otherwise.

    One is evidence; the same on several tickets makes a suggestion. It goes with its ticket.
    """

    class Change(models.TextChoices):
        ADDED = "added", _("Added")
        CORRECTED = "corrected", _("Corrected")
        CONTRADICTED = "contradicted", _("Contradicted")

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="taught_facts")
    # The reply; and the draft that it was made from, if there was one.
    message = models.ForeignKey(Message, models.CASCADE, related_name="taught_facts")
    draft = models.ForeignKey(Draft, models.SET_NULL, related_name="+", null=True, blank=True)
    change = models.CharField(_("change"), max_length=15, choices=Change)
    said = models.TextField(_("the reply says"))
    before = models.TextField(_("instead of"), blank=True)
    # Where it belongs: a sentence of a revision, and the paragraph around it.
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    paragraph_key = models.CharField(max_length=16)
    # The same for the same fact, in whatever words.
    fact_key = models.CharField(max_length=200)
    # Of a correction: the quantity that gives way.
    old_key = models.CharField(max_length=100, blank=True)
    suggestion = models.ForeignKey(
        Suggestion, models.SET_NULL, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TaughtFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("taught fact")
        verbose_name_plural = _("taught facts")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["article", "paragraph_key", "-created_at"], name="taught_about_paragraph"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "article", "paragraph_key", "fact_key"],
                name="taught_once_per_reply",
            ),
            models.CheckConstraint(name="taught_place_not_empty", condition=Q(start__lt=F("end"))),
            models.CheckConstraint(
                name="taught_corrected_iff_old_value",
                condition=Q(change="corrected", old_key__gt="")
                | (~Q(change="corrected") & Q(old_key="")),
            ),
        ]

    def __str__(self) -> str:
        return self.fact_key
