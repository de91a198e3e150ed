"""Writing articles: their first text, later revisions, and the details around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid, ArticleMovedOn
from knowledge.models import Article, Category, ReaderGroup, Revision
from knowledge.rendering.parsing import MAX_BODY
from knowledge.services.addressing import free_slug
from knowledge.services.gates import ensure_may_publish
from knowledge.signals import article_changed
from knowledge.significance import Significance, guess
from knowledge.types import ArticleDetails, ArticleText

if TYPE_CHECKING:
    from helpdesk.models import User


@transaction.atomic
def create_article(
    *,
    text: ArticleText,
    category: Category,
    author: User | None = None,
    details: ArticleDetails | None = None,
    external_id: str = "",
    slug: str = "",
    note: str = "",
) -> Article:
    """A new draft with its first revision. Raises ArticleInvalid."""
    text = checked_text(text)
    article = Article(
        external_id=external_id,
        slug=free_slug(slug or text.title),
        category=category,
    )
    _set_details(article, details or ArticleDetails())
    article.save()
    _add_revision(article, 1, text, author, note, Significance.MAJOR)
    return article


@transaction.atomic
def save_revision(
    *,
    article: Article,
    text: ArticleText,
    author: User | None = None,
    note: str = "",
    base_revision: Revision | None = None,
    significance: str = "",
) -> Revision:
    """Keep a new text of the article, as its head; what readers see stays until `publish`.

    The same text again changes nothing and gives back the head. With `base_revision`, the
    one that was being edited, raises ArticleMovedOn when somebody has saved since. Without
    a `significance` it is guessed from the words. A review that somebody asked for is from
    now on of this text, and has to be approved anew.
    """
    text = checked_text(text)
    locked = Article.objects.select_for_update().get(pk=article.pk)
    head = locked.revisions.select_related("author").order_by("-number")[0]
    if head.text == text:
        return head
    if base_revision is not None and base_revision.pk != head.pk:
        raise ArticleMovedOn(head)
    weight = Significance(significance) if significance else guess(head.text, text)
    return _add_revision(article, head.number + 1, text, author, note, weight)


@transaction.atomic
def change_details(
    *,
    article: Article,
    details: ArticleDetails | None = None,
    category: Category | None = None,
    by: User | None = None,
) -> bool:
    """Move the article or change who sees it and when; return whether that changed it.

    Raises NotAllowed where readers would see the difference and `by` may not publish.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    before = (locked.category_id, locked.details)
    if category is not None:
        locked.category = category
    if details is not None:
        _set_details(locked, details)
    changed = before != (locked.category_id, locked.details)
    if changed:
        is_shown = locked.state == Article.State.PUBLISHED
        if is_shown:
            ensure_may_publish(by)
        locked.save()
        if is_shown:
            article_changed.send(Article, article_id=locked.pk)
    article.refresh_from_db()
    return changed


def _add_revision(
    article: Article,
    number: int,
    text: ArticleText,
    author: User | None,
    note: str,
    significance: Significance,
) -> Revision:
    revision = Revision.objects.create(
        article=article,
        number=number,
        title=text.title,
        summary=text.summary,
        body=text.body,
        author=author,
        note=note[:300],
        significance=significance,
    )
    article.head = revision
    Article.objects.filter(pk=article.pk, review_revision__isnull=False).update(
        review_revision=revision, approved_by=None, approved_at=None
    )
    article.save(update_fields=["head", "updated_at"])
    return revision


def checked_text(text: ArticleText) -> ArticleText:
    """The text as it would be stored. Raises ArticleInvalid."""
    text = text.normalized()
    if not text.title:
        raise ArticleInvalid(_("An article needs a title."))
    if len(text.title) > 200:
        raise ArticleInvalid(_("The title is longer than 200 characters."))
    if len(text.summary) > 300:
        raise ArticleInvalid(_("The summary is longer than 300 characters."))
    if not text.body:
        raise ArticleInvalid(_("An article needs some text."))
    if len(text.body) > MAX_BODY:
        raise ArticleInvalid(
            _("The text is longer than %(limit)d characters; please split the article.")
            % {"limit": MAX_BODY}
        )
    if "\x00" in text.title + text.summary + text.body:
        raise ArticleInvalid(_("The text holds a NUL character, which cannot be stored."))
    return text


def _set_details(article: Article, details: ArticleDetails) -> None:
    article.visibility = details.visibility
    article.reader_groups = _readers(details)
    article.language = details.language
    article.tags = list(details.tags)
    article.valid_from = details.valid_from
    article.valid_until = details.valid_until
    try:
        article.clean_fields(exclude={"slug", "category", "external_id"})
    except ValidationError as error:
        raise ArticleInvalid(
            " ".join(
                f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()
            )
        ) from error
    if details.valid_from and details.valid_until and details.valid_from >= details.valid_until:
        raise ArticleInvalid(_("The article must be valid from a time before it ends."))


def _readers(details: ArticleDetails) -> list[int]:
    """The groups of a restricted article. Raises ArticleInvalid rather than guess who is meant."""
    wanted = sorted(set(details.reader_groups))
    if details.visibility != Article.Visibility.RESTRICTED:
        if wanted:
            raise ArticleInvalid(_("Only a restricted article is for groups of readers."))
        return []
    if not wanted:
        raise ArticleInvalid(_("Please choose the groups that the article is restricted to."))
    if ReaderGroup.objects.filter(pk__in=wanted).count() != len(wanted):
        raise ArticleInvalid(_("One of the groups is gone. Please choose again."))
    return wanted
