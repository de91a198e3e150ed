"""What the statements of an article claim: an amount, or that something holds. No Django.

A claim is one value of one statement, with the words that tell what it is a value of. Values of
one family can be compared: "two weeks" and "14 days" are one, "60 minutes" and "a day" differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from qa_engine.grounding.facts import names as capitalised
from qa_engine.grounding.facts import negations
from qa_engine.markdown import cells
from qa_engine.names import places
from qa_engine.rows import with_unit
from qa_engine.sentences import plain
from qa_engine.suggesting.amounts import Amount, amounts
from qa_engine.suggesting.stating import is_example, may_state, speaks_backwards
from qa_engine.suggesting.stretches import Stretch, Text, cut
from qa_engine.suggesting.topics import grammatical_subject, stems
from qa_engine.text import fold, stem, words

#: The family of what is no amount: whether something holds, 0 or 1.
HOLDS = "holds"
_MONTH_NAMES = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_MONTHS = frozenset(stem(month.lower()) for month in _MONTH_NAMES)
#: How many minutes one of them is; a month is nearly 30 days.
_MINUTES = {
    "s": 1 / 60, "min": 1.0, "h": 60.0, "wh": 60.0, "d": 1440.0, "wd": 1440.0, "m": 43800.0,
}  # fmt: skip
#: Said for an amount where texts are compared by what they mean.
_SPOKEN = {"time": "some time", "money": "a price", "share": "a share"}
_CLAUSE = re.compile(r"[;,:(]|\b(?:and|or|but|und|oder|aber|en|of|maar)\b")
_MODEL = re.compile(
    rf"\b([A-Z][\w-]+) (\d{{1,3}})(?![\w.,%€]*\d)(?! (?:{'|'.join(_MONTH_NAMES)}))"
)
#: In front of a number that is part of a name ("Tarn 2") or of a code ("FM-20417").
_AFTER_A_NAME = re.compile(r"(?:^|\s)[A-Z][\w-]*\s$|[A-Za-z]-$")
_CODE = re.compile(r"\b[A-Z]{2,}-\d{2,}\b")
_LIST = re.compile(r",|/|&|\b(?:and|or|und|oder|en)\b")
_PRICED = frozenset({"cost", "pric", "sell", "sold", "buy"})
#: Of the Union is nearly everything that its shops sell there; months are seasons, no names.
_NO_NAMES = frozenset({"eu"}) | _MONTHS
_THRESHOLD = re.compile(
    r"\b(?:free (?:from|above|over)|above|over|below|under|at least|(?:more|less) than|minimum)\b",
    re.IGNORECASE,
)
_SEASON = re.compile(
    rf"\b(?:{'|'.join(_MONTH_NAMES)}|winter|summer|spring|autumn|Christmas|holiday)\b"
)
_SORTS = stems(
    "express overnight Saturday label repair resole spare deposit footprint cartridge insole "
    "patch transport holiday christmas business outlet rental surcharge fee"
)
_SAYS_WHETHER = re.compile(
    r"\b(?:can|cannot|can['’]t|may|possible|impossible|allowed|accept|accepts|accepted|apply"
    r"|applies|free|never|always|only|excluded|included|covered|not|no)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"(yes|no)\b[^|]*", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """`field[start:end]` of its stretch's text states the value."""

    stretch: Stretch
    start: int
    end: int
    family: str
    low: float
    high: float
    # The statement in plain words; of a cell its row's first one, its column, and itself.
    said: str
    # The words beside the value that belong to it alone, and those of them in front of it.
    near: str
    before: str = ""
    # What its sentence begins with, up to its first value.
    opening: str = ""
    # As written there, and with the unit that the column's head gives; None without an amount.
    written: Amount | None = None
    amount: Amount | None = None
    is_one_of_several: bool = False
    # Proper names of its article, see `_names_in`.
    known_names: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def is_row(self) -> bool:
        return self.stretch.text.startswith("|")

    @cached_property
    def context(self) -> str:
        """Itself and what it stands under."""
        above = (self.stretch.title, self.stretch.heading_path)
        return ". ".join(part for part in (*above, self.said) if part)

    @cached_property
    def stems(self) -> frozenset[str]:
        return self._with_kind(stems(self.said))

    @cached_property
    def around(self) -> frozenset[str]:
        return self._with_kind(stems(self.context))

    @cached_property
    def beside(self) -> frozenset[str]:
        return stems(self.near)

    @cached_property
    def about(self) -> frozenset[str]:
        """What its sentence is about, in the grammatical sense."""
        return grammatical_subject(self.said)

    @cached_property
    def masked(self) -> str:
        return _masked(self.said)

    @cached_property
    def masked_context(self) -> str:
        return _masked(self.context)

    @cached_property
    def own(self) -> str:
        """What names its subject: of several values in a sentence, its beginning and the words
        beside the value.
        """
        return f"{self.opening} {self.near}" if self.is_one_of_several else self.said

    @cached_property
    def names(self) -> frozenset[str]:
        """Proper names that it is about by its own words."""
        own = _masked(self.own)
        told = {stem(word) for word in words(own)} & self.known_names
        if not self.is_row:
            told |= set(capitalised(own))
        return frozenset(told | models(own)) - _NO_NAMES

    @cached_property
    def spoken(self) -> frozenset[str]:
        """All words, codes and names with numbers that it or what it stands under says."""
        told = {stem(word) for word in words(self.context)}
        told |= {code.lower() for code in _CODE.findall(self.context)}
        return frozenset(told) | models(self.masked_context)

    @cached_property
    def thing(self) -> frozenset[str]:
        """The names in its article's title."""
        title = self.stretch.title
        return frozenset({stem(word) for word in words(title)} & self.known_names) | models(title)

    @cached_property
    def is_of_several_things(self) -> bool:
        return bool(_LIST.search(self.stretch.title))

    @cached_property
    def places(self) -> frozenset[str]:
        return places(self.own)

    @cached_property
    def codes(self) -> frozenset[str]:
        """ "FM-20417", in it or else over it."""
        above = f"{self.stretch.title} {self.stretch.heading_path}"
        return frozenset(_CODE.findall(self.said) or _CODE.findall(above))

    @cached_property
    def is_of_its_page(self) -> bool:
        """Speaks of what the page has spoken of before: "The voucher is valid for 6 months"."""
        return speaks_backwards(self.said)

    @cached_property
    def is_threshold(self) -> bool:
        """From how much on, and not how much: "free from €50", "above €500"."""
        beside = f"{self.before} {self.near if self.is_row else ''}"
        return self.family.startswith("money") and bool(_THRESHOLD.search(beside))

    @cached_property
    def is_seasonal(self) -> bool:
        return bool(_SEASON.search(self.said))

    @cached_property
    def sorts(self) -> frozenset[str]:
        """Words that make it one of several: express, repair. A row is also what it is under."""
        above = f"{self.stretch.title}. {self.stretch.heading_path}. " if self.is_row else ""
        return stems(f"{above}{self.own}") & _SORTS

    @cached_property
    def conditions(self) -> dict[str, frozenset[tuple[object, ...]]]:
        """Amounts of other families that say for what it holds: "up to 5 cm"."""
        own = self.near if self.is_row else self.own
        found: dict[str, set[tuple[object, ...]]] = {}
        for amount in amounts(own):
            family = _family(amount, own)
            if family not in {"", self.family}:
                found.setdefault(family, set()).add((amount.low, amount.high))
        return {family: frozenset(keys) for family, keys in found.items()}

    def _with_kind(self, told: frozenset[str]) -> frozenset[str]:
        """ "It sells for €45", "it costs €45" and "Price: €45" say one thing."""
        if not self.family.startswith("money") or self.is_threshold:
            return told
        return (told - _PRICED) | {"pric"}


