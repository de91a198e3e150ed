"""What published articles claim, read once a text and kept; put side by side for comparing.

Runs in the worker. Each batch of texts is a step that commits by itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.db.models import F, QuerySet

from knowledge.models import Article, Revision
from qa_engine.models import ArticleClaims
from qa_engine.suggesting.claims import claims
from qa_engine.suggesting.contradictions import rarity_of
from qa_engine.suggesting.packing import RECIPE, packed
from qa_engine.suggesting.shelves import Shelf
from qa_engine.suggesting.stretches import Text
from qa_engine.suggesting.weights import Weights

BATCH = 50
#: How rare words are is counted over so many articles; more would say the same.
COUNTED = 1_000


def text_of(shown: Revision | None) -> Text:
    assert shown is not None
    return Text(shown.article_id, shown.title, shown.body, shown.summary)


def unread() -> QuerySet[Article]:
    """Articles that readers see whose text has not been read for what it claims."""
    shown = Article.objects.published().exclude(published_revision=None)
    return shown.exclude(claims__revision=F("published_revision"), claims__recipe=RECIPE).order_by(
        "pk"
    )


def count_unread() -> tuple[int, int]:
    """How many are left to read, and of how many. Loads no model: the web tier asks."""
    return unread().count(), Article.objects.published().exclude(published_revision=None).count()


def read_claims(*, seconds: float) -> int:
    """Read what is left, some texts and then on for so long; how many that were."""
    started, done = time.monotonic(), 0
    while True:
        batch = list(unread().select_related("published_revision")[:BATCH])
        ArticleClaims.objects.bulk_create(
            [
                ArticleClaims(
                    article=article,
                    revision=article.published_revision,
                    recipe=RECIPE,
                    packed=packed(claims(text_of(article.published_revision))),
                )
                for article in batch
            ],
            update_conflicts=True,
            unique_fields=["article"],
            update_fields=["revision", "recipe", "packed"],
        )
        done += len(batch)
        if len(batch) < BATCH or time.monotonic() - started >= seconds:
            return done


@dataclass(frozen=True, slots=True)
class Shelved:
    """Claims of articles, and in which revisions they stand."""

    shelf: Shelf
    revisions: Mapping[int, int]


def shelved(article: Article, rarity: Mapping[str, float], weights: Weights) -> Shelved:
    """What articles for the same readers in the same language claim."""
    rows = ArticleClaims.objects.filter(
        article__state=Article.State.PUBLISHED,
        article__language=article.language,
        article__visibility=article.visibility,
        article__reader_groups=article.reader_groups,
        revision=F("article__published_revision"),
        recipe=RECIPE,
    )
    kept, revisions = {}, {}
    for pk, revision, told in rows.values_list("article", "revision", "packed").iterator(500):
        kept[pk], revisions[pk] = bytes(told), revision
    return Shelved(Shelf(kept, rarity, weights), revisions)


def rarity() -> dict[str, float]:
    """Over articles spread evenly, where there are too many to read all; counted anew when
    another text is published.
    """
    shown = Article.objects.published().exclude(published_revision=None)
    ids = tuple(shown.order_by("pk").values_list("published_revision", flat=True))
    return _rarity_in(str(connection.settings_dict["NAME"]), ids[:: len(ids) // COUNTED + 1])


@lru_cache(maxsize=1)
def _rarity_in(_database: str, ids: tuple[int, ...]) -> dict[str, float]:
    rows = Revision.objects.filter(pk__in=ids).values_list("title", "summary", "body")
    return rarity_of("\n".join(row) for row in rows.iterator(200))
