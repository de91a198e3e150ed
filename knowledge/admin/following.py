"""What a version changed, and what each change touched, as the pages show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.diffing import Piece, diff_words
from knowledge.models import Article, FactChange, FactPlace, SourceVersion, Suggestion


@dataclass(frozen=True, slots=True)
class Touched:
    """An article that states, or may state, the old fact, and what has become of that."""

    article: Article
    places: tuple[FactPlace, ...]
    suggestion: Suggestion | None

    @property
    def is_open(self) -> bool:
        return any(place.settled_at is None for place in self.places)

    @property
    def to_settle(self) -> list[int]:
        """Open places with no edit to decide: a person has to say what they are about."""
        return [
            place.pk
            for place in self.places
            if place.settled_at is None and place.suggestion_id is None
        ]

    @property
    def said(self) -> FactPlace | None:
        """The place of which somebody said that it is about something else, if any."""
        return next((place for place in self.places if place.settled_by is not None), None)


@dataclass(frozen=True, slots=True)
class ShownChange:
    change: FactChange
    pieces: tuple[Piece, ...]
    sure: tuple[Touched, ...]
    # Articles that may state it; only drafts that quote them are held.
    unsure: tuple[Touched, ...]
    # Proposed for what is new: no place states anything untrue.
    added: tuple[Suggestion, ...] = ()

    @property
    def open_unsure(self) -> int:
        return sum(one.is_open for one in self.unsure)


def shown_changes(version: SourceVersion) -> list[ShownChange]:
    changes = version.changes.prefetch_related(
        "places__article__published_revision",
        "places__article__head",
        "places__suggestion",
        "places__settled_by",
    )
    added: dict[str, list[Suggestion]] = {}
    proposed = Suggestion.objects.filter(
        origin=Suggestion.Origin.SOURCE,
        evidence__source_version_id=version.pk,
        fact_places=None,
    )
    for suggestion in proposed.select_related("article__head").defer("body").order_by("pk"):
        added.setdefault(suggestion.fact_key, []).append(suggestion)
    return [_shown(change, tuple(added.get(change.fact_key, ()))) for change in changes]


def _shown(change: FactChange, added: tuple[Suggestion, ...]) -> ShownChange:
    places = list(change.places.all())
    return ShownChange(
        change,
        diff_words(change.old, change.new),
        _by_article(place for place in places if place.is_sure),
        _by_article(place for place in places if not place.is_sure),
        added,
    )


def _by_article(places: Iterable[FactPlace]) -> tuple[Touched, ...]:
    by_article: dict[int, list[FactPlace]] = {}
    for place in places:
        by_article.setdefault(place.article_id, []).append(place)
    return tuple(
        Touched(
            found[0].article,
            tuple(found),
            next((place.suggestion for place in found if place.suggestion), None),
        )
        for found in by_article.values()
    )
