"""What the engine keeps: passages of published revisions, and their embeddings.

Embeddings belong to an index, named by the fingerprint of the model that made them.
A change of model builds a new index beside the active one and then switches.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from knowledge.models import Article, Revision
from qa_engine.querysets import EmbeddingIndexQuerySet, PassageEmbeddingQuerySet, PassageQuerySet


class Passage(models.Model):
    """A stretch of a published revision, the unit of retrieval: `body[start:end]`."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="passages")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="passages")
    position = models.PositiveIntegerField()
    heading_path = models.CharField(max_length=400, blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text = models.TextField()
    # Of the text as it is embedded (with its title and headings): equal hash, equal embedding.
    content_hash = models.CharField(max_length=64, db_index=True)
    # The version of the chunking that cut it; an older one is due to be cut anew.
    recipe = models.PositiveSmallIntegerField(default=1, editable=False)
    # Weighted: title A, headings B, text C, the article's summary D.
    search = SearchVectorField(null=True, editable=False)

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["article", "position"]
        indexes = [GinIndex(fields=["search"], name="passage_search")]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "position"], name="passage_position_once_per_revision"
            ),
            models.CheckConstraint(name="passage_not_empty", condition=Q(start__lt=F("end"))),
        ]

    def __str__(self) -> str:
        return f"{self.article_id}:{self.position}"


class EmbeddingIndex(models.Model):
    """All passages embedded by one model."""

    class State(models.TextChoices):
        BUILDING = "building", _("Building")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    fingerprint = models.CharField(max_length=200, unique=True)
    # The setting that names the model, so that questions can be embedded with it while
    # its successor is being built.
    model = models.CharField(max_length=300, blank=True)
    dimension = models.PositiveIntegerField()
    # Bytes of a token's vector; nought where the model tells none.
    token_width = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    activated_at = models.DateTimeField(null=True, editable=False)

    objects = EmbeddingIndexQuerySet.as_manager()

    class Meta:
        verbose_name = _("embedding index")
        verbose_name_plural = _("embedding indexes")
        constraints = [
            models.UniqueConstraint(
                fields=["state"], name="embedding_index_one_active", condition=Q(state="active")
            ),
        ]

    def __str__(self) -> str:
        return self.fingerprint


class PassageEmbedding(models.Model):
    """One passage in one index. The vector's dimension is its index's."""

    index = models.ForeignKey(EmbeddingIndex, models.CASCADE, related_name="embeddings")
    passage = models.ForeignKey(Passage, models.CASCADE, related_name="embeddings")
    vector = VectorField()  # no fixed dimension: HNSW indexes are made per index, see indexing
    # Its tokens, as `Encoded`; null for what was embedded before they were kept, and is due.
    tokens = models.BinaryField(null=True)

    objects = PassageEmbeddingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["index", "passage"], name="embedding_once_per_index"),
        ]

    def __str__(self) -> str:
        return f"{self.index_id}:{self.passage_id}"


from qa_engine.calibration_models import CalibrationVersion as CalibrationVersion  # noqa: E402
from qa_engine.evaluation_models import EvaluationRun as EvaluationRun  # noqa: E402
from qa_engine.lexical_models import LexicalStatistics as LexicalStatistics  # noqa: E402
from qa_engine.lexical_models import PassageTerms as PassageTerms  # noqa: E402
from qa_engine.lexical_models import Term as Term  # noqa: E402
from qa_engine.precedent_models import AnsweredQuestion as AnsweredQuestion  # noqa: E402
from qa_engine.review_models import ArticleClaims as ArticleClaims  # noqa: E402
from qa_engine.review_models import ReviewedArticle as ReviewedArticle  # noqa: E402
from qa_engine.threshold_models import Threshold as Threshold  # noqa: E402
from qa_engine.training_models import ModelVersion as ModelVersion  # noqa: E402
from qa_engine.training_models import PinnedCase as PinnedCase  # noqa: E402
from qa_engine.training_models import TrainingRun as TrainingRun  # noqa: E402
from qa_engine.training_models import TrainingSet as TrainingSet  # noqa: E402
from qa_engine.training_models import TrainingSource as TrainingSource  # noqa: E402
from qa_engine.training_models import VersionEvent as VersionEvent  # noqa: E402
