"""Where a text tells who somebody is, or how to reach or charge them. Imports no Django.

What has a checksum or a numbering plan is checked against it (cards, IBANs, telephone
numbers). Names are those of the people given, and those that a letter introduces as names;
addresses and order numbers need a word or a shape that makes them sure. A price, a date, a
size or a model's name is never personal.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from stdnum import iban, luhn

from qa_engine.redaction import patterns
from qa_engine.text import STOP_WORDS

# Longer than any word for a thing and what may stand between it and its number.
LEAD = 60


class Kind(StrEnum):
    """What was found, in the order in which it wins where two overlap."""

    LITERAL = "LITERAL"  # words of the text that look like a placeholder of ours
    EMAIL = "EMAIL"
    IBAN = "IBAN"
    CARD = "CARD"  # with its security code
    SECRET = "SECRET"  # a password or a PIN
    ADDRESS = "ADDRESS"
    ORDER = "ORDER"  # number of an order, return, invoice, customer or parcel
    PHONE = "PHONE"
    BIRTHDAY = "BIRTHDAY"
    PERSON = "PERSON"


#: Numbering plans of telephone numbers without a country code.
REGIONS = ("GB", "DE", "NL", "AT", "FR", "BE", "CN", "US")
#: Shorter than this, digits are no telephone number, whatever the plan says.
MIN_PHONE_DIGITS = 8

PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(Kind)})_\d+\]")


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]`, offsets in characters."""

    kind: Kind
    start: int
    end: int


def find_personal_data(
    text: str,
    people: Sequence[str] = (),
    references: Sequence[str] = (),
    regions: Sequence[str] = REGIONS,
) -> list[Found]:
    """Every stretch that should not leave the shop, in order, none overlapping another.

    `people`: full names to look for; each of their parts is looked for too. `references`:
    known numbers of orders. `regions`: ISO countries in whose plans a telephone number without
    a country code may be written.
    """
    every = [found for finder in _FINDERS for found in finder(text)]
    every += _phones(text, regions)
    every += _people(text, people)
    for reference in filter(None, map(str.strip, references)):
        every += _matches(_named(reference, re.IGNORECASE), Kind.ORDER, text)
    every += _repeated(text, every)
    order = {kind: place for place, kind in enumerate(Kind)}
    every.sort(key=lambda found: (order[found.kind], found.start, -found.end))
    # By their starts: what is kept never overlaps, so that only two neighbours have to be asked.
    kept: list[Found] = []
    for found in every:
        place = bisect(kept, found.start, key=lambda one: one.start)
        is_after = not place or kept[place - 1].end <= found.start
        if is_after and (place == len(kept) or found.end <= kept[place].start):
            kept.insert(place, found)
    return kept


def _literals(text: str) -> Iterator[Found]:
    return _matches(PLACEHOLDER, Kind.LITERAL, text)


def _emails(text: str) -> Iterator[Found]:
    return _matches(patterns.EMAIL, Kind.EMAIL, text)


def _ibans(text: str) -> Iterator[Found]:
    """The longest valid number that a run of groups begins with."""
    for found in patterns.IBAN.finditer(text):
        ends = [m.end() for m in re.finditer(r"[A-Za-z0-9]+", found[0])]
        for end in reversed(ends):
            if iban.is_valid(found[0][:end], check_country=False):
                yield Found(Kind.IBAN, found.start(), found.start() + end)
                break


def is_card_number(digits: str) -> bool:
    """By its first digit and its check digit (ISO 7812)."""
    return digits[:1] in tuple("23456") and bool(luhn.is_valid(digits))


def _cards(text: str) -> Iterator[Found]:
    for found in patterns.CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if is_card_number(digits):
            yield Found(Kind.CARD, found.start(), found.end())
    yield from _matches(patterns.SECURITY_CODE, Kind.CARD, text)


def _secrets(text: str) -> Iterator[Found]:
    return _matches(patterns.SECRET, Kind.SECRET, text)


def _birthdays(text: str) -> Iterator[Found]:
    return _matches(patterns.BIRTHDAY, Kind.BIRTHDAY, text)


