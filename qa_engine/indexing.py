"""Brings an article's passages and embeddings to its published state.

Plan, then apply: what should be is computed from the article alone; the embeddings that
are missing are made outside any transaction; then one short transaction checks that the
article has not moved on, and writes. It may run at any time, twice, and in two workers at
once: an advisory lock per article lets one of them write, and the other finds nothing
left to do. Lexical search needs no model, so passages are written even without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from knowledge.models import Article, Revision
from qa_engine import chunking, embedding_indexes, indexable
from qa_engine.models import EmbeddingIndex, Passage, PassageEmbedding
from qa_engine.passage_rows import add_vectors, replace_passages, without_vector
from qa_engine.plans import Plan, plan
from qa_engine.protocols import Encoded, ModelUnavailable
from qa_engine.registry import embedder_for
from qa_engine.search_vectors import count_words_if_stale

#: First key of the advisory locks, so that they meet nobody else's.
LOCK_SPACE = 0x51_41  # "QA"
# How often a sync starts again because the article changed meanwhile.
MAX_TRIES = 3
#: Articles whose passages are embedded together.
BATCH = 32


class Outcome(StrEnum):
    """What a sync did."""

    UNCHANGED = "unchanged"
    UPDATED = "updated"
    REMOVED = "removed"
    MISSING = "missing"


def sync_article(article_id: int) -> Outcome:
    """Make the passages of one article what its published revision says."""
    return sync_together([article_id])[article_id]


def sync_together(article_ids: Sequence[int]) -> dict[int, Outcome]:
    """The same for several, embedded in one call; then the index may be complete."""
    outcomes = sync_articles(article_ids)
    index = embedding_indexes.target()
    if index is not None:
        embedding_indexes.activate_if_complete(index)
    return outcomes


def sync_articles(article_ids: Sequence[int]) -> dict[int, Outcome]:
    """Many at once: their passages share the embedder's batches, each is written by itself."""
    return _sync(article_ids, embedding_indexes.target())


