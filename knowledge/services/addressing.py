"""What an article is called in addresses, and which article it is a translation of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid
from knowledge.models import Article, OldAddress
from knowledge.services.gates import ensure_may_publish
from knowledge.signals import article_changed

if TYPE_CHECKING:
    from helpdesk.models import User

#: Paths of the public pages that an article's slug would hide.
RESERVED_SLUGS = frozenset({"c", "search"})
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,150}")


@transaction.atomic
def rename(*, article: Article, slug: str, by: User | None = None) -> bool:
    """Give the article another address; the old one leads to it for good.

    Returns whether that changed anything. Raises ArticleInvalid where the address is not
    one, or is or was another article's: links to that one would lead here. Raises NotAllowed
    where the article is published and `by` may not publish.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if slug == locked.slug:
        return False
    if locked.state == Article.State.PUBLISHED:
        ensure_may_publish(by)
    if not _SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise ArticleInvalid(_("An address has letters a to z, digits, - and _ only."))
    _refuse_taken(locked, slug)
    OldAddress.objects.filter(slug__in=(slug, locked.slug)).delete()
    OldAddress.objects.create(slug=locked.slug, article=locked)
    locked.slug = slug
    try:
        with transaction.atomic():
            locked.save(update_fields=["slug", "updated_at"])
    except IntegrityError as error:  # somebody took it a moment ago
        raise ArticleInvalid(_("Another article has this address.")) from error
    if locked.state == Article.State.PUBLISHED:
        article_changed.send(Article, article_id=locked.pk)
    article.refresh_from_db()
    return True


@transaction.atomic
def lead_to(article: Article, *, away_from: Article) -> None:
    """Let the addresses of an article that readers no longer see lead to another one.

    Restored, it answers at its own address again: `at_address` prefers who has it now.
    """
    away_from.old_addresses.update(article=article)
    OldAddress.objects.update_or_create(slug=away_from.slug, defaults={"article": article})


@transaction.atomic
def link_translation(*, article: Article, source: Article | None, by: User | None = None) -> bool:
    """Say that the article is `source` in another language, or a text of its own (None).

    It is taken to say what the original says now. Returns whether that changed anything.
    Raises ArticleInvalid: a translation is of an original, in another language, and an
    original has one in each. Raises NotAllowed as `rename` does.
    """
    locked = Article.objects.select_for_update().get(pk=article.pk)
    if locked.translation_of_id == (source.pk if source else None):
        return False
    if locked.state == Article.State.PUBLISHED:
        ensure_may_publish(by)
    if source is not None:
        _refuse_source(locked, source)
    locked.translation_of = source
    locked.current_with_id = (source.published_revision_id or source.head_id) if source else None
    locked.outdated_since = None
    locked.save(update_fields=["translation_of", "current_with", "outdated_since", "updated_at"])
    article.refresh_from_db()
    return True


def free_slug(wanted: str) -> str:
    """An address like the one wanted that no article has or had."""
    base = slugify(wanted)[:140].strip("-_") or "article"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken.update(OldAddress.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 1
    while slug in taken or slug in RESERVED_SLUGS:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _refuse_taken(article: Article, slug: str) -> None:
    others = Article.objects.exclude(pk=article.pk)
    if others.filter(slug=slug).exists():
        raise ArticleInvalid(_("Another article has this address."))
    if other := others.filter(old_addresses__slug=slug).first():
        raise ArticleInvalid(
            _("This address leads to “%(title)s”, which had it before.") % {"title": other.title}
        )


def _refuse_source(article: Article, source: Article) -> None:
    if source.pk == article.pk or source.translation_of_id or article.translations.exists():
        raise ArticleInvalid(_("A translation is of an original, not of a translation."))
    if source.language == article.language:
        raise ArticleInvalid(_("A translation is in another language than its original."))
    twins = source.translations.exclude(pk=article.pk)
    if twins.filter(language=article.language).exists():
        raise ArticleInvalid(_("The original has a translation into this language."))
