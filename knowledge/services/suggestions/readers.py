"""Words go from one article to another only where both are for the same readers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from knowledge.exceptions import SuggestionInvalid
from knowledge.models import Article
from knowledge.readers import with_readers_of


def ensure_same_readers(article_id: int, other_id: int) -> None:
    """Raises SuggestionInvalid where somebody reads only one of them."""
    article = Article.objects.get(pk=article_id)
    if not Article.objects.filter(with_readers_of(article), pk=other_id).exists():
        raise SuggestionInvalid(_("The two articles are not for the same readers."))
