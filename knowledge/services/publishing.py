"""Which revision of an article shows, if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import RevisionOfAnotherArticle
from knowledge.models import Article, Revision
from knowledge.services.writing import save_revision
from knowledge.signals import article_changed

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def publish(
    *, article: Article, by: User | None = None, revision: Revision | None = None
) -> Article:
    """Show `revision` (default: the newest) to readers. The same again changes nothing."""
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if revision is not None and revision.article_id != locked.pk:
        raise RevisionOfAnotherArticle(_("That revision is of another article."))
    wanted = revision.pk if revision else locked.head_id
    if (locked.state, locked.published_revision_id) != (Article.State.PUBLISHED, wanted):
        locked.state = Article.State.PUBLISHED
        locked.published_revision_id = wanted
        locked.published_at = timezone.now()
        locked.published_by = by
        locked.save()
        article_changed.send(Article, article_id=locked.pk)
    article.refresh_from_db()
    return article


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


def archive(*, article: Article) -> Article:
    """Put the article away: readers no longer see it, its history stays."""
    return _hide(article, Article.State.ARCHIVED)


def unpublish(*, article: Article) -> Article:
    """Take the article back into drafts, out of the archive too."""
    return _hide(article, Article.State.DRAFT)


@transaction.atomic
def _hide(article: Article, state: Article.State) -> Article:
    locked = Article.objects.select_for_update().get(pk=article.pk)
    was_published = locked.state == Article.State.PUBLISHED
    if locked.state != state:
        locked.state = state
        locked.published_revision = None
        locked.save()
    if was_published:
        article_changed.send(Article, article_id=locked.pk)
    article.refresh_from_db()
    return article
