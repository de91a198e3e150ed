"""Sentences of articles as a careless writer would change them. Imports no Django.

Each case is a sentence with what it cites: true ones (word for word, or said otherwise)
that a check must let pass, and false ones, one change each, that it must stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.grounding import quantities
from qa_engine.grounding.addresses import addresses
from qa_engine.markdown import Kind
from qa_engine.rows import row_in_words
from qa_engine.sentences import Unit, plain, units
from qa_engine.spans import table_head
from qa_engine.text import content_words
from qa_engine.types import Evidence, Sentence

MIN_WORDS = 4
#: Kinds of cases that are true.
FAITHFUL = ("quoted", "reworded")


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence, true or not, of an article; `kind` says what was done to it."""

    key: str
    group: str
    kind: str
    sentence: Sentence
    ticket: str

    @property
    def is_true(self) -> bool:
        return self.kind in FAITHFUL


def cases_of(articles: Sequence[ArticleRecord], seed: int = 7) -> list[Case]:
    """All cases of all articles; the same ones for the same articles and seed."""
    names = sorted({name for one in articles for name in _names(one.body)})
    return [case for article in articles for case in _cases(article, names, seed)]


def _names(body: str) -> frozenset[str]:
    found = re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: \d)?(?![\w-])", body)
    return frozenset(found)


def _cases(article: ArticleRecord, names: Sequence[str], seed: int) -> Iterator[Case]:
    random = Random(f"{seed}:{article.key}")  # no secret
    found = [unit for unit in units(article.body) if _is_told(unit)]
    for place, unit in enumerate(found):
        evidence = _evidence(article, unit)
        said = _said(article, unit)
        others = [other for other in found if other.group != unit.group]
        changed: list[tuple[str, str, str]] = [("quoted", said, "")]
        changed += [("reworded", text, "") for text in _reworded(said)]
        changed += _wrong_numbers(said, article.body, random)
        changed += [("negation", text, "") for text in _negated(said)]
        changed += _wrong_names(said, names, random)
        changed += [("address", text, "") for text in _wrong_addresses(said)]
        changed += [("condition", text, "") for text in _wrong_conditions(said)]
        changed += [("invention", text, "") for text in _invented(said, random)]
        for number, (kind, text, ticket) in enumerate(dict.fromkeys(changed)):
            if kind in FAITHFUL or (text != said and not _says_the_same(kind, text, said)):
                yield _case(article, place, number, kind, text, evidence, ticket)
        if others and content_words(said):
            other = random.choice(others)
            yield _case(article, place, 99, "citation", said, _evidence(article, other), "")


def _says_the_same(kind: str, text: str, said: str) -> bool:
    """ "18.50" for "18.5" changes nothing."""
    if not kind.startswith("number"):
        return False
    return [n.key for n in quantities.numbers(text)] == [n.key for n in quantities.numbers(said)]


def _is_told(unit: Unit) -> bool:
    prose = {Kind.PARAGRAPH, Kind.ITEM, Kind.TABLE_ROW}
    return unit.kind in prose and len(content_words(plain(unit.text))) >= MIN_WORDS


def _said(article: ArticleRecord, unit: Unit) -> str:
    if unit.kind is not Kind.TABLE_ROW:
        return plain(unit.text)
    head = table_head(article.body, unit)
    return row_in_words(head.text if head else "", unit.text)


def _evidence(article: ArticleRecord, unit: Unit) -> tuple[Evidence, ...]:
    found = [unit]
    if unit.kind is Kind.TABLE_ROW and (head := table_head(article.body, unit)):
        found.append(head)
    return tuple(
        Evidence(0, 0, article.title, one.heading_path, one.start, one.end, one.text, 1.0)
        for one in found
    )


def _case(
    article: ArticleRecord,
    place: int,
    number: int,
    kind: str,
    text: str,
    evidence: tuple[Evidence, ...],
    ticket: str,
) -> Case:
    sentence = Sentence(text, 0, len(text), evidence)
    return Case(f"{article.key}:{place}:{number}:{kind}", article.key, kind, sentence, ticket)


def _reworded(said: str) -> Iterator[str]:
    """Other ways to say the same, as a writer of replies would."""
    yield f"Please note that {_small(said)}"
    for plain_word, other in (
        (r"\bcannot\b", "can't"), (r"\bdo not\b", "don't"), (r"\bis not\b", "isn't"),
        (r"\bYou can\b", "You are able to"), (r"\bneed to\b", "have to"), (r"\bHowever, ", ""),
        (r"\bwe\b", "we"), (r"\bfor example\b", "e.g."), (r"\bsend\b", "post"),
        (r"\breceive\b", "get"), (r"\bpurchase\b", "buy"), (r"\bYour\b", "The"),
    ):  # fmt: skip
        if re.search(plain_word, said):
            yield re.sub(plain_word, other, said, count=1)
    if found := re.fullmatch(r"(If|When) ([^,]{8,}), ([^,]{8,}?)\.", said):
        yield f"{_large(found[3])} {found[1].lower()} {found[2]}."
    if found := re.fullmatch(r"([^,()]{12,}?) (if|when) ([^,()]{8,}?)\.", said):
        yield f"{found[2].capitalize()} {found[3]}, {_small(found[1])}."


