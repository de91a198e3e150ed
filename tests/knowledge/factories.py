"""Articles as the services make them."""

from __future__ import annotations

import factory

from knowledge.models import Article, Category
from knowledge.services import create_article, publish
from knowledge.types import ArticleDetails, ArticleText

BODY = "Unused items can be returned within **30 days**."


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Shelf {n}")
    slug = factory.Sequence(lambda n: f"shelf-{n}")


def make_article(
    title: str = "Returns",
    body: str = BODY,
    *,
    summary: str = "",
    category: Category | None = None,
    is_published: bool = True,
    external_id: str = "",
    **details: object,
) -> Article:
    """A published public article, unless told otherwise."""
    article = create_article(
        text=ArticleText(title, body, summary),
        category=category or CategoryFactory(),
        external_id=external_id,
        details=ArticleDetails(**details),
    )
    return publish(article=article) if is_published else article
