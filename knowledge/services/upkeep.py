"""Keeping articles right: who looks after which, by when somebody looks, and that they did."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid, NotAllowed
from knowledge.models import Article, ArticleEvent
from knowledge.owning import owner_of
from knowledge.services.events import note
from knowledge.services.gates import ensure_may_write, may_review

if TYPE_CHECKING:
    from helpdesk.models import User

#: Until the next look, where nobody says how long.
REVIEW_AFTER = timedelta(days=180)


@transaction.atomic
def look_after(
    *, article: Article, owner: User | None, review_by: date | None, by: User | None
) -> bool:
    """Name who looks after the article (None: the category's owner) and by when they look.

    Returns whether that changed anything. Raises NotAllowed, and ArticleInvalid where the
    owner could not change it.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    before = (locked.owner_id, locked.review_by)
    if before == (owner.pk if owner else None, review_by):
        return False
    ensure_may_write(by)
    if owner is not None and not owner.is_agent:
        raise ArticleInvalid(_("An article is looked after by an agent."))
    locked.owner, locked.review_by = owner, review_by
    locked.save(update_fields=["owner", "review_by", "updated_at"])
    article.refresh_from_db()
    return True


@transaction.atomic
def confirm(
    *, article: Article, by: User | None, next_review: date | None = None, comment: str = ""
) -> Article:
    """Say that the article still holds, and by when to look again (default: in half a year).

    For its owner, who need not be one who writes, and for reviewers. Raises NotAllowed, and
    ArticleInvalid for a day past.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if not may_review(by) and owner_of(locked) != by:
        raise NotAllowed(_("Its owner or a reviewer says whether an article still holds."))
    today = timezone.localdate()
    next_review = next_review or today + REVIEW_AFTER
    if next_review <= today:
        raise ArticleInvalid(_("That day has passed. Choose a later one."))
    locked.review_by = next_review
    locked.save(update_fields=["review_by", "updated_at"])
    shown = locked.published_revision or locked.head
    note(locked, ArticleEvent.Kind.CONFIRMED, by=by, revision=shown, comment=comment)
    article.refresh_from_db()
    return article


@transaction.atomic
def mark_up_to_date(*, article: Article, by: User | None) -> Article:
    """Say that the translation says what its original says now. Raises NotAllowed."""
    ensure_may_write(by)
    locked = Article.objects.select_for_update().get(pk=article.pk)
    original = locked.translation_of
    if original is None:
        raise ArticleInvalid(_("The article is not a translation."))
    locked.current_with_id = original.published_revision_id or original.head_id
    locked.outdated_since = None
    locked.save(update_fields=["current_with", "outdated_since", "updated_at"])
    note(locked, ArticleEvent.Kind.UP_TO_DATE, by=by, revision=locked.head)
    article.refresh_from_db()
    return article
