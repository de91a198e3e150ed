"""Where an article stands: its review, its plan, its owner, and what is out of date about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from knowledge.admin.links import why
from knowledge.models import Article, ArticleEvent, Revision
from knowledge.owning import owner_of
from knowledge.services import may_review, may_write
from knowledge.services.upkeep import REVIEW_AFTER

#: Steps of an article shown beside its form; the history page has all of them.
STEPS = 6
#: A review that is due within this time is announced on the page.
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A revision of the original that a translation does not know of yet."""

    revision: Revision
    # The page that compares it with the text that the translation was made of.
    url: str


def standing(article: Article, user: Any) -> dict[str, Any]:
    """What the page shows above the form, in a fixed number of queries."""
    today = timezone.localdate()
    owner = owner_of(article)
    is_due = article.review_by is not None and article.review_by <= today + SOON
    return {
        "plan": article.plans.waiting().select_related("planned_by", "revision").first(),
        "steps": article.events.select_related("by", "revision").defer("revision__body")[:STEPS],
        "asked": article.events.filter(
            kind=ArticleEvent.Kind.SUBMITTED, revision=article.review_revision_id
        ).first()
        if article.is_in_review
        else None,
        "sent_back": _sent_back(article),
        "owner": owner,
        "is_due": is_due,
        "is_overdue": article.is_review_overdue(today),
        "next_review": (today + REVIEW_AFTER).isoformat(),
        "source_changes": source_changes(article),
        "broken_links": [
            (use, why(use.link)) for use in article.links.broken().select_related("link")
        ],
        "may_write": may_write(user),
        "may_review": may_review(user),
        "may_confirm": may_review(user) or owner == user,
        "is_author": article.review_revision is not None
        and article.review_revision.author_id == user.pk,
        "zone": timezone.get_current_timezone_name(),
        "earliest": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
    }


def source_changes(article: Article) -> list[SourceChange]:
    """What has changed in the original since the translation was right, newest first."""
    original = article.translation_of
    if article.outdated_since is None or original is None:
        return []
    known = article.current_with.number if article.current_with else 1
    shown = original.published_revision.number if original.published_revision else 0
    history = reverse("admin:knowledge_article_history", args=[original.pk])
    return [
        SourceChange(revision, f"{history}?old={known}&new={revision.number}")
        for revision in original.revisions.filter(number__gt=known, number__lte=shown)
        .select_related("author")
        .defer("body")
    ]


def _sent_back(article: Article) -> ArticleEvent | None:
    """What a reviewer wants changed, as long as nobody has asked again since."""
    last = article.events.select_related("by").filter(
        kind__in=[
            ArticleEvent.Kind.SENT_BACK,
            ArticleEvent.Kind.SUBMITTED,
            ArticleEvent.Kind.PUBLISHED,
        ]
    )
    newest = last.first()
    return newest if newest is not None and newest.kind == ArticleEvent.Kind.SENT_BACK else None
