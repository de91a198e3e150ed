"""What a check of a draft finds. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: How a reason begins where a language model or its server could not be had.
UNAVAILABLE = "generator unavailable: "


class Problem(StrEnum):
    """Why a sentence is not grounded."""

    UNCITED = "uncited"  # it claims something and cites nothing
    NUMBER = "number"  # an amount, a date, a duration that its citations do not say so
    ADDRESS = "address"  # a page or mail address that no citation gives
    NAME = "name"  # a product or another name from nowhere
    NEGATION = "negation"  # it denies what they say, or says what they deny
    CONDITION = "condition"  # a condition or an exception is added, changed or left out
    UNSUPPORTED = "unsupported"  # the words are there, the meaning is not


@dataclass(frozen=True, slots=True)
class Flaw:
    """One reason against a sentence: "number" and "14 days"."""

    problem: Problem
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one sentence of a draft."""

    sentence: str
    # 0 … 1: that the citations support it; 1 for an exact quotation.
    support: float
    flaws: tuple[Flaw, ...] = ()

    @property
    def is_grounded(self) -> bool:
        return not self.flaws


@dataclass(frozen=True, slots=True)
class Grounding:
    """The check of a whole draft, kept with it.

    `writer` wrote what stands; `dropped` tells why another writer's text was not taken.
    """

    writer: str = ""
    fingerprint: str = ""
    verdicts: tuple[Verdict, ...] = ()
    dropped: str = ""
    # The verdicts against the text that was not taken.
    against: tuple[Verdict, ...] = ()
    # Why the configured entailment model did not take part in the check.
    unasked: str = ""
    # Why the configured reranker did not order the passages that the draft was written from.
    unranked: str = ""

    @property
    def is_grounded(self) -> bool:
        return all(verdict.is_grounded for verdict in self.verdicts)
