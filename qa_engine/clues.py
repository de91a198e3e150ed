"""What speaks for one sentence as the answer, and what against it. Imports no Django.

Each clue is a number about the match of a question and a sentence in its place: meaning,
words, the kind of answer, the place in the article. None is about one shop. `ranking` adds
them up with coefficients that `manage.py fit_reader` learns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from qa_engine.answer_types import expected, fits, is_about_time_taken, permits, tells_time_taken
from qa_engine.markdown import Kind, cells
from qa_engine.names import clashing_models, missing_places
from qa_engine.questions import Question
from qa_engine.sentences import Unit, plain
from qa_engine.text import STOP_WORDS, stem, words
from qa_engine.types import Candidate

#: Verbs that are everywhere in letters, but carry a question: "how long does it take?"
CARRYING = frozenset({"take", "takes", "taking", "use", "using", "used", "keep", "keeps", "need"})
# What kind of answer is wanted, which `answer_type` looks after.
_HOW = re.compile(
    r"\bhow\s+(?:long|far|fast|soon|often|many|much|heavy|big|large|high|quick\w*)\b",
    re.IGNORECASE,
)
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
# Words that share this much of their beginning are one word, inflected or misspelt.
PREFIX = 5


@dataclass(frozen=True, slots=True)
class Clues:
    """All near 0…1, so that their coefficients can be compared."""

    # Nearness in meaning: the question to the sentence alone, to the headings above it; the
    # question with its context to the sentence under its heading.
    meaning_alone: float
    meaning_heading: float
    meaning_context: float
    # Of the section's nearest sentence to the question alone.
    section_meaning: float
    # Retrieval's view of the passage, and of the article's best passage.
    passage_meaning: float
    passage_rank: float
    article_rank: float
    # Share of the telling words, by their rarity: the question's own in the sentence, in
    # what stands above it; those of the context anywhere there.
    own_words: float
    own_words_above: float
    # Of the question's words that nothing above says, the share in the sentence.
    own_words_left: float
    context_words: float
    # Share of the sentence's words that question and context say.
    to_the_point: float
    # The kind of words asked for is there (1) or not (-1).
    answer_type: float
    time_taken: float
    permission: float
    # Numbers of the question that the sentence says, or a range in it holds.
    numbers: float
    # The place in the article.
    opens_article: float
    opens_section: float
    unasked_occasion: float
    unasked_condition: float
    table_row: float
    row_is_named: float
    list_item: float
    step: float
    # The question names a country or a model that the sentence in its place does not.
    missing_place: float
    clashing_model: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question prepared once for all sentences."""

    question: Question
    own: frozenset[str]
    context: frozenset[str]

    @classmethod
    def of(cls, question: Question) -> Asked:
        own = telling_stems(_HOW.sub(" ", question.text))
        return cls(question, own, telling_stems(question.context) - own)


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines and ranks that the reader brings along."""

    alone: float
    heading: float
    context: float
    section: float
    passage_rank: float
    article_rank: float


@lru_cache(maxsize=50_000)
def telling_stems(text: str) -> frozenset[str]:
    """Stems of the words that carry a question or answer it, verbs like "take" too."""
    compounds = [found.replace("-", "") for found in _COMPOUND.findall(text.lower())]
    return frozenset(
        stem(word)
        for word in [*words(text), *compounds]
        if (word not in STOP_WORDS or word in CARRYING) and (len(word) > 1 or word.isdigit())
    )


def clues_of(
    asked: Asked,
    candidate: Candidate,
    unit: Unit,
    said: str,
    near: Nearness,
    rarity: Mapping[str, float],
) -> Clues:
    """`said` is the unit in words, without its heading; `rarity` the weight of each stem."""
    question = asked.question
    above = f"{candidate.title} {unit.heading_path}"
    own, heads = telling_stems(said), telling_stems(above)
    everything = asked.own | asked.context
    in_own, in_heads = _said(asked.own, own), _said(asked.own, heads)
    whole = f"{question.context} {question.text}"
    time_taken = is_about_time_taken(question.text) * tells_time_taken(said)
    is_row = unit.kind is Kind.TABLE_ROW
    return Clues(
        meaning_alone=near.alone,
        meaning_heading=near.heading,
        meaning_context=near.context,
        passage_meaning=candidate.lanes.get("dense", 0.0),
        section_meaning=near.section,
        passage_rank=near.passage_rank,
        article_rank=near.article_rank,
        own_words=_share(asked.own, in_own, rarity),
        own_words_above=_share(asked.own, in_heads, rarity),
        own_words_left=_share(asked.own - in_heads, in_own, rarity),
        context_words=_share(asked.context, _said(asked.context, own | heads), rarity),
        to_the_point=len(own & everything) / (len(own) + 2),
        answer_type=min(fits(expected(question.text), said), 1.0 + min(0.0, 2 * time_taken)),
        time_taken=time_taken,
        permission=permits(question.text, said),
        numbers=_numbers(whole, said),
        opens_article=float(unit.section == 0),
        opens_section=float(unit.opens),
        unasked_occasion=_unasked(_OCCASION, said, everything),
        unasked_condition=_unasked(_CONDITION, said, everything),
        table_row=float(is_row),
        row_is_named=_row_is_named(unit, everything) if is_row else 0.0,
        list_item=float(unit.kind is Kind.ITEM),
        step=float(unit.is_step),
        missing_place=float(bool(missing_places(whole, f"{above} {said}"))),
        clashing_model=float(bool(clashing_models(whole, f"{above} {said}"))),
    )


def _share(asked: frozenset[str], said: frozenset[str], rarity: Mapping[str, float]) -> float:
    total = sum(rarity.get(one, 1.0) for one in asked)
    return sum(rarity.get(one, 1.0) for one in asked & said) / total if total else 0.0


def _said(asked: frozenset[str], said: frozenset[str]) -> frozenset[str]:
    """The asked words that are said, inflected or slightly misspelt too."""
    starts = {one[:PREFIX] for one in said if len(one) > PREFIX}
    return frozenset(
        one for one in asked if one in said or (len(one) > PREFIX and one[:PREFIX] in starts)
    )


def _unasked(opening: re.Pattern[str], said: str, asked: frozenset[str]) -> float:
    """The share of an opening case that nobody asked about: "From 15 November to …"."""
    found = opening.match(said)
    case = telling_stems(found["case"]) if found else frozenset()
    return len(case - asked) / len(case) if case else 0.0


def _row_is_named(unit: Unit, asked: frozenset[str]) -> float:
    first = next(iter(cells(unit.text)), "")
    named = telling_stems(plain(first))
    return len(named & asked) / len(named) if named else 0.0


def _numbers(question: str, said: str) -> float:
    asked = [_number(found) for found in _NUMBER.findall(question)]
    if not asked:
        return 0.0
    spoken = {_number(found) for found in _NUMBER.findall(said)}
    ranges = [(_number(low), _number(high)) for low, high in _RANGE.findall(said)]
    held = [
        one for one in asked if one in spoken or any(low <= one <= high for low, high in ranges)
    ]
    return len(held) / len(asked)


def _number(text: str) -> float:
    return float(text.replace(",", "").rstrip(".") or 0)
