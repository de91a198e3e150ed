"""Numbers with their units, equal when they mean the same. Imports no Django.

"5 to 7 working days", "5–7 days" and "five to seven days" are one quantity; so are "a week"
and "7 days", "2 years" and "24 months". Working days count as days: people say either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_SPELT = {word: float(number) for number, word in enumerate(_WORDS.split())} | {
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0,
    "a": 1.0, "an": 1.0,
}  # fmt: skip
#: Unit as written (singular) → what it is counted in, and how many of those it is.
_UNITS: dict[str, tuple[str, float]] = {
    "minute": ("minute", 1), "min": ("minute", 1), "hour": ("hour", 1), "hr": ("hour", 1),
    "day": ("day", 1), "week": ("day", 7), "fortnight": ("day", 14),
    "month": ("month", 1), "year": ("month", 12),
    "€": ("eur", 1), "eur": ("eur", 1), "euro": ("eur", 1), "$": ("usd", 1), "usd": ("usd", 1),
    "dollar": ("usd", 1), "£": ("gbp", 1), "gbp": ("gbp", 1), "pound": ("gbp", 1),
    "chf": ("chf", 1), "%": ("percent", 1), "percent": ("percent", 1), "per cent": ("percent", 1),
    "g": ("g", 1), "gram": ("g", 1), "kg": ("g", 1000), "kilo": ("g", 1000),
    "mm": ("mm", 1), "cm": ("mm", 10), "m": ("mm", 1000), "metre": ("mm", 1000),
    "km": ("m", 1000), "ml": ("ml", 1), "l": ("ml", 1000), "litre": ("ml", 1000),
    "°c": ("°c", 1), "degree": ("°c", 1),
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_SPELT_OUT = "|".join(sorted((word for word in _SPELT if len(word) > 2), key=len, reverse=True))
_ONE = rf"(?:{_NUMBER}|\b(?:{_SPELT_OUT}|an?)\b)"
_TO = r"\s*(?:-|–|—|\bto\b|\band\b|\btill\b)\s*"
_CURRENCY = r"[€$£]|\b(?:EUR|USD|GBP|CHF)\b"
_AFTER = (
    r"%|€|\$|£|°\s?C\b|per\s?cent\b|(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?|minutes?|mins?|hours?"
    r"|hrs?|days?|weeks?|fortnights?|months?|years?|grams?|kilos?|kg|g|mm|cm|km|m|met(?:re|er)s?"
    r"|lit(?:re|er)s?|ml|l|degrees?)\b"
)
_QUANTITY = re.compile(
    rf"""
    (?P<before>{_CURRENCY})\s?(?P<low1>{_NUMBER})(?:{_TO}(?:{_CURRENCY})?\s?(?P<high1>{_NUMBER}))?
    | (?<![\w.,])(?P<range2>(?P<low2>{_ONE})(?:{_TO}(?P<high2>{_ONE}))?)(?P<marker>\*\*|__)?
      (?:\s*[-\s]\s*(?:full|whole|more|working|business|calendar|week|office))?[-\s]?
      (?P<after>{_AFTER})
    | (?<![\w.,/#:-])(?P<low3>{_NUMBER})(?![\w/#:-]|[.,]\d)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """`text == source[start:end]`, the numbers alone where the unit is a word of its own."""

    low: float
    high: float
    unit: str
    text: str
    start: int
    end: int
    # The unit as it is written there, how many of `unit` it is, and where its word ends.
    written_unit: str = ""
    factor: float = 1.0
    unit_end: int = 0
    # Markdown that ends between the number and the unit: "**30** days".
    marker: str = ""

    @property
    def key(self) -> str:
        """ "5–7 day": equal for two ways to say the same."""
        low, high = (f"{value:g}" for value in (self.low, self.high))
        number = low if low == high else f"{low}–{high}"
        return f"{number} {self.unit}".strip()


def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities, in order. A bare number has no unit; one in a code is none."""
    return tuple(found for match in _QUANTITY.finditer(text) if (found := _read(match)))


def _read(match: re.Match[str]) -> Quantity | None:
    if match["before"]:
        low, high = match["low1"], match["high1"] or match["low1"]
        unit, factor = _UNITS[match["before"].lower()]
        start, end, written = match.start(), match.end(), ""
    elif match["after"]:
        low, high = match["low2"], match["high2"] or match["low2"]
        written = _singular(match["after"])
        unit, factor = _UNITS[written]
        start, end = match.span("range2")
    else:
        low = high = match["low3"]
        unit, factor, written = "", 1.0, ""
        start, end = match.span("low3")
    values = sorted((_value(low) * factor, _value(high) * factor))
    text = match.string[start:end]
    return Quantity(
        low=values[0],
        high=values[1],
        unit=unit,
        text=text,
        start=start,
        end=end,
        written_unit=written,
        factor=factor,
        unit_end=match.end(),
        marker=match["marker"] or "",
    )


def without_numbers(text: str) -> str:
    """The text without what its quantities are written with, so that words alone remain."""
    for found in reversed(quantities(text)):
        text = text[: found.start] + " " + text[max(found.end, found.unit_end) :]
    return text


def in_place_of(old: Quantity, new: Quantity) -> tuple[int, int, str]:
    """What to write for `new` where `old` stands, in its style: start, end, text.

    The unit's word stays where both are written with the same one.
    """
    if old.written_unit == new.written_unit or not (old.written_unit and new.written_unit):
        return old.start, old.end, _in_style(old.text, new.low / old.factor, new.high / old.factor)
    low, high = new.low / new.factor, new.high / new.factor
    unit = new.written_unit if high == 1 or len(new.written_unit) < 3 else f"{new.written_unit}s"
    return old.start, old.unit_end, f"{_in_style(old.text, low, high)}{old.marker} {unit}"


def _in_style(text: str, low: float, high: float) -> str:
    """`text` with these numbers: its currency sign, decimals and dash are kept."""
    decimals = 2 if re.search(r"\d[.,]\d{2}(?!\d)", text) else 0
    shown = [_shown(value, decimals) for value in ((low,) if low == high else (low, high))]
    lead = re.match(_CURRENCY + r"\s?|", text, re.IGNORECASE)
    between = re.search(_TO, re.sub(r"^\W+", "", text))
    glue = between[0] if between else " to "
    return (lead[0] if lead else "") + glue.join(shown)


def _shown(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if decimals and value % 1 else f"{value:g}"


def _singular(unit: str) -> str:
    plain = re.sub(r"\s+", " ", unit.lower()).replace("meter", "metre").replace("liter", "litre")
    plain = plain.replace("° c", "°c")
    if plain in _UNITS:
        return plain
    return plain.removesuffix("s")


def _value(text: str) -> float:
    spelt = _SPELT.get(text.lower())
    if spelt is not None:
        return spelt
    # "14,95" is a decimal comma; "1,200" a thousand.
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    return float(plain)
