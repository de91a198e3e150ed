"""Which revision of an article shows, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid, RevisionOfAnotherArticle
from knowledge.models import Article, ArticleEvent, OldAddress, Revision
from knowledge.services.consequences import after_publishing
from knowledge.services.events import close_plan, note, stop_review
from knowledge.services.gates import ensure_may_publish, ensure_may_write
from knowledge.services.writing import save_revision
from knowledge.signals import article_changed

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def publish(
    *, article: Article, by: User | None = None, revision: Revision | None = None
) -> Article:
    """Show `revision` (default: the newest) to readers. The same again changes nothing.

    Raises NotAllowed where `by` may not publish, RevisionOfAnotherArticle.
    """
    ensure_may_publish(by)
    locked = Article.objects.select_for_update().get(pk=article.pk)
    show(locked, revision or locked.head, by=by)
    article.refresh_from_db()
    return article


def show(locked: Article, revision: Revision | None, *, by: User | None) -> bool:
    """Make the revision of the locked article the one that readers see; whether it was not."""
    if revision is None or revision.article_id != locked.pk:
        raise RevisionOfAnotherArticle(_("That revision is of another article."))
    if (locked.state, locked.published_revision_id) == (Article.State.PUBLISHED, revision.pk):
        return False
    asked = locked.review_revision
    locked.state = Article.State.PUBLISHED
    locked.published_revision_id = revision.pk
    locked.published_at = timezone.now()
    locked.published_by = by
    if asked is not None and asked.number <= revision.number:  # a newer one waits on
        stop_review(locked)
    locked.save()
    after_publishing(locked, revision)
    note(locked, ArticleEvent.Kind.PUBLISHED, by=by, revision=revision)
    article_changed.send(Article, article_id=locked.pk)
    return True


@transaction.atomic
def roll_back(*, article: Article, to: Revision, by: User | None = None) -> Revision:
    """Make the text of an old revision the newest, as a revision of its own, unpublished."""
    if to.article_id != article.pk:
        raise RevisionOfAnotherArticle(_("That revision is of another article."))
    return save_revision(
        article=article,
        text=to.text,
        author=by,
        note=_("Back to revision %(number)d.") % {"number": to.number},
    )


def archive(*, article: Article, by: User | None = None) -> Article:
    """Put the article away: readers no longer see it, its history stays. Raises NotAllowed."""
    ensure_may_publish(by)
    return _move(article, Article.State.ARCHIVED, ArticleEvent.Kind.ARCHIVED, by)


def unpublish(*, article: Article, by: User | None = None) -> Article:
    """Take the article back into drafts, out of the archive too. Raises NotAllowed."""
    if article.state == Article.State.ARCHIVED:
        return restore(article=article, by=by)
    if article.state == Article.State.PUBLISHED:
        ensure_may_publish(by)
    ensure_may_write(by)
    return _move(article, Article.State.DRAFT, ArticleEvent.Kind.UNPUBLISHED, by)


@transaction.atomic
def restore(*, article: Article, by: User | None = None) -> Article:
    """Take the article out of the archive, as a draft. Raises NotAllowed, ArticleInvalid."""
    ensure_may_write(by)
    if article.state != Article.State.ARCHIVED:
        raise ArticleInvalid(_("The article is not in the archive."))
    # It may have been put away for another one, to which its address has led since.
    OldAddress.objects.filter(slug=article.slug).delete()
    return _move(article, Article.State.DRAFT, ArticleEvent.Kind.RESTORED, by)


@transaction.atomic
def _move(
    article: Article, state: Article.State, kind: ArticleEvent.Kind, by: User | None
) -> Article:
    locked = Article.objects.select_for_update().get(pk=article.pk)
    was_published = locked.state == Article.State.PUBLISHED
    if locked.state != state:
        if was_published and kind == ArticleEvent.Kind.RESTORED:
            raise ArticleInvalid(_("The article is not in the archive."))
        if was_published:
            ensure_may_publish(by)  # published since the caller looked
        shown = locked.published_revision
        hide(locked, state)
        close_plan(locked, by=by)
        note(locked, kind, by=by, revision=shown or locked.head)
    article.refresh_from_db()
    return article


def hide(locked: Article, state: Article.State) -> None:
    """Take the locked article away from readers."""
    was_published = locked.state == Article.State.PUBLISHED
    locked.state = state
    locked.published_revision = None
    stop_review(locked)
    locked.save()
    if was_published:
        article_changed.send(Article, article_id=locked.pk)
