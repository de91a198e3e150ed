"""Amounts in their many forms: money, spans of time, shares, measures, counts. No Django.

"30 days", "thirty days" and "30-day" have one key, as have "€14.95", "14,95 €" and
"EUR 14.95", and "two years" and "24 months". "30 days" and "30 °C" do not. A calendar month
has no fixed number of days, so "a month" is never taken for 30 days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from qa_engine.text import STOP_WORDS, fold, stem

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
_WORDS = dict(
    zip(
        (_UNITS + "fifteen sixteen seventeen eighteen nineteen twenty").split(),
        range(21),
        strict=True,
    )
) | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}
_SPELT = {number: word for word, number in _WORDS.items()}
_CURRENCIES = {
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "gbp": "gbp",
    "pounds": "gbp", "$": "usd", "usd": "usd", "dollars": "usd", "chf": "chf", "nok": "nok",
}  # fmt: skip
#: Unit of time → its measure, and how many of it. Hours are not days: a shop has opening hours.
_TIMES = {
    "second": ("s", 1), "minute": ("min", 1), "hour": ("h", 1), "day": ("d", 1),
    "week": ("d", 7), "month": ("m", 1), "year": ("m", 12),
}  # fmt: skip
_MEASURES = (
    "kg g mg km m cm mm ml l litre litres liter liters w wh mah lumens lumen denier micron "
    "°c h km/h points"
)
_DIGITS = r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
_SPOKEN = "|".join(sorted(_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:{_DIGITS}|(?<![\w-])(?:{_SPOKEN})(?![\w]))"
_TO = r"\s?(?:to|–|-|bis|tot)\s?"
_SIGN = r"[€£$]|\b(?:EUR|USD|GBP|CHF|NOK)\b"
_NAMED = r"[€£$]|(?:EUR|USD|GBP|CHF|NOK|euros?|dollars|pounds)\b"
_AMOUNT = re.compile(
    rf"""
    (?P<before>{_SIGN})\s?(?P<m1>{_DIGITS})(?:{_TO}(?:{_SIGN})?\s?(?P<m2>{_DIGITS}))?
    | (?P<n1>(?<![\w.,]){_NUMBER})(?:{_TO}(?P<n2>{_NUMBER}))?
      (?: \s?(?P<after>{_NAMED})
        | \s?(?P<share>%|per\ ?cent\b)
        | [\s-]?(?P<pace>working|business|calendar)?[\s-]?
          (?P<time>second|minute|hour|day|week|month|year)s?\b
        | \s?(?P<measure>°\ ?C|km/h|[^\W\d_]+)?
      )
    | \b[Dd]ay\s(?P<day>\d+)(?:{_TO}(?P<day2>\d+))?\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """`text == source[start:end]`; `high` equals `low` where it is no range."""

    kind: str
    low: Decimal
    high: Decimal
    start: int
    end: int
    text: str

    @property
    def key(self) -> tuple[str, Decimal, Decimal]:
        """Equal for two ways to say one amount."""
        return self.kind, self.low, self.high

    @property
    def family(self) -> str:
        """Amounts of one family can stand for each other in a sentence."""
        return self.kind.partition(":")[0]


@lru_cache(maxsize=50_000)
def amounts(text: str) -> tuple[Amount, ...]:
    """All amounts of a text in order."""
    return tuple(_amounts(text))


def restated(old: Amount, new: Amount) -> str:
    """The new amount in the way the old one was written there."""
    if old.kind != new.kind:
        return new.text
    numbers = list(re.finditer(_NUMBER, old.text, re.IGNORECASE))
    if len(numbers) != (1 if old.low == old.high else 2):
        return new.text
    is_time = old.family == "time"
    scale = _scale(old.text) if is_time else Decimal(1)
    values = [new.low] if len(numbers) == 1 and new.low == new.high else [new.low, new.high]
    if len(values) != len(numbers) or (is_time and any(value % scale for value in values)):
        return new.text
    text = old.text
    for found, value in reversed(list(zip(numbers, values, strict=True))):
        written = _written(value / scale, like=found[0])
        text = text[: found.start()] + written + text[found.end() :]
    return _agreeing(text, values[-1] / scale) if is_time else text


def _amounts(text: str) -> Iterator[Amount]:
    for found in _AMOUNT.finditer(text):
        first = found["m1"] or found["n1"] or found["day"]
        last = found["m2"] or found["n2"] or found["day2"] or first
        named, scale, end = _kind(found)
        if not named:
            continue
        low, high = _value(first) * scale, _value(last) * scale
        start = found.start()
        yield Amount(named, low, high, start, end, text[start:end])


def _kind(found: re.Match[str]) -> tuple[str, int, int]:
    """What it is an amount of, what one of them measures, and where its words end."""
    if sign := found["before"] or found["after"]:
        return f"money:{_CURRENCIES[sign.lower()]}", 1, found.end()
    if found["share"]:
        return "share", 1, found.end()
    if found["day"]:
        return "time:d", 1, found.end()
    if found["time"]:
        measure, scale = _TIMES[found["time"].lower()]
        if found["pace"] and found["pace"].lower() != "calendar":
            measure = "w" + measure
        return f"time:{measure}", scale, found.end()
    after = fold(found["measure"] or "").replace(" ", "")
    bare = found.end("n2") if found["n2"] else found.end("n1")
    if after and after in _MEASURES.split():
        return f"measure:{stem(after)}", 1, found.end()
    if not found["n1"][0].isdigit() and (not after or after in STOP_WORDS):
        return "", 1, bare  # "one of them" counts nothing
    if not after or after in STOP_WORDS:
        return "number", 1, bare
    return f"count:{stem(after)}", 1, found.end()


def _value(text: str) -> Decimal:
    spoken = _WORDS.get(text.lower())
    if spoken is not None:
        return Decimal(spoken)
    whole = re.sub(r"[.,](?=\d{3}(?!\d))", "", text) if not text.startswith("0") else text
    return Decimal(whole.replace(",", ".")).normalize() + 0


def _written(value: Decimal, *, like: str) -> str:
    """A number as digits or as a word, with the separators that stood there."""
    if not like[0].isdigit():
        word = _SPELT.get(int(value)) if value == value.to_integral() else None
        return (word.capitalize() if word and like[0].isupper() else word) or f"{value:f}"
    decimals = re.search(r"[.,](\d{1,2})$", like)
    is_whole = value == value.to_integral()
    comma = bool(decimals and "," in decimals[0])
    places = 2 if not is_whole or (decimals and like.endswith("00")) else 0
    text = f"{value:,.{places}f}"
    if not is_whole and places == 2 and not like[-1:].isdigit():
        text = f"{value:,f}"
    if value != value.quantize(Decimal("0.01")):
        text = f"{value:f}"
    return text.translate(str.maketrans(",.", ".,")) if comma else text


def _scale(text: str) -> Decimal:
    found = re.search("second|minute|hour|day|week|month|year", text.lower())
    return Decimal(_TIMES[found[0]][1]) if found else Decimal(1)


def _agreeing(text: str, value: Decimal) -> str:
    """One day, two days; "30-day" and "day 30" stay as they are."""
    if "-" in text or re.match("day", text, re.IGNORECASE):
        return text
    singular = re.sub(r"(second|minute|hour|day|week|month|year)s?$", r"\1", text)
    return singular if value == 1 else re.sub(r"(?<!s)$", "s", singular)
