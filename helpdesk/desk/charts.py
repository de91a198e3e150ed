"""A stacked bar chart as plain geometry, to be drawn as SVG by a template. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 720.0, 180.0
#: For the numbers of the axis, the dates, and the half of the last date.
LEFT, BOTTOM, RIGHT = 30.0, 22.0, 14.0


@dataclass(frozen=True, slots=True)
class Block:
    series: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    day: date
    total: int
    # One for each series, in their order.
    counts: tuple[int, ...]
    blocks: tuple[Block, ...]
    # The middle, for the label under it; the left edge and width, for the pointer.
    middle: float
    x: float
    width: float
    has_label: bool


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    floor: float = HEIGHT - BOTTOM

    @property
    def is_empty(self) -> bool:
        return not any(column.total for column in self.columns)


def stacked(
    days: Mapping[date, Mapping[str, int]],
    series: Sequence[str],
    *,
    first: date,
    last: date,
) -> Chart:
    """A column a day from `first` to `last`, days without anything included."""
    span = [first + timedelta(days=index) for index in range((last - first).days + 1)]
    top = _round_up(max((sum(days.get(day, {}).values()) for day in span), default=0))
    floor = HEIGHT - BOTTOM
    scale = (floor - 8) / top
    pitch = (WIDTH - LEFT - RIGHT) / len(span)
    every = max(1, -(-len(span) // 8))
    columns = []
    for index, day in enumerate(span):
        counts = tuple(days.get(day, {}).get(name, 0) for name in series)
        x, width = LEFT + index * pitch + pitch * 0.14, pitch * 0.72
        columns.append(
            Column(
                day=day,
                total=sum(counts),
                counts=counts,
                blocks=_blocks(series, counts, x, width, scale),
                middle=round(x + width / 2, 1),
                x=round(LEFT + index * pitch, 1),
                width=round(pitch, 1),
                has_label=index % every == 0,
            )
        )
    lines = tuple(Line(round(floor - value * scale, 1), value) for value in (0, top // 2, top))
    return Chart(tuple(columns), lines)


def _blocks(
    series: Sequence[str], counts: Sequence[int], x: float, width: float, scale: float
) -> tuple[Block, ...]:
    blocks = []
    y = HEIGHT - BOTTOM
    for name, count in zip(series, counts, strict=True):
        height = count * scale
        y -= height
        if count:
            blocks.append(Block(name, *(round(v, 1) for v in (x, y, width, height))))
    return tuple(blocks)


def _round_up(value: int) -> int:
    """An even number at or above `value`, so that its half is a whole one."""
    for step in (2, 4, 6, 10, 20, 40, 60, 100):
        if value <= step:
            return step
    return -(-value // 100) * 100
