"""Categories as a tree for pages. Pure: rows in, nodes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from knowledge.models import Category


@dataclass(slots=True)
class Node:
    """A category with what stands on it; `total` counts the articles below it too."""

    category: Category
    total: int = 0
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tree:
    top: list[Node]
    nodes: dict[int, Node]

    def way_to(self, category_id: int) -> list[Category]:
        """The categories from the top down to this one."""
        way: list[Category] = []
        at: int | None = category_id
        while at in self.nodes and len(way) < len(self.nodes):
            way.insert(0, self.nodes[at].category)
            at = self.nodes[at].category.parent_id
        return way


def grow(categories: Iterable[Category]) -> Tree:
    """The tree of `with_article_count()` rows; shelves with nothing on them are left out."""
    nodes = {category.pk: Node(category) for category in categories}
    for node in nodes.values():
        at: int | None = node.category.pk
        seen: set[int] = set()
        while at is not None and at in nodes and at not in seen:
            seen.add(at)
            nodes[at].total += node.category.article_count
            at = nodes[at].category.parent_id
    top: list[Node] = []
    for node in nodes.values():
        if node.total:
            parent = nodes.get(node.category.parent_id or 0)
            (parent.children if parent else top).append(node)
    return Tree(top, nodes)
