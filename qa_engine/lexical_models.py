"""What the database keeps for BM25: term weights of passages, and how common each word is."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pgvector.django import SparseVectorField

#: Words are numbered by a hash of 24 bits; of 60 words in a passage two share a number once in
#: 9,000. Each has two numbers: of the word in the article's head, and in the passage.
TERMS = 2**25


class PassageTerms(models.Model):
    """BM25's weight of each word in a passage and in its head, without the word's rarity.

    A trigger on the passage's search vector writes it (migrations 0006, 0012), so that a
    passage's score for a query is one inner product with the rarities of the asked words.
    """

    passage = models.OneToOneField(
        "qa_engine.Passage", models.CASCADE, primary_key=True, related_name="terms"
    )
    weights = SparseVectorField(dimensions=TERMS)

    class Meta:
        verbose_name = _("terms of a passage")
        verbose_name_plural = _("terms of passages")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.passage_id)


class Term(models.Model):
    """A word as search knows it (its stem), and in how many passages it stands."""

    lexeme = models.TextField(primary_key=True)
    passages = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        default_permissions = ()
        indexes = [GinIndex(fields=["lexeme"], name="term_trigrams", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.lexeme


class LexicalStatistics(models.Model):
    """One row: what `Term` was counted on, and the mean lengths that BM25 divides by."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    passages = models.PositiveIntegerField()
    # The newest passage that was counted; what is newer has changed since.
    newest = models.BigIntegerField()
    # In words without stop words: of a passage with its headings, and of an article's head.
    mean_words = models.FloatField()
    mean_head_words = models.FloatField()
    counted_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("lexical statistics")
        verbose_name_plural = _("lexical statistics")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(name="lexical_statistics_one_row", condition=Q(id=1))
        ]

    def __str__(self) -> str:
        return str(self.counted_at)
