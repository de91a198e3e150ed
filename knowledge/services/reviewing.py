"""Asking somebody to look at a text, and what they say.

The review is of the newest text; whoever decides names the one that they have read, so that
nothing is approved that was saved a moment ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid, ArticleMovedOn, NotAllowed
from knowledge.models import Article, ArticleEvent, Revision
from knowledge.services.events import note, stop_review
from knowledge.services.gates import ensure_may_review, ensure_may_write

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def submit_for_review(*, article: Article, by: User | None, comment: str = "") -> Article:
    """Ask for a review of the newest text. Again changes nothing.

    Raises NotAllowed, and ArticleInvalid where there is nothing new to look at or the
    article is in the archive.
    """
    ensure_may_write(by)
    locked = _locked(article)
    if locked.state == Article.State.ARCHIVED:
        raise ArticleInvalid(_("The article is in the archive. Restore it first."))
    if not locked.has_unpublished_changes:
        raise ArticleInvalid(_("Readers see the newest text already; there is nothing to review."))
    if locked.review_revision_id != locked.head_id:
        if locked.state == Article.State.DRAFT:
            locked.state = Article.State.IN_REVIEW
        locked.review_revision = locked.head
        locked.review_asked_by = by
        locked.review_asked_at = timezone.now()
        locked.approved_by = locked.approved_at = None
        locked.save()
        note(locked, ArticleEvent.Kind.SUBMITTED, by=by, revision=locked.head, comment=comment)
    article.refresh_from_db()
    return article


def withdraw(*, article: Article, by: User | None) -> Article:
    """Take the question back: the text is a draft again. Raises NotAllowed, ArticleInvalid."""
    ensure_may_write(by)
    return _close(article, ArticleEvent.Kind.WITHDRAWN, by, None, "")


def send_back(
    *, article: Article, by: User | None, comment: str, revision: Revision | None = None
) -> Article:
    """Say what is to be changed first. Raises NotAllowed, ArticleInvalid, ArticleMovedOn."""
    ensure_may_review(by)
    if not comment.strip():
        raise ArticleInvalid(_("Please say what is to be changed."))
    return _close(article, ArticleEvent.Kind.SENT_BACK, by, revision, comment)


@transaction.atomic
def approve(
    *, article: Article, by: User | None, revision: Revision | None = None, comment: str = ""
) -> Article:
    """Say that the text may be published; a publisher does that. Again changes nothing.

    Raises NotAllowed where `by` may not review, or wrote the text: four eyes see more.
    """
    ensure_may_review(by)
    locked = _in_review(article, revision)
    asked = locked.review_revision
    assert asked is not None
    if by is not None and asked.author_id == by.pk:
        raise NotAllowed(_("You wrote this text; somebody else reviews it."))
    if locked.approved_at is None:
        locked.approved_by, locked.approved_at = by, timezone.now()
        locked.save()
        note(locked, ArticleEvent.Kind.APPROVED, by=by, revision=asked, comment=comment)
    article.refresh_from_db()
    return article


@transaction.atomic
def _close(
    article: Article,
    kind: ArticleEvent.Kind,
    by: User | None,
    revision: Revision | None,
    comment: str,
) -> Article:
    locked = _in_review(article, revision)
    asked = locked.review_revision
    if locked.state == Article.State.IN_REVIEW:
        locked.state = Article.State.DRAFT
    stop_review(locked)
    locked.save()
    note(locked, kind, by=by, revision=asked, comment=comment)
    article.refresh_from_db()
    return article


def _in_review(article: Article, revision: Revision | None) -> Article:
    locked = _locked(article)
    if locked.review_revision is None:
        raise ArticleInvalid(_("Nobody asks for a review of this article any more."))
    if revision is not None and revision.pk != locked.review_revision_id:
        raise ArticleMovedOn(locked.review_revision)
    return locked


def _locked(article: Article) -> Article:
    return Article.objects.select_for_update().get(pk=article.pk)
