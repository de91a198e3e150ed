"""The languages that an article can be read in, and the one that a reader has chosen."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language_info

from knowledge.models import Article


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    # In the language itself.
    name: str
    url: str
    is_this: bool


def languages_of(article: Article, viewer: object) -> tuple[Language, ...]:
    """The article and its translations that `viewer` may read; none if there is no choice."""
    rows = Article.objects.visible_to(viewer).published().in_all_languages(article)
    found = tuple(
        Language(one.language, name_of(one.language), one.get_absolute_url(), one.pk == article.pk)
        for one in rows.only("slug", "language")
    )
    return found if len(found) > 1 else ()


def languages_known() -> dict[str, str]:
    """Codes of the languages that anything is written in, and the shop's; with their names."""
    codes = {*Article.objects.order_by().values_list("language", flat=True).distinct()}
    return {code: name_of(code) for code in sorted({*codes, settings.LANGUAGE_CODE})}


def name_of(code: str) -> str:
    """The language's name, in itself."""
    for known in (code, code.split("-")[0]):
        try:
            return str(get_language_info(known.lower())["name_local"])
        except KeyError:
            continue
    return code