def build_beside(
    model: str, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> EmbeddingIndex:
    """All passages embedded by a model that does not answer yet; nobody reads the index.

    It can be interrupted and called again. Raises ModelUnavailable.
    """
    index = embedding_indexes.beside(model)
    due = list(due_articles(index).values_list("pk", flat=True))
    for first in range(0, len(due), BATCH):
        _sync(due[first : first + BATCH], index)
        progress(min(first + BATCH, len(due)), len(due))
    embedding_indexes.ensure_approximate(index)
    return index


def _sync(article_ids: Sequence[int], index: EmbeddingIndex | None) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    todo = list(dict.fromkeys(article_ids))
    for _ in range(MAX_TRIES):
        articles = _read_all(todo)
        outcomes |= {one: Outcome.MISSING for one in todo if one not in articles}
        plans = {one: plan(_published(article)) for one, article in articles.items()}
        vectors = _embed_missing(plans.values(), index)
        for article_id, wanted in plans.items():
            outcome = _apply(article_id, wanted, index, vectors)
            if outcome is not None:
                outcomes[article_id] = outcome
        todo = [one for one in todo if one not in outcomes]
        if not todo:
            break
    # What is left changes faster than we read; its next job comes anyway.
    outcomes |= dict.fromkeys(todo, Outcome.UNCHANGED)
    count_words_if_stale()
    return outcomes


def sync_due(limit: int = 100) -> int:
    """Sync up to `limit` articles that are out of date; how many there were.

    Finds them from the state of the tables alone, so it makes up for any lost job.
    """
    index = embedding_indexes.target()
    due = list(due_articles(index).values_list("pk", flat=True)[:limit])
    for _ in sync_in_batches(due):
        pass
    if index is not None and not due:
        embedding_indexes.activate_if_complete(index)
    return len(due)


def sync_in_batches(article_ids: Sequence[int]) -> Iterator[tuple[int, Outcome]]:
    """(article, what was done) as it is done."""
    for first in range(0, len(article_ids), BATCH):
        yield from sync_articles(article_ids[first : first + BATCH]).items()
    index = embedding_indexes.target()
    if index is not None and article_ids and embedding_indexes.activate_if_complete(index):
        embedding_indexes.ensure_approximate(index)


def due_articles(index: EmbeddingIndex | None) -> QuerySet[Article]:
    """Articles whose passages, or their embeddings in `index`, are not what they should be."""
    passages = Passage.objects.filter(article=OuterRef("pk"))
    shown = passages.filter(revision=OuterRef("published_revision"), recipe=chunking.RECIPE)
    is_published = Q(state=Article.State.PUBLISHED)
    lacks = is_published & ~Q(Exists(shown)) & Q(published_revision__body__regex=r"\S")
    stale = Exists(
        passages.exclude(revision=OuterRef("published_revision"), recipe=chunking.RECIPE)
    )
    due = lacks | Q(stale) | (~is_published & Q(Exists(passages)))
    if index is not None:
        embedded = PassageEmbedding.objects.whole_in(index).filter(passage=OuterRef("pk"))
        due |= Q(Exists(passages.exclude(Exists(embedded))))
    return Article.objects.filter(due).order_by("pk")


def _read_all(article_ids: Sequence[int]) -> dict[int, Article]:
    return Article.objects.select_related("published_revision").in_bulk(article_ids)


def _read(article_id: int) -> Article | None:
    return Article.objects.select_related("published_revision").filter(pk=article_id).first()


def _published(article: Article) -> Revision | None:
    is_shown = article.state == Article.State.PUBLISHED
    return article.published_revision if is_shown else None


def _embed_missing(plans: Iterable[Plan], index: EmbeddingIndex | None) -> dict[str, Encoded]:
    """By content hash, for passages that no stored embedding can serve."""
    if index is None:
        return {}
    wanted = {p.content_hash: (one.head, p.words) for one in plans for p in one.passages}
    known = _stored_hashes(index, list(wanted))
    todo = {digest: texts for digest, texts in wanted.items() if digest not in known}
    texts = list(dict.fromkeys(text for pair in todo.values() for text in pair if text))
    if not texts:
        return {}
    try:
        found = dict(zip(texts, embedder_for(index.model).encode_passages(texts), strict=True))
    except ModelUnavailable:
        if settings.DEBUG:
            raise
        return {}
    return {digest: mixed(found.get(head), found[words]) for digest, (head, words) in todo.items()}


def mixed(head: Encoded | None, own: Encoded) -> Encoded:
    """The head is in the vector; the tokens are the passage's own."""
    return Encoded(indexable.mixed(head.vector if head else None, own.vector), own.tokens)


def _stored_hashes(index: EmbeddingIndex, hashes: Sequence[str]) -> set[str]:
    stored = PassageEmbedding.objects.whole_in(index).filter(passage__content_hash__in=hashes)
    return set(stored.values_list("passage__content_hash", flat=True))


@transaction.atomic
def _apply(
    article_id: int, wanted: Plan, index: EmbeddingIndex | None, vectors: dict[str, Encoded]
) -> Outcome | None:
    """Write the plan; None where the article has another published revision by now."""
    _lock(article_id)
    article = _read(article_id)
    shown = _published(article) if article else None
    if (shown.pk if shown else None) != wanted.revision_id:
        return None
    existing = list(Passage.objects.filter(article_id=article_id).order_by("position"))
    is_same = _is_same(existing, wanted)
    passages = existing if is_same else replace_passages(article_id, existing, wanted)
    added = 0
    if index is not None:
        bare = without_vector(passages, index) if existing else passages
        added = add_vectors(bare, index, vectors)
    if not wanted.passages and existing:
        return Outcome.REMOVED
    return Outcome.UNCHANGED if is_same and not added else Outcome.UPDATED


def _is_same(existing: list[Passage], wanted: Plan) -> bool:
    return [(p.revision_id, p.start, p.end, p.content_hash, p.recipe) for p in existing] == [
        (wanted.revision_id, p.start, p.end, p.content_hash, chunking.RECIPE)
        for p in wanted.passages
    ]


def _lock(article_id: int) -> None:
    """Until the transaction ends, this worker alone writes the article's passages."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, article_id % (2**31)])
