"""What a suggestion is worth, where who proposes it cannot know. The queue is ordered by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.models import Suggestion


@dataclass(frozen=True, slots=True)
class Effect:
    """Tickets that a suggestion would spare or better, and what each of them costs."""

    tickets_per_week: float
    handling_minutes: float


def estimate(effects: Mapping[int, Effect]) -> int:
    """Keep the effects of these suggestions, by id, as far as they are still open; how many."""
    rows = [
        Suggestion(
            pk=pk,
            tickets_per_week=effect.tickets_per_week,
            handling_minutes=effect.handling_minutes,
        )
        for pk, effect in effects.items()
    ]
    return Suggestion.objects.open().bulk_update(
        rows, ["tickets_per_week", "handling_minutes"], batch_size=500
    )
