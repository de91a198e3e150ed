"""Two curves on the unit square as plain geometry, to be drawn as SVG by a template. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_engine.evaluation.metrics import area_under_risk_coverage, risk_coverage

SIZE, LEFT, BOTTOM, TOP, RIGHT = 260.0, 38.0, 36.0, 10.0, 12.0
BINS = 10
#: More points than that cannot be told apart.
DRAWN = 60
#: Coverages that the table names.
COVERAGES = (0.1, 0.25, 0.5, 0.75, 1.0)

#: The confidence shown, and whether an agent found the draft right.
Judged = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    radius: float
    said: str


@dataclass(frozen=True, slots=True)
class Bin:
    """Drafts of about one confidence, and how many of them were right."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Point:
    """Showing only the surest `coverage` as sure, `risk` of them are wrong, from there on."""

    coverage: float
    count: int
    risk: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Drawing:
    line: str
    dots: tuple[Dot, ...]
    # Places of 0, ½ and 1 on both axes: (pixel, label).
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    ideal: str = ""
    width: float = SIZE
    height: float = SIZE
    left: float = LEFT
    floor: float = SIZE - BOTTOM


def bins_of(judged: Sequence[Judged]) -> list[Bin]:
    """Of equal width; empty ones are left out."""
    groups: dict[int, list[Judged]] = {}
    for one in judged:
        groups.setdefault(min(int(one[0] * BINS), BINS - 1), []).append(one)
    return [
        Bin(
            low=number / BINS,
            high=(number + 1) / BINS,
            count=len(found),
            confidence=sum(sure for sure, _ in found) / len(found),
            right=sum(is_right for _, is_right in found) / len(found),
        )
        for number, found in sorted(groups.items())
    ]


def reliability(bins: Sequence[Bin]) -> Drawing:
    """Confidence across, the share that was right up; on the diagonal both are the same."""
    most = max((one.count for one in bins), default=1)
    dots = tuple(
        Dot(
            _x(one.confidence),
            _y(one.right),
            round(3 + 6 * (one.count / most) ** 0.5, 1),
            f"{one.confidence:.0%} → {one.right:.0%} (n = {one.count})",
        )
        for one in bins
    )
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots)
    ideal = f"{_x(0)},{_y(0)} {_x(1)},{_y(1)}"
    return Drawing(line, dots, _across(), _up(1.0), ideal)


def risk_points(judged: Sequence[Judged]) -> tuple[list[Point], float]:
    """At some coverages what would be wrong; and the area under the whole curve (AURC)."""
    curve = risk_coverage([sure for sure, _ in judged], [right for _, right in judged])
    points = []
    for share in COVERAGES if curve else ():
        at = max(0, round(share * len(curve)) - 1)
        one = curve[at]
        points.append(Point(one.coverage, at + 1, one.risk, one.threshold))
    return points, area_under_risk_coverage(curve)


def risk_drawing(judged: Sequence[Judged]) -> Drawing:
    """Coverage across, the share that is wrong up."""
    curve = risk_coverage([sure for sure, _ in judged], [right for _, right in judged])
    step = max(1, len(curve) // DRAWN)
    drawn = curve[::-1][::step][::-1]  # the last point, all drafts, is always there
    top = max(0.1, *(point.risk for point in drawn)) if drawn else 1.0
    line = " ".join(f"{_x(point.coverage)},{_y(point.risk / top)}" for point in drawn)
    return Drawing(line, (), _across(), _up(top))


def _x(share: float) -> float:
    return round(LEFT + share * (SIZE - LEFT - RIGHT), 1)


def _y(share: float) -> float:
    return round(SIZE - BOTTOM - share * (SIZE - BOTTOM - TOP), 1)


def _across() -> tuple[tuple[float, str], ...]:
    return tuple((_x(share), f"{share:.0%}") for share in (0, 0.5, 1))


def _up(top: float) -> tuple[tuple[float, str], ...]:
    return tuple((_y(share), f"{share * top:.0%}") for share in (0, 0.5, 1))
