"""The shelves: finding or making one by its path, and moving them about."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from knowledge.exceptions import ArticleInvalid, CategoryLoop
from knowledge.models import Category


@transaction.atomic
def category_at(*, path: Sequence[str]) -> Category:
    """The category at `path`, a name for each level; what is missing is made."""
    if not path:
        raise ArticleInvalid(_("An article needs a category."))
    category: Category | None = None
    for name in path:
        if len(name) > 100:
            raise ArticleInvalid(_("A category's name is longer than 100 characters."))
        found = Category.objects.filter(parent=category, name=name).first()
        category = found or Category.objects.create(
            parent=category, name=name, slug=_free_slug(name), position=_last_position(category)
        )
    assert category is not None
    return category


@transaction.atomic
def move_category(*, category: Category, parent: Category | None) -> Category:
    """Put the category on another shelf, or with None at the top. Raises CategoryLoop."""
    ensure_no_loop(category=category, parent=parent)
    category.parent = parent
    category.save(update_fields=["parent"])
    return category


def ensure_no_loop(*, category: Category, parent: Category | None) -> None:
    """Raise CategoryLoop where `parent` is the category itself or stands below it."""
    parents = dict(Category.objects.select_for_update().values_list("pk", "parent_id"))
    above = parent.pk if parent else None
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == category.pk:
            raise CategoryLoop(
                _("“%(name)s” cannot stand inside itself or inside one of its own categories.")
                % {"name": category.name}
            )
        seen.add(above)
        above = parents.get(above)


def _free_slug(name: str) -> str:
    base = slugify(name)[:90].strip("-_") or "category"
    taken = set(Category.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _last_position(parent: Category | None) -> int:
    last = Category.objects.filter(parent=parent).order_by("-position").first()
    return last.position + 1 if last else 0
