"""What follows from how much a published text differs from the one before."""

from __future__ import annotations

from django.utils import timezone

from knowledge.models import Article, Revision
from knowledge.significance import Significance, greatest


def after_publishing(article: Article, shown: Revision) -> None:
    """Votes on another text stop to count; translations of it are out of date.

    Only after a major change, be it several saved texts ago. A typo or a minor change
    leaves both alone, and going back to the text that a translation was made of makes the
    translation right again.
    """
    before = (
        article.publications.exclude(revision=shown)
        .order_by("-shown_from", "-pk")
        .values_list("revision__number", flat=True)
        .first()
    )
    if before is not None and _is_major(article, before, shown.number):
        Article.objects.filter(pk=article.pk).update(rewritten_at=timezone.now())
    for translation in article.translations.select_related("current_with"):
        known = translation.current_with
        # What it was made of is not known: its first text, then, whatever came after.
        is_old = _is_major(article, known.number if known else 1, shown.number)
        since = (translation.outdated_since or timezone.now()) if is_old else None
        if since != translation.outdated_since:
            Article.objects.filter(pk=translation.pk).update(outdated_since=since)


def _is_major(article: Article, one: int, other: int) -> bool:
    """Whether there is a major change on the way between two revisions, either way."""
    low, high = sorted((one, other))
    weights = article.revisions.filter(number__gt=low, number__lte=high)
    worst = greatest(list(weights.values_list("significance", flat=True)))
    if worst != Significance.MAJOR:
        return False
    texts = {revision.text for revision in article.revisions.filter(number__in=(one, other))}
    return len(texts) > 1
