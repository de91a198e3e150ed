"""Products by their names in sentences. Imports no Django.

"Tarn 2" is not "Tarn 3", and "Corrie" is not "Corrie Light": of names that begin alike the
longest one is meant. A cairn of stones is not the Cairn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


def mentions(name: str, text: str, products: Sequence[str]) -> list[tuple[int, int]]:
    """Where the text names this product."""
    return [(start, end) for found, start, end in _all(text, tuple(products)) if found == name]


def named(text: str, products: Sequence[str]) -> frozenset[str]:
    """The products that the text names."""
    return frozenset(found for found, _, _ in _all(text, tuple(products)))


def owner(text: str, at: int, products: Sequence[str]) -> str:
    """The product that stands nearest before the offset, else the first after it."""
    found = _all(text, tuple(products))
    before = [name for name, _, end in found if end <= at]
    return before[-1] if before else found[0][0] if found else ""


@lru_cache(maxsize=50_000)
def _all(text: str, products: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
    pattern = _pattern(products)
    if pattern is None:
        return ()
    return tuple(
        (" ".join(one[0].split()), one.start(), one.end()) for one in pattern.finditer(text)
    )


@lru_cache(maxsize=64)
def _pattern(products: tuple[str, ...]) -> re.Pattern[str] | None:
    names = sorted({name for name in products if name}, key=len, reverse=True)
    if not names:
        return None
    choices = "|".join(r"\s+".join(re.escape(word) for word in name.split()) for name in names)
    return re.compile(rf"(?<![\w-])(?:{choices})(?!\w)")
