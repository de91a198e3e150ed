"""The knowledge base as it was, told as its difference from the one that is indexed now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from knowledge.models import Article, Publication
from knowledge.types import Viewer
from qa_engine.replaying.values import Overlay, Shown


@dataclass
class Past:
    """Knows every moment since `since`, for one viewer, from two statements."""

    since: datetime
    viewer: Viewer

    @cached_property
    def publications(self) -> Sequence[Publication]:
        changed = Publication.objects.changed_since(self.since)
        return list(changed.select_related("revision").order_by("article_id", "shown_from"))

    @cached_property
    def now(self) -> dict[int, int]:
        """Article → revision that shows now, of the articles that ever changed since."""
        articles = Article.objects.visible_to(self.viewer).published()
        articles = articles.filter(pk__in={one.article_id for one in self.publications})
        return dict(articles.values_list("pk", "published_revision_id"))

    def at(self, moment: datetime) -> Overlay:
        """What showed at that moment, and nothing that was published later."""
        shown = {
            one.article_id: one.revision
            for one in self.publications
            if _showed(one, moment, self.viewer)
        }
        then = {article_id: revision.pk for article_id, revision in shown.items()}
        changed = sorted(
            {
                one.article_id
                for one in self.publications
                if self.now.get(one.article_id) != then.get(one.article_id)
            }
        )
        return Overlay(
            hidden=frozenset(changed),
            shown=tuple(
                Shown(article_id, then[article_id], shown[article_id].text)
                for article_id in changed
                if article_id in shown
            ),
        )


def _showed(publication: Publication, at: datetime, viewer: Viewer) -> bool:
    return (
        publication.shown_from <= at
        and (publication.shown_until is None or publication.shown_until > at)
        and (publication.valid_from is None or publication.valid_from <= at)
        and (publication.valid_until is None or publication.valid_until > at)
        and (viewer.is_agent or publication.visibility == "public")
    )