def _small(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if first.isupper() or not first.isalpha() else text[:1].lower() + text[1:]


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


_DIGITS = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)?(?![\w:/]|[.,]\d|-\w)")
_SPELT = re.compile(r"\b(two|three|four|five|six|seven|ten|fourteen|thirty)\b", re.IGNORECASE)
_LATER = {
    "two": "three", "three": "four", "four": "six", "five": "eight", "six": "nine", "seven": "ten",
    "ten": "twelve", "fourteen": "thirty", "thirty": "sixty",
}  # fmt: skip
_OTHER_UNIT = (
    ("days", "weeks"), ("weeks", "days"), ("months", "weeks"), ("years", "months"),
    ("hours", "days"), ("minutes", "hours"), ("€", "£"), ("cm", "mm"), ("working days", "days"),
)  # fmt: skip


def _wrong_numbers(said: str, body: str, random: Random) -> Iterator[tuple[str, str, str]]:
    """(kind, sentence, ticket): another number, from nowhere, the article or the ticket."""
    found = list(_DIGITS.finditer(said))
    elsewhere = sorted({one[0] for one in _DIGITS.finditer(plain(body))})
    for one in found:
        here = one[0]
        drifted = {
            _drifted(here, random),
            here + "0",
            str(int(here.split(".")[0].split(",")[0]) + 1),
        }
        drifted |= {here[::-1]} if len(set(here)) > 1 and here.isdigit() else set()
        for other in sorted(drifted - {here}):
            text = _put(said, one, other)
            yield "number", text, ""
            yield "number_of_ticket", text, f"I have waited {other}{said[one.end() :][:14]} now."
        for other in random.sample(elsewhere, min(4, len(elsewhere))):
            if quantities.numbers(other) != quantities.numbers(here) and other != here:
                yield "number_of_article", _put(said, one, other), ""
    if len(found) > 1 and found[0][0] != found[-1][0]:
        swapped = _put(_put(said, found[-1], found[0][0]), found[0], found[-1][0])
        yield "numbers_swapped", swapped, ""
    for one in _SPELT.finditer(said):
        yield "number", _put(said, one, _LATER[one[0].lower()]), ""
    for unit, other in _OTHER_UNIT:
        pattern = re.compile(rf"(?<=\d )(?<!\w){re.escape(unit)}(?!\w)|(?<!\w)€(?=\d)")
        if (counted := pattern.search(said)) and counted[0] == unit:
            yield "unit", _put(said, counted, other), ""


def _drifted(number: str, random: Random) -> str:
    digits = [place for place, c in enumerate(number) if c.isdigit()]
    place = random.choice(digits)
    other = random.choice([c for c in "123456789" if c != number[place]])
    return number[:place] + other + number[place + 1 :]


def _put(text: str, found: re.Match[str], other: str) -> str:
    return text[: found.start()] + other + text[found.end() :]


def _negated(said: str) -> Iterator[str]:
    swaps = (
        (r"\b(can|may|must|will|does|do|is|are|should)\b(?! not|n['’]t)", r"\1 not"),
        (r"\b(can|may|must|will|does|do|is|are) not\b", r"\1"), (r"\bcannot\b", "can"),
        (r"\bdon['’]t\b", "do"), (r"\bcan['’]t\b", "can"), (r"\bnever\b", "always"),
        (r"\bwithout\b", "with"), (r"\bNo\b", "A"), (r"\bno\b", "a"),
    )  # fmt: skip
    for pattern, other in swaps:
        if re.search(pattern, said):
            yield re.sub(pattern, other, said, count=1)


def _wrong_names(
    said: str, names: Sequence[str], random: Random
) -> Iterator[tuple[str, str, str]]:
    for name in names:
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said):
            other = random.choice([one for one in names if one not in said] or ["Zephyr"])
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", other, said)
            yield "name", text, ""
            yield "name_of_ticket", text, f"My {other} is two years old."


def _wrong_addresses(said: str) -> Iterator[str]:
    yield f"{said} See https://help.fellmark-support.com/info for details."
    yield f"{said} Write to refunds@shop-service.net."
    for address in addresses(said):
        changed = re.sub(r"[a-z](?=\.[a-z]+$|\.[a-z]+/)", "x", address, count=1)
        if address in said and changed != address:
            yield said.replace(address, changed)


def _wrong_conditions(said: str) -> Iterator[str]:
    swaps = (
        (r"\bwithin\b", "after"), (r"\bbefore\b", "after"), (r"\bafter\b", "before"),
        (r"\bunless\b", "if"), (r"\bif\b", "unless"), (r"\bexcept\b", "including"),
        (r"\bat least\b", "at most"), (r"\bup to\b", "at least"), (r"\babove\b", "below"),
        (r"\bover\b", "under"), (r"\bonly\b ?", ""), (r"\buntil\b", "from"),
        (r"\bunused\b", "used"), (r"\bfree\b", "paid"), (r"\bmust\b", "can"),
        (r",? (?:unless|except|only if|provided) [^,.]+", ""), (r",? if [^,.]+(?=\.)", ""),
        (r"\balways\b", "sometimes"), (r"\bonline\b", "in the shop"),
    )  # fmt: skip
    for pattern, other in swaps:
        if re.search(pattern, said):
            yield re.sub(pattern, other, said, count=1)


_INVENTIONS = (
    "and we will also pay for the shipping", "and a manager will call you tomorrow",
    "and you get a voucher for the trouble", "because our supplier went bankrupt",
    "as Sarah from our team already promised", "which is guaranteed for life",
)  # fmt: skip


def _invented(said: str, random: Random) -> Iterator[str]:
    yield f"{said.rstrip('.!')} {random.choice(_INVENTIONS)}."
