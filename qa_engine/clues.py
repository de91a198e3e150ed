"""What speaks for one sentence as the answer, and what against it. Imports no Django.

Each clue is a number about the match of a question and a sentence in its place: meaning,
words, the kind of answer, the place in the article. None is about one shop. `ranking` adds
them up with coefficients that `manage.py fit_reader` learns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qa_engine.answer_types import expected, fits, is_about_time_taken, permits
from qa_engine.markdown import Kind
from qa_engine.names import clashing_models, missing_places
from qa_engine.questions import Question
from qa_engine.sentences import Unit
from qa_engine.told import numbers_in, telling_stems, told
from qa_engine.types import Candidate

# What kind of answer is wanted, which `answer_type` looks after.
_HOW = re.compile(
    r"\bhow\s+(?:long|far|fast|soon|often|many|much|heavy|big|large|high|quick\w*)\b",
    re.IGNORECASE,
)


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
    # A step, for a question that asks for no amount, time or place.
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
    # The question with its context.
    whole: str
    numbers: tuple[float, ...]

    @classmethod
    def of(cls, question: Question) -> Asked:
        own = telling_stems(_HOW.sub(" ", question.text))
        whole = f"{question.context} {question.text}"
        context = telling_stems(question.context) - own
        return cls(question, own, context, whole, tuple(numbers_in(whole)))


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines and ranks that the reader brings along."""

    alone: float
    heading: float
    context: float
    section: float
    passage_rank: float
    article_rank: float


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
    tells = told(above, said, unit.kind, unit.text)
    everything = asked.own | asked.context
    in_own, in_heads = tells.own.among(asked.own), tells.above.among(asked.own)
    wanted = expected(question.text)
    time_taken = is_about_time_taken(question.text) * tells.time_taken
    is_row = unit.kind is Kind.TABLE_ROW
    place = f"{above} {said}"
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
        context_words=_share(asked.context, tells.both.among(asked.context), rarity),
        to_the_point=len(tells.own.stems & everything) / (len(tells.own.stems) + 2),
        answer_type=min(fits(wanted, said), 1.0 + min(0.0, 2 * time_taken)),
        time_taken=time_taken,
        permission=permits(question.text, said),
        numbers=sum(tells.says(one) for one in asked.numbers) / max(1, len(asked.numbers)),
        opens_article=float(unit.section == 0),
        opens_section=float(unit.opens),
        unasked_occasion=_unasked(tells.occasion, everything),
        unasked_condition=_unasked(tells.condition, everything),
        table_row=float(is_row),
        row_is_named=_row_is_named(tells.row_name, everything) if is_row else 0.0,
        list_item=float(unit.kind is Kind.ITEM),
        step=float(unit.is_step and not wanted),
        missing_place=float(bool(missing_places(asked.whole, place))),
        clashing_model=float(bool(clashing_models(asked.whole, place))),
    )


def _share(asked: frozenset[str], said: frozenset[str], rarity: Mapping[str, float]) -> float:
    total = sum(rarity.get(one, 1.0) for one in asked)
    return sum(rarity.get(one, 1.0) for one in asked & said) / total if total else 0.0


def _unasked(case: frozenset[str], asked: frozenset[str]) -> float:
    """The share of an opening case that nobody asked about: "From 15 November to …"."""
    return len(case - asked) / len(case) if case else 0.0


def _row_is_named(named: frozenset[str], asked: frozenset[str]) -> float:
    return len(named & asked) / len(named) if named else 0.0
