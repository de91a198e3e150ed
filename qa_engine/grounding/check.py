"""Is each sentence of a draft carried by what it cites? Pure: no Django, no models here.

a quotation, word for word             → grounded
a number, name, denial, condition off  → not grounded (see `rules`)
else                                   → entailed, by a model where one is configured;
                                         by its words and its nearness in meaning otherwise
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import exp, sqrt

from qa_engine.grounding import rules
from qa_engine.grounding.rules import Sources
from qa_engine.grounding.types import Flaw, Problem, Verdict
from qa_engine.protocols import Entailment, ModelUnavailable, Vector
from qa_engine.types import Sentence

log = logging.getLogger(__name__)

FINGERPRINT = "grounding/1"
Embed = Callable[[Sequence[str]], list[Vector]]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A sentence and what it cites, in three figures."""

    # Shares of 0 … 1: of the telling words that are said there; cosine of the meanings.
    overlap: float
    nearness: float
    # Telling words that are not said there.
    unsaid: int


@dataclass(frozen=True, slots=True)
class Support:
    """Logistic regression on the likeness; docs/adr/0010 tells what it was fitted on."""

    bias: float = -2.44
    overlap: float = -4.02
    nearness: float = 9.11
    unsaid: float = -3.26
    least: float = 0.3

    def of(self, like: Likeness) -> float:
        score = self.bias + self.overlap * like.overlap + self.nearness * like.nearness
        return 1 / (1 + exp(-(score + self.unsaid * like.unsaid)))


@dataclass(frozen=True, slots=True)
class GroundingCheck:
    """`embed` gives unit vectors; without it the words alone decide. Batch-first.

    An entailment model that cannot be had costs no draft: the check goes on without it.
    """

    embed: Embed | None = None
    entailment: Entailment | None = None
    support: Support = Support()
    least_entailed: float = 0.5
    # Why the model could not be asked: each reason is logged once a process, not once a ticket.
    _logged: set[str] = field(default_factory=set, repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        return f"{FINGERPRINT}+{self.entailment.fingerprint}" if self.entailment else FINGERPRINT

    def ready(self) -> tuple[GroundingCheck, str]:
        """The check that can be made now, and why it is not the configured one.

        Loads the entailment model, in the worker that uses it.
        """
        if self.entailment is None:
            return self, ""
        try:
            self.entailment.warm_up()
        except ModelUnavailable as exc:
            problem = str(exc)
            if problem not in self._logged:
                self._logged.add(problem)
                log.warning("entailment unavailable: %s Words and nearness decide.", problem)
            return replace(self, entailment=None), problem
        return self, ""

    def check(self, sentences: Sequence[Sentence], ticket: str) -> list[Verdict]:
        """A verdict for each sentence that claims something, in order.

        `ticket`: the requester's words, which a draft may repeat.
        """
        claims = [sentence for sentence in sentences if sentence.is_claim]
        sources = [Sources(claim.evidence) for claim in claims]
        open_ones = [
            place
            for place, (claim, source) in enumerate(zip(claims, sources, strict=True))
            if claim.evidence and not rules.is_quotation(claim.text, source)
        ]
        supports = self._supports([(claims[p].text, sources[p]) for p in open_ones])
        by_place = dict(zip(open_ones, supports, strict=True))
        return [
            self._verdict(claim, source, ticket, by_place.get(place))
            for place, (claim, source) in enumerate(zip(claims, sources, strict=True))
        ]

    def _verdict(
        self, claim: Sentence, source: Sources, ticket: str, support: float | None
    ) -> Verdict:
        if not claim.evidence:
            return Verdict(claim.text, 0.0, (Flaw(Problem.UNCITED),))
        if support is None:
            return Verdict(claim.text, 1.0)
        found = rules.flaws(claim.text, source, ticket)
        least = self.least_entailed if self.entailment else self.support.least
        if support < least:
            found.append(Flaw(Problem.UNSUPPORTED, f"{support:.2f}"))
        return Verdict(claim.text, support, tuple(found))

    def _supports(self, pairs: Sequence[tuple[str, Sources]]) -> list[float]:
        if not pairs:
            return []
        if self.entailment is not None:
            return self.entailment.entail([(s.text, text) for text, s in pairs])
        return [self.support.of(like) for like in self.likeness(pairs)]

    def likeness(self, pairs: Sequence[tuple[str, Sources]]) -> list[Likeness]:
        return [
            Likeness(rules.overlap(text, source), near, rules.unsaid(text, source))
            for (text, source), near in zip(pairs, self._nearness(pairs), strict=True)
        ]

    def _nearness(self, pairs: Sequence[tuple[str, Sources]]) -> list[float]:
        """Cosine of a sentence with the nearest line that it cites, or with all of them."""
        if self.embed is None:
            return [rules.overlap(text, source) for text, source in pairs]
        texts: list[str] = []
        spans: list[tuple[int, int]] = []
        for text, source in pairs:
            lines = list(dict.fromkeys([*filter(None, source.lines), source.text]))
            spans.append((len(texts), len(texts) + 1 + len(lines)))
            texts += [text, *lines]
        vectors = self.embed(texts)
        return [
            max(cosine(vectors[start], other) for other in vectors[start + 1 : end])
            for start, end in spans
        ]


def cosine(a: Vector, b: Vector) -> float:
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    norm = sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return dot / norm if norm else 0.0
