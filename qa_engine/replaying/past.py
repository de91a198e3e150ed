"""The knowledge base as it was, told as its difference from the one that is indexed now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from knowledge.models import Article, Publication
from knowledge.types import AGENT, ArticleText, Viewer
from qa_engine.replaying.values import Change, Changed, Overlay, Shown


@dataclass
class Past:
    """Knows every moment since `since`, for one viewer, from two statements.

    A third tells what the articles of a change said, however long ago that was published.
    """

    since: datetime
    viewer: Viewer
    change: Change = field(default_factory=Change)

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

    @cached_property
    def of_change(self) -> Sequence[Publication]:
        """All publications of the articles that the change is about."""
        touched = self.change.hidden | {one.article_id for one in self.change.edits if one.base}
        known = Publication.objects.filter(article__in=touched).select_related("revision")
        return list(known) if touched else []

    def changed(self, state: Overlay, moment: datetime) -> Changed:
        """The state of the moment with the change made upon it, as a whole or not at all.

        An article that did not show at the moment has no reader whom an edit could reach.
        What is merged into another must have said then what it says now: the merged text
        was made of that.
        """
        change = self.change
        edits = {one: self._text(one.article_id, moment, self.viewer) for one in change.edits}
        gone = {one: self._text(one, moment, AGENT) for one in change.hidden}
        if None in gone.values() or any(
            one.base is not None and then is None for one, then in edits.items()
        ):
            return Changed(state)
        made = {one: one.upon(then) for one, then in edits.items()}
        is_certain = None not in made.values()
        if change.edits:
            now = timezone.now()
            is_certain &= all(self._text(one, now, AGENT) == text for one, text in gone.items())
        shown = tuple(
            Shown(one.article_id, one.revision_id, text or one.text)
            for one, text in made.items()
            if text != edits[one]
        )
        return Changed(state.replaced(shown, change.hidden), is_certain)

    def _text(self, article_id: int, moment: datetime, viewer: Viewer) -> ArticleText | None:
        """What the article said then; None where it did not show."""
        texts = (
            one.revision.text
            for one in self.of_change
            if one.article_id == article_id and _showed(one, moment, viewer)
        )
        return next(texts, None)


def _showed(publication: Publication, at: datetime, viewer: Viewer) -> bool:
    return (
        publication.shown_from <= at
        and (publication.shown_until is None or publication.shown_until > at)
        and (publication.valid_from is None or publication.valid_from <= at)
        and (publication.valid_until is None or publication.valid_until > at)
        and viewer.is_meant_by(publication.visibility, publication.reader_groups)
    )
