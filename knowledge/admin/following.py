"""What a version changed, and what each change touched, as the pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.diffing import Piece, diff_words
from knowledge.models import Article, FactChange, FactPlace, SourceVersion, Suggestion


@dataclass(frozen=True, slots=True)
class Touched:
    """An article that states the old fact, and what has become of its edit."""

    article: Article
    places: tuple[FactPlace, ...]
    suggestion: Suggestion | None

    @property
    def is_sure(self) -> bool:
        return any(place.is_sure for place in self.places)


@dataclass(frozen=True, slots=True)
class ShownChange:
    change: FactChange
    pieces: tuple[Piece, ...]
    sure: tuple[Touched, ...]
    # Articles that may state it; only drafts that quote them are held.
    unsure: int


def shown_changes(version: SourceVersion) -> list[ShownChange]:
    changes = version.changes.prefetch_related(
        "places__article__published_revision", "places__article__head", "places__suggestion"
    )
    return [_shown(change) for change in changes]


def _shown(change: FactChange) -> ShownChange:
    by_article: dict[int, list[FactPlace]] = {}
    for place in change.places.all():
        by_article.setdefault(place.article_id, []).append(place)
    touched = [
        Touched(
            places[0].article,
            tuple(place for place in places if place.is_sure),
            next((place.suggestion for place in places if place.suggestion), None),
        )
        for places in by_article.values()
    ]
    sure = tuple(one for one in touched if one.places)
    return ShownChange(change, diff_words(change.old, change.new), sure, len(touched) - len(sure))