def _orders(text: str) -> Iterator[Found]:
    for found in patterns.ORDER_WORD.finditer(text):
        if not patterns.UNIT_AHEAD.match(text, found.end()):
            yield Found(Kind.ORDER, found.start("it"), found.end("it"))
    yield from _matches(patterns.PARCEL, Kind.ORDER, text)


def _addresses(text: str) -> Iterator[Found]:
    for pattern in patterns.STREETS:
        for found in pattern.finditer(text):
            end = found.end()
            while (more := patterns.CONTINUED.match(text, end)) and more.end() > end:
                end = more.end()
            yield Found(Kind.ADDRESS, found.start(), end)
    for pattern in patterns.POSTCODES:
        for found in pattern.finditer(text):
            lead = len(found[0]) - len(found[0].lstrip())
            yield Found(Kind.ADDRESS, found.start() + lead, found.start() + len(found[0].rstrip()))
    yield from _matches(patterns.ADDRESS_CN, Kind.ADDRESS, text)


def _phones(text: str, regions: Sequence[str]) -> Iterator[Found]:
    if not re.search(rf"\d(?:\D{{0,3}}\d){{{MIN_PHONE_DIGITS - 1}}}", text):
        return
    for region in regions:
        matcher = phonenumbers.PhoneNumberMatcher(text, region)
        while matcher.has_next():
            found = matcher.next()
            digits = sum(c.isdigit() for c in found.raw_string)
            is_marked = found.raw_string.startswith(("+", "0", "(", "1")) or region == "US"
            is_thing = patterns.THING.search(text, max(0, found.start - LEAD), found.start)
            if digits >= MIN_PHONE_DIGITS and is_marked and not is_thing:
                yield Found(Kind.PHONE, found.start, found.end)


def _introduced(text: str) -> Iterator[Found]:
    for pattern in (patterns.TITLED, patterns.INTRODUCED, patterns.SIGNED):
        for found in pattern.finditer(text):
            group = "it" if found["it"] else "zh"
            if found[group].split()[0].lower() not in patterns.NOT_A_NAME | STOP_WORDS:
                yield Found(Kind.PERSON, found.start(group), found.end(group))


def _people(text: str, people: Sequence[str]) -> Iterator[Found]:
    for person in people:
        full = " ".join(person.split())
        if not full or "@" in full:
            continue
        yield from _matches(_named(full, re.IGNORECASE), Kind.PERSON, text)
        for part in full.split():
            part = part.strip(".,;")
            if len(part) < 2 or not part[:1].isalpha() or part.lower() in _PARTICLES:
                continue
            if (
                part.lower() in patterns.NOT_A_NAME | STOP_WORDS
            ):  # "Will", "May": only as a name alone
                yield from _matches(
                    re.compile(rf"(?m)^[ \t]*(?P<it>{part})[ \t]*[.,]?$"), Kind.PERSON, text
                )
            else:
                yield from _matches(_named(part, re.IGNORECASE), Kind.PERSON, text)


_PARTICLES = frozenset(
    [
        "van",
        "von",
        "de",
        "der",
        "den",
        "ter",
        "ten",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
    ]
)


def _named(name: str, flags: int) -> re.Pattern[str]:
    """The name as a word; Chinese has no spaces to tell words apart."""
    words = r"\s+".join(re.escape(word) for word in name.split())
    is_cjk = re.search(r"[\u3400-\u9fff]", name)
    return re.compile(words if is_cjk else rf"(?<!\w){words}(?!\w)", flags)


def _repeated(text: str, every: Sequence[Found]) -> Iterator[Found]:
    """Other places of a number or a name that was recognised by what stood around it once."""
    kinds = {Kind.ORDER, Kind.PERSON, Kind.SECRET}
    for value, kind in {(text[f.start : f.end], f.kind) for f in every if f.kind in kinds}:
        if len(value) >= 4:
            yield from _matches(_named(value, 0), kind, text)


def _matches(pattern: re.Pattern[str], kind: Kind, text: str) -> Iterator[Found]:
    group = "it" if "it" in pattern.groupindex else 0
    for found in pattern.finditer(text):
        yield Found(kind, found.start(group), found.end(group))


_FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    _literals,
    _emails,
    _ibans,
    _cards,
    _secrets,
    _birthdays,
    _orders,
    _addresses,
    _introduced,
)
