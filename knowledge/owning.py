"""Who looks after what: an article's own owner, else its category's, else the one above's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knowledge.models import Article, Category

if TYPE_CHECKING:
    from helpdesk.models import User


def owners_of_categories() -> dict[int, int]:
    """By category's id the id of its owner, inherited from above; without those of nobody."""
    rows = {
        pk: (parent, owner)
        for pk, parent, owner in Category.objects.order_by().values_list(
            "pk", "parent_id", "owner_id"
        )
    }
    found: dict[int, int] = {}
    for category in rows:
        above: int | None = category
        seen: set[int] = set()
        while above is not None and above not in seen:
            seen.add(above)
            above, owner = rows[above]
            if owner is not None:
                found[category] = owner
                break
    return found


def categories_of(user_id: int) -> list[int]:
    """The categories whose articles are the user's where they have no owner of their own."""
    return [pk for pk, owner in owners_of_categories().items() if owner == user_id]


def owner_of(article: Article) -> User | None:
    """Whom to ask about the article: article → category → those above → nobody."""
    if article.owner is not None:
        return article.owner
    category: Category | None = article.category
    seen: set[int] = set()
    while category is not None and category.pk not in seen:
        if category.owner is not None:
            return category.owner
        seen.add(category.pk)
        category = category.parent
    return None