@lru_cache(maxsize=2_000)
def claims(text: Text) -> tuple[Claim, ...]:
    """All claims of a text, in order."""
    found = cut(text.key, text.title, text.summary, text.body)
    known = _names_in([one for one in found if one.field != "summary"])
    return tuple(
        replace(claim, known_names=known)
        for one in found
        if one.is_statement and may_state(one.text)
        for claim in (_of_row(one) if one.text.startswith("|") else _of_prose(one))
        if claim.family == "time" or not is_example(claim.said)
    )


def _names_in(found: Iterable[Stretch]) -> frozenset[str]:
    """Stems of words that the article writes with a capital within sentences, and only so."""
    told = [plain(one.text) for one in found if not one.text.startswith("|")]
    small = {stem(fold(w)) for text in told for w in re.findall(r"(?<![\w-])[a-zß-ÿ][\w-]+", text)}
    return frozenset(name for text in told for name in capitalised(text)) - small


def models(text: str) -> frozenset[str]:
    """ "tarn 2" of "the Tarn 2"; "within 30 days" names none."""
    return frozenset(f"{stem(fold(name))} {number}" for name, number in _MODEL.findall(text))


def _of_prose(one: Stretch) -> Iterator[Claim]:
    told = [(each, family) for each in amounts(one.text) if (family := _family(each, one.text))]
    said = plain(one.text)
    for amount, family in told:
        before = _CLAUSE.split(one.text[: amount.start])[-1]
        after = _CLAUSE.split(one.text[amount.end :])[0]
        yield Claim(
            one, one.start + amount.start, one.start + amount.end, family, *_values(amount),
            said, plain(f"{before} {after}"), before, plain(one.text[: told[0][0].start]),
            amount, amount, is_one_of_several=sum(other == family for _, other in told) > 1,
        )  # fmt: skip
    if not told and one.field == "body" and _SAYS_WHETHER.search(said):
        denied = float(negations(said) % 2)
        yield Claim(one, one.start, one.end, HOLDS, denied, denied, said, said)


