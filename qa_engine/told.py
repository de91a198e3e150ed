"""What a sentence says in its place, whatever is asked. Imports no Django.

Questions are new each time, sentences recur: with eight passages a question, the same few
hundred sentences of a shop's articles are weighed over and over. What they say is worked out
once and kept with their passages: before, it took more time than the models did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from qa_engine.answer_types import AnswerType, kinds_in, permits, tells_time_taken
from qa_engine.markdown import Kind, cells
from qa_engine.names import models, spoken_of
from qa_engine.sentences import plain
from qa_engine.text import STOP_WORDS, stem, words

#: Verbs that are everywhere in letters, but carry a question: "how long does it take?"
CARRYING = frozenset({"take", "takes", "taking", "use", "using", "used", "keep", "keeps", "need"})
# Words that share this much of their beginning are one word, inflected or misspelt.
PREFIX = 5

_COMPOUND = re.compile(r"\b[a-z]{2,}-[a-z]{2,}\b")
_RANGE = re.compile(r"(?<![\d.,])(\d[\d,]*)\s*(?:–|-|to)\s*(\d[\d,]*)(?![\d.,])")
_NUMBER = re.compile(r"(?<![\d.,-])\d[\d,]*(?:\.\d+)?(?![\d-])")
# A sentence that opens with a time or a place holds for that one; the rule has no such opening.
_OCCASION = re.compile(
    r"\W*(?:from|between|in|during|for|on|at|after|before|below|above|north\s+of|south\s+of|outside"
    r"|with)\s(?P<case>[^.,;]{2,50}?)(?:,|\s(?=(?:can|may|must|is|are|takes?|has|have|was|we|you|the"
    r"|an?|standard|express|\w+s\s+(?:may|can|are|take|must))\b))",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\W*(?:if|when|where|unless|except)\s(?P<case>[^.,;]{2,90})[.,;]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Words:
    """Stems, and the beginnings of those that are long enough to be misspelt."""

    stems: frozenset[str]
    starts: frozenset[str]

    @classmethod
    def of(cls, stems: frozenset[str]) -> Words:
        return cls(stems, frozenset(one[:PREFIX] for one in stems if len(one) > PREFIX))

    def among(self, asked: Words) -> frozenset[str]:
        """The asked stems that are said, inflected or slightly misspelt too."""
        if asked.starts.isdisjoint(self.starts):
            return asked.stems & self.stems
        return frozenset(
            one
            for one in asked.stems
            if one in self.stems or (len(one) > PREFIX and one[:PREFIX] in self.starts)
        )


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, row or item, with what stands above it."""

    own: Words
    # Of the title and the headings.
    above: Words
    both: Words
    # Stems of an opening case: "From 15 November to …", "If the parcel …".
    occasion: frozenset[str]
    condition: frozenset[str]
    # Stems of a table row's first cell.
    row_name: frozenset[str]
    # 1 where a period is how long something takes, -1 how long it holds, else 0.
    time_taken: float
    numbers: frozenset[float]
    ranges: tuple[tuple[float, float], ...]
    # The kinds of answers that it holds, and whether it allows or forbids something.
    kinds: frozenset[AnswerType]
    permits: bool
    # Countries and models that it speaks of, or what stands above it.
    places: frozenset[str]
    models: frozenset[tuple[str, str]]

    def says(self, number: float) -> bool:
        return number in self.numbers or any(low <= number <= high for low, high in self.ranges)


def told(above: str, said: str, kind: Kind, text: str) -> Told:
    """`said` is the sentence in words, without its heading; `text` as it stands in the article."""
    own, heads = telling_stems(said), telling_stems(above)
    place = f"{above} {said}"
    return Told(
        own=Words.of(own),
        above=Words.of(heads),
        both=Words.of(own | heads),
        occasion=_case(_OCCASION, said),
        condition=_case(_CONDITION, said),
        row_name=_row_name(text) if kind is Kind.TABLE_ROW else frozenset(),
        time_taken=tells_time_taken(said),
        numbers=frozenset(numbers_in(said)),
        ranges=tuple((_number(low), _number(high)) for low, high in _RANGE.findall(said)),
        kinds=kinds_in(said),
        permits=permits(said),
        places=spoken_of(place),
        models=models(place),
    )


@lru_cache(maxsize=50_000)
def telling_stems(text: str) -> frozenset[str]:
    """Stems of the words that carry a question or answer it, verbs like "take" too."""
    compounds = [found.replace("-", "") for found in _COMPOUND.findall(text.lower())]
    return frozenset(
        stem(word)
        for word in [*words(text), *compounds]
        if (word not in STOP_WORDS or word in CARRYING) and (len(word) > 1 or word.isdigit())
    )


def numbers_in(text: str) -> list[float]:
    return [_number(found) for found in _NUMBER.findall(text)]


def _case(opening: re.Pattern[str], said: str) -> frozenset[str]:
    found = opening.match(said)
    return telling_stems(found["case"]) if found else frozenset()


def _row_name(row: str) -> frozenset[str]:
    return telling_stems(plain(next(iter(cells(row)), "")))


def _number(text: str) -> float:
    return float(text.replace(",", "").rstrip(".") or 0)
