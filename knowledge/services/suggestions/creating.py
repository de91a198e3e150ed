"""New articles of suggestions: where they stand, and their first text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from knowledge.exceptions import SuggestionInvalid
from knowledge.languages import languages_known
from knowledge.models import Category, Revision, Suggestion
from knowledge.services.gates import may_publish
from knowledge.services.publishing import publish
from knowledge.services.reviewing import submit_for_review
from knowledge.services.writing import create_article
from knowledge.types import ArticleDetails, ArticleText, Placing

if TYPE_CHECKING:
    from helpdesk.models import User


def place(row: Suggestion, placing: Placing) -> None:
    if row.kind != Suggestion.Kind.NEW_ARTICLE:
        raise SuggestionInvalid(_("The article has its place already."))
    category = Category.objects.filter(pk=placing.category_id).first()
    if category is None:
        raise SuggestionInvalid(_("Please choose a category."))
    if placing.language != row.language and placing.language not in languages_known():
        raise SuggestionInvalid(_("Please choose a language."))
    row.category, row.language = category, placing.language


def write_new(row: Suggestion, text: ArticleText, by: User) -> Revision:
    if row.category is None:
        raise SuggestionInvalid(_("A new article needs a category."))
    article = create_article(
        text=text,
        category=row.category,
        author=by,
        details=ArticleDetails(language=row.language),
        note=row.rationale,
    )
    if may_publish(by):
        publish(article=article, by=by)
    else:
        submit_for_review(article=article, by=by, comment=row.rationale)
    row.article = article
    assert article.head is not None
    return article.head
