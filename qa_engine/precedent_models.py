"""Questions that people answered, with the sentences of articles that say what they wrote."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from knowledge.models import Article


class AnsweredQuestion(models.Model):
    """A question, and one sentence that answered it. It goes with the words it is made of."""

    # Whose words these are, as the app above names it ("ticket:12"); that app says when they go.
    source = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    # Without personal data.
    question = models.TextField(_("question"))
    article = models.ForeignKey(Article, models.CASCADE, related_name="answered_questions")
    # The sentence in words, as the article had it.
    quote = models.TextField(_("sentence"))
    # Only vectors of the same embedder compare.
    vector = VectorField(null=True)
    embedder = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("answered question")
        verbose_name_plural = _("answered questions")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["embedder"], name="answered_by_embedder")]
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="answered_once_a_source"),
            models.CheckConstraint(
                name="answered_says_something",
                condition=~models.Q(question="") & ~models.Q(quote=""),
            ),
            models.CheckConstraint(
                name="answered_vector_has_embedder",
                condition=models.Q(vector=None, embedder="")
                | (models.Q(vector__isnull=False) & ~models.Q(embedder="")),
            ),
        ]

    def __str__(self) -> str:
        return self.question
