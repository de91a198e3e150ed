"""What readers tell us: feedback on articles, and what they searched for."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from knowledge.models import Article, ArticleFeedback, Revision, SearchLog


def record_feedback(
    *, revision: Revision, visitor: str, is_helpful: bool, comment: str | None = None
) -> ArticleFeedback:
    """Keep one visitor's vote on a revision; a second vote replaces the first.

    `visitor` is a keyed hash, see `visitors.visitor_of`. A vote without a comment (None)
    leaves the comment that an earlier one brought.
    """
    said = {} if comment is None else {"comment": comment.strip()[:1000]}
    feedback, _created = ArticleFeedback.objects.update_or_create(
        revision=revision, visitor=visitor, defaults={"is_helpful": is_helpful, **said}
    )
    return feedback


def log_search(*, query: str, result_count: int, channel: str = "portal") -> SearchLog | None:
    """Keep what was searched for and how much was found; an empty search is none."""
    query = " ".join(query.replace("\x00", " ").split())[:300]
    if not query:
        return None
    return SearchLog.objects.create(query=query, result_count=result_count, channel=channel)


def forget_searches(*, days: int) -> int:
    """Delete searches older than so many days; 0 keeps them all. Returns how many went."""
    if days <= 0:
        return 0
    old = SearchLog.objects.filter(created_at__lt=timezone.now() - timedelta(days=days))
    return old.delete()[0]


def mark_search_solved(*, search: SearchLog, article: Article | None = None) -> None:
    """The reader said that what was shown answered the question."""
    SearchLog.objects.filter(pk=search.pk).update(is_solved=True, article=article)
    search.refresh_from_db()
