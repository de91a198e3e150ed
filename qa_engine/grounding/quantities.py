"""Numbers with their units: "30 days", "€4.95", "15 November". Imports no Django.

A range is one fact, and so is a number with what it counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from qa_engine.grounding.addresses import without_addresses
from qa_engine.grounding.units import COUNTED_ONE, CURRENCY, KINDS_OF_DAY, MONTHS, UNITS, WORDS
from qa_engine.text import content_stems, fold, stem

_SIGN = r"[€$£¥]"
_FIGURE = r"\d{1,2}:\d{2}|\d+(?:[.,\u2009\u00a0]\d+)*"
_SPELT = "|".join(sorted(map(re.escape, {*WORDS, "one", "once", "twice"}), key=len, reverse=True))
_TOKEN = re.compile(
    rf"(?P<sign>(?:{_SIGN}|\b(?:eur|usd|gbp|chf|nok|sek|dkk)\s)\s?)?"
    rf"(?<![\w.,])(?P<figure>{_FIGURE})|(?<![\w-])(?P<word>{_SPELT})(?![\w-]*[a-z])"
    r"|(?P<han>[一二两三四五六七八九十百千半]+)"
    r"(?=\s?(?:个?工作日|个?月|天|日|周|年|元|小时|分钟|次|件))",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"[\s\u00a0-]{{0,2}}(?P<unit>%|°c?|{_SIGN}|[^\W\d_]+(?:\.m)?)(?:[\s-]+(?P<next>[^\W\d_]+))?",
    re.IGNORECASE,
)
_HAN_AFTER = re.compile(r"\s?(?P<unit>个?工作日|个?月|天|日|周|年|元|小时|分钟|次|件)")
_BETWEEN = re.compile(r"\b(?:between|zwischen|tussen)\s*$", re.IGNORECASE)
_BEFORE = re.compile(r"(?P<unit>[^\W\d_]+)\s+$")
_CLAUSE = re.compile(
    r"[,;:()|?!\n–—]|(?<!\d)\.|\.(?!\d)|\b(?:but|and|while|whereas|und|aber|en|maar)\b|[，。；：、]"  # noqa: RUF001
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, the word before it, and the telling words of its clause."""

    values: tuple[str, ...]
    unit: str
    before: str
    context: frozenset[str]
    text: str

    @property
    def key(self) -> tuple[tuple[str, ...], str]:
        return self.values, self.unit


@lru_cache(maxsize=20_000)
def numbers(text: str) -> tuple[Number, ...]:
    """In the order of the text; "3 to 5 working days" is one."""
    bare = without_addresses(text)
    found = [one for one in _TOKEN.finditer(bare) if _counts(one, bare)]
    told: list[Number] = []
    at = 0
    while at < len(found):
        last = at + (at + 1 < len(found) and _is_range(bare, found[at], found[at + 1]))
        group = found[at : last + 1]
        start, end = group[0].start(), group[-1].end()
        before = _BEFORE.search(bare[:start])
        told.append(
            Number(
                values=tuple(_value(one) for one in group),
                unit=_unit(bare, group),
                before=stem(fold(before["unit"])) if before else "",
                context=_context(bare, start, end),
                text=bare[start:end],
            )
        )
        at = last + 1
    return tuple(told)


def _is_range(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    between = text[first.end() : second.start()]
    if _BETWEEN.search(text[: first.start()]):
        return re.fullmatch(r"\s?(?:[^\W\d_]+|%)?\s*(?:and|und|en)\s*", between) is not None
    return re.fullmatch(r"\s*(?:–|-|—|to|bis|tot|至|到)\s*", between) is not None


def _counts(found: re.Match[str], text: str) -> bool:
    if (found["word"] or "").lower() != "one":
        return True
    after = _AFTER.match(text, found.end())
    return after is not None and UNITS.get(after["unit"].lower()) in COUNTED_ONE


def _value(found: re.Match[str]) -> str:
    if found["han"]:
        return _han(found["han"])
    if found["word"]:
        word = found["word"].lower()
        return {"one": "1", "once": "1", "twice": "2"}.get(word) or WORDS[word]
    return _figure(found["figure"])


def _figure(text: str) -> str:
    """One writing for "1,299.00", "1.299,00" and "1299"."""
    if ":" in text:
        hours, minutes = text.split(":")
        return f"{int(hours)}:{minutes}" if minutes != "00" else str(int(hours))
    text = re.sub(r"[\u2009\u00a0]", "", text)
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
        return str(int(re.sub(r"[.,]", "", text)))
    if found := re.fullmatch(r"([\d.,]*?)[.,](\d{1,2}|\d{4,})", text):
        whole = re.sub(r"[.,]", "", found[1]) or "0"
        return f"{int(whole)}.{found[2]}".rstrip("0").rstrip(".")
    return str(int(text)) if text.isdigit() else text


def _han(text: str) -> str:
    digits = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    if text == "半":
        return "0.5"
    total = current = 0
    for char in text:
        if char in digits:
            current = digits[char]
        else:
            scale = {"十": 10, "百": 100, "千": 1000}.get(char, 1)
            total, current = total + (current or 1) * scale, 0
    return str(total + current)


def _unit(text: str, group: list[re.Match[str]]) -> str:
    sign = (group[0]["sign"] or group[-1]["sign"] or "").strip().lower()
    if sign:
        return CURRENCY[sign]
    if (group[0]["word"] or "").lower() in {"once", "twice"}:
        return "time"
    if han := _HAN_AFTER.match(text, group[-1].end()):
        return UNITS.get(han["unit"]) or CURRENCY.get(han["unit"], "")
    after = _AFTER.match(text, group[-1].end())
    word = after["unit"].lower() if after else ""
    if after and word in KINDS_OF_DAY and UNITS.get((after["next"] or "").lower()) == "day":
        return "workday"
    unit = CURRENCY.get(word) or UNITS.get(word, "")
    if not unit and (before := _BEFORE.search(text[: group[0].start()])):
        unit = UNITS.get(before["unit"].lower(), "")  # "November 15"
        unit = unit if unit in MONTHS else ""
    return unit


def _context(text: str, start: int, end: int) -> frozenset[str]:
    """Stems of the clause around `text[start:end]`."""
    before = [found.end() for found in _CLAUSE.finditer(text, 0, start)]
    after = _CLAUSE.search(text, end)
    from_here = before[-1] if before else 0
    to_here = after.start() if after else len(text)
    clause = f"{text[from_here:start]} {text[end:to_here]}"
    return content_stems(re.sub(r"\d+", " ", clause))
