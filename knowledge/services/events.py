"""What each step of an article leaves behind, for the services that take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from knowledge.models import Article, ArticleEvent, Revision, ScheduledPublication
from knowledge.signals import article_stepped

if TYPE_CHECKING:
    from helpdesk.models import User


def note(
    article: Article,
    kind: ArticleEvent.Kind,
    *,
    by: User | None,
    revision: Revision | None = None,
    comment: str = "",
) -> ArticleEvent:
    """Keep who did what with the article, and tell the apps above."""
    event = ArticleEvent.objects.create(
        article=article, kind=kind, by=by, revision=revision, comment=comment.strip()[:1000]
    )
    article_stepped.send(ArticleEvent, event_id=event.pk)
    return event


def stop_review(locked: Article) -> None:
    """Nobody is asked any more. The caller saves the article."""
    locked.review_revision = locked.review_asked_by = locked.approved_by = None
    locked.review_asked_at = locked.approved_at = None


def close_plan(locked: Article, *, by: User | None) -> bool:
    """What was planned for the article no longer holds; whether something was."""
    closed = (
        ScheduledPublication.objects.waiting()
        .filter(article=locked)
        .update(state=ScheduledPublication.State.CANCELLED, due_at=None, closed_at=timezone.now())
    )
    if closed:
        note(locked, ArticleEvent.Kind.CANCELLED, by=by)
    return bool(closed)
