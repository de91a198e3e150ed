"""Which embedding index is built, which one answers, and the switch between them."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from qa_engine import versions
from qa_engine.models import EmbeddingIndex, ModelVersion, Passage, PassageEmbedding
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import embedder_for, get_embedder

logger = logging.getLogger(__name__)

#: An exact scan of fewer vectors takes a few milliseconds and misses nothing.
EXACT_BELOW = 3_000
# Any fixed number: activations queue up behind each other.
_LOCK = 0x51_41_0001


def target() -> EmbeddingIndex | None:
    """The index of the embedder that is to answer; None where the process has no embedder."""
    model = versions.model_for("retriever", settings.QA_EMBEDDER)
    try:
        embedder = get_embedder()
        fingerprint, dimension = embedder.fingerprint, embedder.dimension
        token_width = embedder.token_width
    except ModelUnavailable as exc:
        logger.info("no embeddings: %s", exc)
        return None
    defaults = {"dimension": dimension, "model": model, "token_width": token_width}
    index, _ = EmbeddingIndex.objects.get_or_create(fingerprint=fingerprint, defaults=defaults)
    is_moved = index.model != model  # the same weights in another place
    if is_moved or index.state == EmbeddingIndex.State.RETIRED:
        index.model = model
        if index.state == EmbeddingIndex.State.RETIRED:
            index.state = EmbeddingIndex.State.BUILDING
        index.save(update_fields=["model", "state"])
    _settle_tokens(index, token_width)
    return index


def _settle_tokens(index: EmbeddingIndex, token_width: int) -> None:
    """Tokens of another width cannot be compared: the passages are due again."""
    if index.token_width != token_width:
        index.token_width = token_width
        index.save(update_fields=["token_width"])
        index.embeddings.exclude(tokens=None).update(tokens=None)


def activate_if_complete(index: EmbeddingIndex) -> bool:
    """Let `index` answer from now on, once it holds every passage; whether it does.

    Until then the old index goes on answering, with the model that made it.
    """
    if index.state == EmbeddingIndex.State.ACTIVE:
        return True
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        index.refresh_from_db()
        if index.state == EmbeddingIndex.State.ACTIVE:
            return True  # another worker has just switched
        if not _is_complete(index):
            return False
        active = EmbeddingIndex.objects.filter(state=EmbeddingIndex.State.ACTIVE)
        active.exclude(pk=index.pk).update(state=EmbeddingIndex.State.RETIRED)
        EmbeddingIndex.objects.filter(pk=index.pk).update(
            state=EmbeddingIndex.State.ACTIVE, activated_at=timezone.now()
        )
        index.state = EmbeddingIndex.State.ACTIVE
        logger.info("embedding index %s is active", index.fingerprint)
    _drop_retired()
    ensure_approximate(index)
    return True


def ensure_approximate(index: EmbeddingIndex) -> None:
    """An HNSW index over one embedding index's vectors, where there are enough of them.

    Expression and partial, because the column holds vectors of every model's dimension.
    """
    if index.embeddings.count() < EXACT_BELOW:
        return
    concurrently = "" if connection.in_atomic_block else "CONCURRENTLY"
    number, dimension = int(index.pk), int(index.dimension)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX {concurrently} IF NOT EXISTS {approximate_name(index)} "
            f"ON qa_engine_passageembedding USING hnsw "
            f"((vector::vector({dimension})) vector_cosine_ops) WHERE index_id = {number}"
        )


def approximate_name(index: EmbeddingIndex) -> str:
    """What its HNSW index is called, if there is one."""
    return f"qa_embedding_hnsw_{int(index.pk)}"


def is_approximate(index: EmbeddingIndex) -> bool:
    """Whether HNSW serves the index, as the database says."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_index WHERE indisvalid"
            " AND indexrelid = to_regclass(%s))",
            [approximate_name(index)],
        )
        return bool(cursor.fetchone()[0])


def beside(model: str) -> EmbeddingIndex:
    """The index of a model that need not answer. Raises ModelUnavailable."""
    embedder = embedder_for(model)
    index, _ = EmbeddingIndex.objects.get_or_create(
        fingerprint=embedder.fingerprint,
        defaults={
            "dimension": embedder.dimension,
            "model": model,
            "token_width": embedder.token_width,
        },
    )
    _settle_tokens(index, embedder.token_width)
    return index


def switch_to(model: str) -> bool:
    """Let a model's index answer; whether it did at once.

    Where it is not complete, or not there, the next sync builds it and then switches.
    """
    index = EmbeddingIndex.objects.filter(model=model).order_by("-pk").first()
    if index is None:
        return False
    if index.state == EmbeddingIndex.State.RETIRED:
        index.state = EmbeddingIndex.State.BUILDING
        index.save(update_fields=["state"])
    return activate_if_complete(index)


def switch_to_configured() -> bool:
    return switch_to(settings.QA_EMBEDDER)


def drop_beside(model: str) -> None:
    """Forget the vectors of a model that will not answer."""
    for index in EmbeddingIndex.objects.filter(model=model).exclude(state="active"):
        _drop(index)


def _is_complete(index: EmbeddingIndex) -> bool:
    embedded = PassageEmbedding.objects.filter(passage=OuterRef("pk"), index=index)
    return not Passage.objects.current().exclude(Exists(embedded)).exists()


def _drop_retired() -> None:
    """Vectors of models that no longer answer; their rows stay, as history.

    Those of the model that a roll-back would bring back stay, too: it is one click then.
    """
    kept = _model_before()
    for index in EmbeddingIndex.objects.filter(state=EmbeddingIndex.State.RETIRED):
        if index.model != kept:
            _drop(index)


def _model_before() -> str | None:
    if ModelVersion.objects.answering("retriever") is None:
        return None
    before = versions.previous("retriever")
    return before.path if before else settings.QA_EMBEDDER


def _drop(index: EmbeddingIndex) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {approximate_name(index)}")
    index.embeddings.all().delete()
