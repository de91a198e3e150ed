"""Small line charts as SVG: no library, no script, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 520, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 28, 36

Point = tuple[float, float]


def line_chart(
    points: Sequence[Point],
    *,
    title: str,
    x_label: str = "",
    y_label: str = "",
    target: float | None = None,
) -> str:
    """The points joined in their order, with the target as a dashed line. Empty: no chart."""
    if not points:
        return ""
    xs = [x for x, _ in points]
    ys = [y for _, y in points] + ([] if target is None else [target])
    x_of = _scale(min(xs), max(xs), _LEFT, WIDTH - _RIGHT)
    y_of = _scale(min(ys), max(ys), HEIGHT - _BOTTOM, _TOP)
    drawn = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" font-family="sans-serif" '
        f'font-size="11" fill="currentColor" color="#64748b">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(_told(points, x_label, y_label))}</desc>",
        _text(_LEFT, 16, title),
        _text(_LEFT, HEIGHT - 8, x_label),
        _text(4, 14, y_label),
        *(_text(4, y_of(value) + 4, _number(value)) for value in _ends(ys)),
        *(_text(x_of(value), HEIGHT - 22, _number(value), "middle") for value in _ends(xs)),
    ]
    if target is not None:
        y = f"{y_of(target):.1f}"
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y}" y2="{y}" '
            'stroke="#16a34a" stroke-dasharray="5 4"/>'
        )
    parts.append(f'<polyline points="{drawn}" fill="none" stroke="#7c3aed" stroke-width="2"/>')
    if len(points) <= 30:
        parts += [
            f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3" fill="#7c3aed"/>'
            for x, y in points
        ]
    return "".join([*parts, "</svg>"])


def _told(points: Sequence[Point], x_label: str, y_label: str) -> str:
    """The line in words, for who cannot see it: where it begins and ends, lowest and highest."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    ys = [y for _, y in points]
    return (
        f"{y_label or 'y'} {_number(y0)} ({x_label or 'x'} {_number(x0)}) → {_number(y1)} "
        f"({_number(x1)}); min {_number(min(ys))}, max {_number(max(ys))}"
    )


class _scale:  # noqa: N801 - reads as a function
    """From a range of values to a range of pixels; a single value lands in the middle."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self._low, self._span = low, high - low
        self._first, self._size = first, last - first

    def __call__(self, value: float) -> float:
        share = (value - self._low) / self._span if self._span else 0.5
        return self._first + share * self._size


def _ends(values: Sequence[float]) -> list[float]:
    return list(dict.fromkeys((min(values), max(values))))


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    if not text:
        return ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
