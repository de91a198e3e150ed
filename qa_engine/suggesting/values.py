"""Values that a fact may update: versions, amounts, spans of time, dates, codes, addresses.

Imports no Django. Two values are of one kind when one can stand where the other stands:
"30 days" and "14 days", "€ 4.95" and "€ 5", 1.1.32 and 1.1.33; not "30 days" and "30 kg".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa_engine.text import STOP_WORDS, fold, stem

_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_AMOUNT = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_VALUE = re.compile(
    rf"""
    (?P<url>https?://[^\s)>\]"'|]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<date>\b(?:(?:{_MONTHS})\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?
        | \d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTHS})\b\.?(?:\s+\d{{4}})?
        | \d{{4}}-\d{{2}}-\d{{2}} | \d{{1,2}}/\d{{1,2}}/\d{{2,4}}
        | \d{{1,2}}\.\d{{1,2}}\.\d{{4}})\b)
    | (?P<code>\b[A-Z][A-Z0-9]+-\d[\w-]*)
    | (?P<money>(?:[€$£]|\b(?:EUR|USD|GBP|CHF)\b)\s?(?:{_AMOUNT})
        | \b(?:{_AMOUNT})\s?(?:[€$£]|(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?)\b))
    | (?P<time>\b\d{{1,2}}:\d{{2}}(?:\s?[ap]\.?m\b)? | \b\d{{1,2}}(?:\.\d{{2}})?\s?[ap]\.?m\b)
    | (?P<version>\bv?\d+(?:\.\d+){{2,}}(?:[-.]\w+)*|\bv\d+(?:\.\d+)+|\b\d+(?:\.\d+)+-\w+)
    | (?P<percent>\b(?:{_AMOUNT})\s?(?:%|per\ ?cent\b))
    | (?P<number>(?<![\w.])(?:{_AMOUNT})(?![\w.]*\d))(?:[-\s]?(?P<unit>[^\W\d_]+))?
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """`text == source[start:end]`; without its unit, which stays where it is."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def normal(self) -> str:
        """Equal for two ways to write one value."""
        text = re.sub(r"[\s€$£]|eur(?:os?)?|usd|gbp|chf|dollars?|pounds?", "", fold(self.text))
        return re.sub(r"(?<=\d)[.,]00?$", "", text)


def values_of(text: str) -> list[Value]:
    found: list[Value] = []
    for match in _VALUE.finditer(text):
        kind = match.lastgroup or "number"
        if kind == "unit":
            unit = fold(match["unit"])
            kind = "number" if unit in STOP_WORDS else f"number {stem(unit)}"
            found.append(Value(kind, match["number"], match.start("number"), match.end("number")))
        else:
            found.append(Value(kind, match[kind], match.start(kind), match.end(kind)))
    return found


def is_bare(text: str) -> bool:
    """Nothing but values: "2.4.7" says no more than which value is meant."""
    rest = text
    for value in reversed(values_of(text)):
        rest = rest[: value.start] + rest[value.end :]
    return rest != text and not re.search(r"[^\W_]{2,}", rest)


def substitutions(old: str, new: str) -> list[tuple[Value, Value]]:
    """Values of `old` that `new` says otherwise, each with what it says.

    Only where it is plain which goes with which: one kind, equally many on both sides that
    the other does not have.
    """
    mine, theirs = values_of(old), values_of(new)
    said = {(value.kind, value.normal) for value in theirs}
    standing = {(value.kind, value.normal) for value in mine}
    gone = [value for value in mine if (value.kind, value.normal) not in said]
    come = [value for value in theirs if (value.kind, value.normal) not in standing]
    pairs: list[tuple[Value, Value]] = []
    for kind in dict.fromkeys(value.kind for value in come):
        left = [value for value in gone if value.kind == kind]
        right = [value for value in come if value.kind == kind]
        distinct = {value.normal for value in left}
        if len(distinct) == 1 and len({value.normal for value in right}) == 1:
            pairs += [(value, right[0]) for value in left]
        elif len(left) == len(right):
            pairs += list(zip(left, right, strict=True))
    return pairs
