"""What speaks for one sentence as the answer, and what against it. Imports no Django.

Each clue is a number about the match of a question and a sentence in its place: meaning,
words, the kind of answer, the place in the article. None is about one shop. `ranking` adds
them up with coefficients that `manage.py fit_reader` learns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from qa_engine.answer_types import (
    AnswerType,
    asks_permission,
    expected,
    holds,
    is_about_time_taken,
)
from qa_engine.likeness import likeness
from qa_engine.markdown import Kind
from qa_engine.names import clashing, models, places
from qa_engine.questions import Question
from qa_engine.sentences import Unit
from qa_engine.told import Told, Words, numbers_in, telling_stems
from qa_engine.types import Candidate

# What kind of answer is wanted, which `answer_type` looks after.
_HOW = re.compile(
    r"\bhow\s+(?:long|far|fast|soon|often|many|much|heavy|big|large|high|quick\w*)\b",
    re.IGNORECASE,
)


class Clues(NamedTuple):
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
    # A step, for a question that asks for no amount, time or place.
    step: float
    # The question names a country or a model that the sentence in its place does not.
    missing_place: float
    clashing_model: float
    # How like the nearest question is that a person answered with this sentence.
    precedent: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question prepared once for all sentences."""

    own: Words
    context: Words
    everything: frozenset[str]
    numbers: tuple[float, ...]
    # What kind of answer is wanted, and of what it asks the countries and models.
    wanted: frozenset[AnswerType]
    time_taken: float
    asks_permission: bool
    places: frozenset[str]
    models: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, question: Question) -> Asked:
        own = telling_stems(_HOW.sub(" ", question.text))
        whole = f"{question.context} {question.text}"
        context = telling_stems(question.context) - own
        return cls(
            own=Words.of(own),
            context=Words.of(context),
            everything=own | context,
            numbers=tuple(numbers_in(whole)),
            wanted=expected(question.text),
            time_taken=is_about_time_taken(question.text),
            asks_permission=asks_permission(question.text),
            places=places(whole),
            models=models(whole),
        )


class Nearness(NamedTuple):
    """Cosines and ranks that the reader brings along."""

    alone: float
    heading: float
    context: float
    section: float
    passage_rank: float
    article_rank: float


@dataclass(frozen=True, slots=True)
class Rarity:
    """How much each asked stem tells the proposed sentences apart."""

    weights: Mapping[str, float]
    _sums: dict[frozenset[str], float] = field(default_factory=dict)

    def of(self, stems: frozenset[str]) -> float:
        """Of all of them; a question's few words are said in few combinations."""
        known = self._sums.get(stems)
        if known is None:
            known = self._sums[stems] = sum([self.weights[one] for one in stems])
        return known


def clues_of(
    asked: Asked,
    candidate: Candidate,
    unit: Unit,
    tells: Told,
    near: Nearness,
    rarity: Rarity,
) -> Clues:
    """`tells` is what the unit says in its place; `rarity` the weight of each asked stem."""
    own, context = asked.own.stems, asked.context.stems
    in_own, in_heads = tells.own.among(asked.own), tells.above.among(asked.own)
    time_taken = asked.time_taken * tells.time_taken
    is_row = unit.kind is Kind.TABLE_ROW
    return Clues(
        meaning_alone=near.alone,
        meaning_heading=near.heading,
        meaning_context=near.context,
        passage_meaning=candidate.lanes.get("dense", 0.0),
        section_meaning=near.section,
        passage_rank=near.passage_rank,
        article_rank=near.article_rank,
        own_words=_share(own, in_own, rarity),
        own_words_above=_share(own, in_heads, rarity),
        own_words_left=_share(own - in_heads, in_own - in_heads, rarity),
        context_words=_share(context, tells.both.among(asked.context), rarity),
        to_the_point=len(tells.own.stems & asked.everything) / (len(tells.own.stems) + 2),
        answer_type=min(holds(asked.wanted, tells.kinds), 1.0 + min(0.0, 2 * time_taken)),
        time_taken=time_taken,
        permission=(1.0 if tells.permits else -1.0) if asked.asks_permission else 0.0,
        numbers=_share_of_numbers(asked.numbers, tells),
        opens_article=float(unit.section == 0),
        opens_section=float(unit.opens),
        unasked_occasion=_unasked(tells.occasion, asked.everything),
        unasked_condition=_unasked(tells.condition, asked.everything),
        table_row=float(is_row),
        row_is_named=_row_is_named(tells.row_name, asked.everything) if is_row else 0.0,
        list_item=float(unit.kind is Kind.ITEM),
        step=float(unit.is_step and not asked.wanted),
        missing_place=float(not asked.places <= tells.places),
        clashing_model=float(bool(clashing(asked.models, tells.models))),
        precedent=likeness(candidate.precedents, tells.own.stems) if candidate.precedents else 0.0,
    )


def _share(asked: frozenset[str], said: frozenset[str], rarity: Rarity) -> float:
    """Of the asked stems' weight that of those which are said: mostly none is."""
    return rarity.of(said) / rarity.of(asked) if said else 0.0


def _share_of_numbers(asked: tuple[float, ...], tells: Told) -> float:
    return sum([tells.says(one) for one in asked]) / len(asked) if asked else 0.0


def _unasked(case: frozenset[str], asked: frozenset[str]) -> float:
    """The share of an opening case that nobody asked about: "From 15 November to …"."""
    return len(case - asked) / len(case) if case else 0.0


def _row_is_named(named: frozenset[str], asked: frozenset[str]) -> float:
    return len(named & asked) / len(named) if named else 0.0
