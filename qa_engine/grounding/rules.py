"""What no paraphrase may change: numbers, addresses, names, denials, conditions. Pure.

Each rule compares a sentence with the words that it cites. They are strict on purpose: a
true sentence that is turned down costs a plainer draft, a false one costs the customer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from qa_engine.grounding import facts, quantities
from qa_engine.grounding.addresses import addresses
from qa_engine.grounding.types import Flaw, Problem
from qa_engine.markdown import cells
from qa_engine.rows import row_in_words, with_unit
from qa_engine.sentences import plain
from qa_engine.text import STOP_WORDS, content_stems, fold, stem, words
from qa_engine.types import Evidence

# Left out without harm, and put in front without a claim.
_OPENING = re.compile(
    r"\A(?:(?:however|yes|also|please\s+note(?:\s+that)?|note\s+that|in\s+addition|additionally"
    r"|of\s+course|sure|so|and|but|unfortunately|ja|allerdings|außerdem|ook|echter|请注意)\b[\s,:，]*)+",  # noqa: RUF001
    re.IGNORECASE,
)
_OPENING_WORDS = """
    according accordingly additionally alternatively based currently finally furthermore
    generally instead moreover next once otherwise overall regarding regardless second simply
    sorry third unfortunately usually whether whenever bitte falls wenn sobald natürlich
    daarnaast helaas gewoon wanneer"""
_OPENERS = frozenset(_OPENING_WORDS.split())
_KEPT = "unless except only if must free within before after until above below least most"
_NEVER_LEFT_OUT = frozenset(_KEPT.split())


@dataclass(frozen=True)
class Sources:
    """All that a sentence cites."""

    evidence: tuple[Evidence, ...]

    @cached_property
    def _rows(self) -> tuple[str, list[str]]:
        """A table's head, which stands behind its rows, and the rows."""
        rows = [e.quote for e in self.evidence if is_row(e.quote)]
        return (rows[-1], rows[:-1]) if len(rows) > 1 else ("", rows)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The quotes in plain words; a table row with the heads of its columns."""
        head, rows = self._rows
        told = [plain(e.quote) for e in self.evidence if not is_row(e.quote)]
        return (*told, *(_row_told(head, row) for row in rows))

    @cached_property
    def quotations(self) -> frozenset[str]:
        """What says exactly as much as they do."""
        head, rows = self._rows
        told = {plain(e.quote) for e in self.evidence}
        told |= {row_in_words(head, row, language) for row in rows for language in ("en", "")}
        return frozenset(_bare(one) for one in told)

    @cached_property
    def above(self) -> str:
        """Titles and headings over the quotes."""
        return " . ".join(dict.fromkeys(f"{e.title} . {e.heading_path}" for e in self.evidence))

    @cached_property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def raw(self) -> str:
        return "\n".join(e.quote for e in self.evidence)

    @cached_property
    def numbers(self) -> tuple[quantities.Number, ...]:
        head, rows = self._rows
        prose = [
            number
            for e in self.evidence
            if not is_row(e.quote)
            for number in quantities.numbers(plain(e.quote))
        ]
        return (*prose, *(number for row in rows for number in _numbers_of_row(head, row)))


def is_row(quote: str) -> bool:
    return quote.lstrip().startswith("|")


def _row_told(head: str, row: str) -> str:
    return " . ".join(f"{name} {value}".strip() for name, value in _cells(head, row))


def _cells(head: str, row: str) -> list[tuple[str, str]]:
    """Each value with the name of its column; the first has none."""
    values = [plain(cell) for cell in cells(row)]
    names = [plain(cell) for cell in cells(head)] if head else []
    names += [""] * (len(values) - len(names))
    return [("", values[0]), *zip(names[1:], values[1:], strict=False)] if values else []


def _numbers_of_row(head: str, row: str) -> Iterator[quantities.Number]:
    told = _cells(head, row)
    for name, value in told:
        about = content_stems(name or " ".join(name for name, _ in told))
        for number in quantities.numbers(with_unit(name, value)):
            yield replace(number, context=number.context | about)


def is_quotation(sentence: str, sources: Sources) -> bool:
    """Whether it says exactly what is cited, and nothing else."""
    return _bare(sentence) in sources.quotations


def _bare(text: str) -> str:
    """Without what a letter changes in a quotation: spaces, an opening word, the last mark."""
    return _OPENING.sub("", " ".join(fold(text).split())).strip(" .,;:!?。")


def flaws(sentence: str, sources: Sources, ticket: str) -> list[Flaw]:
    """Everything that speaks against a sentence that is no quotation."""
    return [
        *_numbers(sentence, sources, ticket),
        *_addresses(sentence, sources),
        *_names(sentence, sources, ticket),
        *_negations(sentence, sources),
        *_conditions(sentence, sources),
    ]


def _numbers(sentence: str, sources: Sources, ticket: str) -> Iterator[Flaw]:
    """Each number with its unit is cited, those of one unit in that order, for the same thing.

    Numbers of a title or of the ticket ("bought 14 months ago") may be repeated only where
    the citations give no other number of that unit.
    """
    at: dict[str, int] = {}
    for number in quantities.numbers(sentence):
        rivals = [n for n in sources.numbers if n.unit == number.unit and n.key != number.key]
        places = [place for place, n in enumerate(sources.numbers) if n.key == number.key]
        if not places:
            if rivals or not _is_told_elsewhere(number, f"{sources.above}\n{ticket}"):
                yield Flaw(Problem.NUMBER, number.text)
            continue
        later = [place for place in places if place >= at.get(number.unit, 0)]
        nearest = max(len(number.context & sources.numbers[place].context) for place in places)
        other = max((len(number.context & n.context) for n in rivals), default=-1)
        if later and other <= nearest:
            at[number.unit] = later[0] + 1
        else:
            yield Flaw(Problem.NUMBER, number.text)


def _is_told_elsewhere(number: quantities.Number, text: str) -> bool:
    """In a title or by the customer; a bare number only behind the same word: "Tarn 2"."""
    return any(
        other.key == number.key
        and (number.unit or (number.before and other.before == number.before))
        for other in quantities.numbers(text)
    )


def _addresses(sentence: str, sources: Sources) -> Iterator[Flaw]:
    """Of the citations alone: a ticket is no source for where to send a customer."""
    for address in sorted(addresses(sentence) - addresses(sources.raw)):
        yield Flaw(Problem.ADDRESS, address)


def _names(sentence: str, sources: Sources, ticket: str) -> Iterator[Flaw]:
    said = Counter(facts.names(sentence))
    quoted = Counter(
        name for line in sources.lines for name in facts.names(line, is_sentence=False)
    )
    first = next(iter(re.findall(r"[^\W\d_][\w-]*", sentence)), "")
    opening = stem(fold(first))
    is_opener = fold(first) in STOP_WORDS | _OPENERS or opening in _stems(sources.text)
    if first[:1].isupper() and not first.isupper() and not is_opener:
        said[opening] += 1
    elsewhere = _stems(f"{sources.above}\n{ticket}")
    # A name from elsewhere stands in for one that the quotes say and the sentence does not.
    there = Counter(dict.fromkeys(_stems(sentence), 1)) | Counter(
        facts.names(sentence, is_sentence=False)
    )
    is_swapped = bool(quoted - there)
    for name in sorted(set(said) - set(quoted)):
        parts = {stem(word) for word in words(name)}
        if is_swapped or not (name in elsewhere or parts <= elsewhere):
            yield Flaw(Problem.NAME, name)


def _stems(text: str) -> frozenset[str]:
    """Of all words, those with a hyphen whole and in parts."""
    joined = {stem(fold(one)) for one in re.findall(r"\w[\w-]*", text)}
    return frozenset({stem(word) for word in words(text)} | joined)


def _negations(sentence: str, sources: Sources) -> Iterator[Flaw]:
    said, cited = facts.negations(sentence), facts.negations(sources.text)
    if said != cited:
        yield Flaw(Problem.NEGATION, f"{said} against {cited}")


def _conditions(sentence: str, sources: Sources) -> Iterator[Flaw]:
    said, cited = facts.bindings(sentence), facts.bindings(sources.text)
    told = Counter(one.word for one in said)
    known = Counter(one.word for one in cited)
    for word in sorted((told - known).elements()):
        yield Flaw(Problem.CONDITION, f"adds “{word}”")
    for word in sorted((set(known) - set(told)) & _NEVER_LEFT_OUT):
        yield Flaw(Problem.CONDITION, f"leaves out “{word}”")
    for one in said:
        there = [other.after for other in cited if other.word == one.word]
        if one.after and there and not any(one.after & after for after in there if after):
            yield Flaw(Problem.CONDITION, f"“{one.word}” stands for something else")


def overlap(sentence: str, sources: Sources) -> float:
    """The share of its telling words that quotes, headings and titles say: 0 … 1."""
    told = content_stems(sentence)
    return 1 - unsaid(sentence, sources) / len(told) if told else 1.0


def unsaid(sentence: str, sources: Sources) -> int:
    """How many of its telling words nothing there says."""
    return len(content_stems(sentence) - content_stems(f"{sources.text}\n{sources.above}"))