def _of_row(one: Stretch) -> Iterator[Claim]:
    heads = one.table_head.split(" – ") if one.table_head else []
    values = cells(one.text)
    lead, at = plain(values[0]) if values else "", 0
    for number, cell in enumerate(values):
        start = one.text.find(cell, at) if cell else at
        at = start + len(cell)
        if number > 0 and cell:
            head = heads[number] if number < len(heads) else ""
            yield from _of_cell(one, one.start + start, cell, head, lead)


def _of_cell(one: Stretch, at: int, cell: str, head: str, lead: str) -> Iterator[Claim]:
    if answer := _ANSWER.fullmatch(cell.strip()):
        denied = float(answer[1].lower() == "no")
        yield Claim(one, at, at + len(cell), HOLDS, denied, denied, f"{lead}: {head}", lead)
        return
    said = f"{lead}: {head} {plain(cell)}".replace("  ", " ")
    found = amounts(cell)
    told = amounts(with_unit(head, cell)) if head and len(found) == 1 else found
    for written, amount in zip(found, told, strict=False):
        family = _family(amount, cell)
        # Not where the head counts in another unit than the one that it is compared in.
        if family and (written.low, written.high) == (amount.low, amount.high):
            yield Claim(
                one, at + written.start, at + written.end, family, *_values(amount), said,
                f"{lead} {head}", "", "", written, amount, is_one_of_several=len(found) > 1,
            )  # fmt: skip


def _family(amount: Amount, text: str) -> str:
    """Empty for what is no value: a bare number, a date, the number of a name."""
    kind, _, unit = amount.kind.partition(":")
    is_date_or_name = unit in _MONTHS or _AFTER_A_NAME.search(text[: amount.start])
    if kind == "number" or (kind == "count" and is_date_or_name):
        return ""
    return "time" if kind == "time" else amount.kind


def _values(amount: Amount) -> tuple[float, float]:
    kind, _, unit = amount.kind.partition(":")
    scale = _MINUTES[unit] if kind == "time" else 1.0
    return float(amount.low) * scale, float(amount.high) * scale


def _masked(text: str) -> str:
    """The text with its amounts told by their kind alone; numbers of names stay."""
    for amount in reversed(amounts(text)):
        is_of_name = _AFTER_A_NAME.search(text[: amount.start])
        if is_of_name and amount.family in {"number", "count"}:
            continue
        kind, _, unit = amount.kind.partition(":")
        spoken = _SPOKEN.get(kind, f"some {unit}".strip())
        text = f"{text[: amount.start]}{spoken}{text[amount.end :]}"
    return text
