"""Shares as people say them."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def percent(share: object) -> str:
    """0.25 → "25 %"; a dash for what is not there."""
    return f"{share * 100:.3g} %" if isinstance(share, int | float) else "–"


@register.filter
def in_percent(share: float | str | None, default: float) -> str:
    """For a number field: 0.05 → "5"; the default where nothing is set."""
    return f"{share * 100:g}" if isinstance(share, float) else f"{default:g}"
