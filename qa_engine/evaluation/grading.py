"""A draft against its ticket's gold standard. Pure: no Django, no database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_engine.evaluation.tickets import Part, TicketRecord
from qa_engine.text import content_stems, fold
from qa_engine.types import SENSITIVE, DraftResult, Reason, Sentence

#: The reasons that are right for a ticket that cannot be answered.
RIGHT_REASONS: Mapping[str, frozenset[Reason]] = {
    "no_article": frozenset({Reason.NO_PASSAGE, Reason.LOW_CONFIDENCE}),
    "needs_order_data": frozenset({Reason.NEEDS_ORDER_DATA}),
    "sensitive": SENSITIVE,
    "wants_person": SENSITIVE | {Reason.WANTS_PERSON},
    "unclear": frozenset({Reason.UNCLEAR}),
}
# The share of a sentence's telling words that its quotes must say.
SAID = 0.5
# The share of the smaller of two questions' telling words that makes them the same.
SAME_QUESTION = 0.25

_MARKS = re.compile(r"[*_`|]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class PartGrade:
    part: Part
    # An article that answers it is among the citations.
    is_right_article: bool
    # All the gold words stand in the draft, or in what it quotes for it: a row of a table
    # is put into words.
    is_contained: bool
    # The same, or in what the ticket's page shows beside the draft as nearest.
    is_in_sight: bool
    # The draft answers it, or says of this very question that it does not.
    is_accounted_for: bool


@dataclass(frozen=True, slots=True)
class DraftGrade:
    ticket: TicketRecord
    draft: DraftResult
    parts: tuple[PartGrade, ...]
    # Sentences that their citations do not support, with what is wrong.
    unsupported: tuple[tuple[str, str], ...]

    @property
    def is_answered(self) -> bool:
        """Whether it claims anything."""
        return any(sentence.is_claim for sentence in self.draft.sentences)

    @property
    def is_right(self) -> bool:
        """Whether an agent could send it: every answerable part answered, no other one."""
        wanted = [grade for grade in self.parts if grade.part.is_answerable]
        return self.is_answered and bool(wanted) and all(one.is_contained for one in wanted)

    @property
    def has_right_reason(self) -> bool:
        """Of a ticket that cannot be answered: whether it says so for the right reason."""
        reasons = {self.draft.reason} | {one.reason for one in self.draft.questions}
        return bool(RIGHT_REASONS.get(self.ticket.category, frozenset()) & reasons)


def grade(
    ticket: TicketRecord, draft: DraftResult, keys: Mapping[int, str], bodies: Mapping[int, str]
) -> DraftGrade:
    """`keys`: article → its name in the gold standard; `bodies`: revision → its text."""
    cited = {
        keys.get(evidence.article_id, "")
        for outcome in draft.questions
        if outcome.is_answered
        for evidence in outcome.evidence
    }
    said = _squeezed(
        " ".join([draft.body, *(e.quote for s in draft.sentences for e in s.evidence)])
    )
    near = _squeezed(" ".join(e.quote for one in draft.questions for e in one.runners_up))
    accounted = _accounted_for(ticket, draft)
    parts = tuple(
        PartGrade(
            part=part,
            is_right_article=bool(cited & set(part.articles)),
            is_contained=part.is_answerable and _contains(said, part.contains),
            is_in_sight=part.is_answerable and _contains(f"{said} {near}", part.contains),
            is_accounted_for=place in accounted
            or (part.is_answerable and _contains(said, part.contains)),
        )
        for place, part in enumerate(ticket.parts)
    )
    context = f"{ticket.subject} {ticket.body}"
    unsupported = tuple(
        (sentence.text, problem)
        for sentence in draft.sentences
        if sentence.is_claim and (problem := unsupported_by(sentence, draft, context, bodies))
    )
    return DraftGrade(ticket, draft, parts, unsupported)


def unsupported_by(
    sentence: Sentence, draft: DraftResult, context: str, bodies: Mapping[int, str]
) -> str:
    """What its citations do not carry; empty where they carry the sentence.

    An independent check, on purpose not the engine's own: it looks at the letters.
    """
    if draft.body[sentence.start : sentence.end] != sentence.text:
        return "it does not stand where it says"
    if not sentence.evidence:
        return "it cites nothing"
    for evidence in sentence.evidence:
        if bodies.get(evidence.revision_id, "")[evidence.start : evidence.end] != evidence.quote:
            return "a quote is not what the article says"
    quoted = " ".join(
        f"{evidence.title} {evidence.heading_path} {evidence.quote}"
        for evidence in sentence.evidence
    )
    numbers = set(_NUMBER.findall(sentence.text)) - set(_NUMBER.findall(f"{quoted} {context}"))
    if numbers:
        return f"no citation says {', '.join(sorted(numbers))}"
    telling = content_stems(sentence.text)
    if telling and len(telling & content_stems(quoted)) < SAID * len(telling):
        return "its citations say something else"
    return ""


def _accounted_for(ticket: TicketRecord, draft: DraftResult) -> set[int]:
    """Numbers of the parts that the engine saw as questions, each of its questions once."""
    if not draft.questions:
        # Handed over as a whole: a person will read all of it.
        return set(range(len(ticket.parts))) if draft.reason else set()
    return set(matched(ticket.parts, [outcome.question for outcome in draft.questions]))


def matched(parts: Sequence[Part], questions: Sequence[str]) -> dict[int, int]:
    """Of each part that the engine saw, by its number, the number of the question that it became.

    The likest pairs first, each question once. An only part is its likest question, and where
    there are as many questions as parts, what is left in other words is matched in its order.
    """
    pairs = sorted(
        (
            (_sameness(part.question, question), place, number)
            for place, part in enumerate(parts)
            for number, question in enumerate(questions)
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    if len(parts) == 1:
        return {0: pairs[0][2]} if pairs else {}
    seen: dict[int, int] = {}
    for sameness, place, number in pairs:
        if sameness >= SAME_QUESTION and place not in seen and number not in seen.values():
            seen[place] = number
    if len(parts) == len(questions):
        left = [number for number in range(len(questions)) if number not in seen.values()]
        seen |= zip((at for at in range(len(parts)) if at not in seen), left, strict=True)
    return seen


def _sameness(a: str, b: str) -> float:
    first, second = content_stems(a), content_stems(b)
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def _contains(said: str, wanted: Sequence[str]) -> bool:
    return bool(wanted) and all(_squeezed(one) in said for one in wanted)


def _squeezed(text: str) -> str:
    """Without what only Markdown sees."""
    return " ".join(_MARKS.sub(" ", fold(text)).split())
