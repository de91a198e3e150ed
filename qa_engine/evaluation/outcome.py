"""What a suite found out. Imports no Django."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Tells whoever waits how far it is.
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Figures, and all that is needed to know what they are figures of."""

    suite: str
    variant: str
    # Each file as `Loaded.described`, each choice of questions as `Chosen.described`.
    data: Mapping[str, Mapping[str, Any]]
    fingerprints: Mapping[str, str]
    metrics: Mapping[str, float]
    curves: Mapping[str, list[list[float]]] = field(default_factory=dict)
    # One object for each question that went wrong, to read with one's own eyes.
    misses: tuple[Mapping[str, Any], ...] = ()


def thinned(points: list[list[float]], most: int = 60) -> list[list[float]]:
    """A curve with few enough points to keep and to draw; first and last stay."""
    if len(points) <= most:
        return points
    last = len(points) - 1
    return [points[round(number * last / (most - 1))] for number in range(most)]
