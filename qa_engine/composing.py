"""From findings to a letter that has passed the grounding check. Imports no Django.

    extractive draft → checked → (rewritten → checked) → the one that stands

What a model rewrote is taken only where every sentence of it is grounded; otherwise the
extractive draft stands, and the reason is kept with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa_engine.grounding import Grounding, GroundingCheck, Verdict
from qa_engine.protocols import Rewriter, Writer
from qa_engine.types import DraftRequest, Finding, Reason, Rewritten, Sentence


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter (empty where no question was answered), its findings and its check."""

    body: str
    sentences: tuple[Sentence, ...]
    findings: tuple[Finding, ...]
    grounding: Grounding


@dataclass(frozen=True, slots=True)
class Composer:
    writer: Writer
    check: GroundingCheck
    rewriter: Rewriter | None = None

    @property
    def fingerprint(self) -> str:
        if self.rewriter is None:
            return self.writer.fingerprint
        return f"{self.writer.fingerprint}+{self.rewriter.fingerprint}"

    def compose(
        self, requests: Sequence[DraftRequest], findings: Sequence[Sequence[Finding]]
    ) -> list[Composed]:
        """One batch: whatever needs a model goes through it together."""
        check, unasked = self.check.ready()
        if unasked:
            letters = replace(self, check=check).compose(requests, findings)
            return [
                replace(one, grounding=replace(one.grounding, unasked=unasked)) for one in letters
            ]
        plain = [
            self._extract(request, found)
            for request, found in zip(requests, findings, strict=True)
        ]
        if self.rewriter is None:
            return plain
        written = [place for place, letter in enumerate(plain) if letter.body]
        rewritten = self.rewriter.rewrite(
            [requests[place] for place in written], [plain[place].findings for place in written]
        )
        for place, other in zip(written, rewritten, strict=True):
            plain[place] = self._choose(requests[place], plain[place], other)
        return plain

    def _extract(self, request: DraftRequest, findings: Sequence[Finding]) -> Composed:
        """A quotation that fails its check is a fault of ours; its question stays open then."""
        body, sentences = self.writer.write(request, findings)
        verdicts = self.check.check(sentences, ticket_of(request))
        wrong = {verdict.sentence for verdict in verdicts if not verdict.is_grounded}
        dropped = ""
        if wrong:
            findings = [_without(finding, sentences, wrong) for finding in findings]
            body, sentences = self.writer.write(request, findings)
            dropped = told([one for one in verdicts if not one.is_grounded])
            verdicts = self.check.check(sentences, ticket_of(request))
        grounding = Grounding(
            writer=self.writer.fingerprint,
            fingerprint=self.check.fingerprint,
            verdicts=tuple(verdicts),
            dropped=dropped,
        )
        return Composed(body, sentences, tuple(findings), grounding)

    def _choose(self, request: DraftRequest, plain: Composed, other: Rewritten) -> Composed:
        assert self.rewriter is not None
        if other.problem:
            return replace(plain, grounding=replace(plain.grounding, dropped=other.problem))
        verdicts = self.check.check(other.sentences, ticket_of(request))
        if not all(verdict.is_grounded for verdict in verdicts):
            against = tuple(verdict for verdict in verdicts if not verdict.is_grounded)
            kept = replace(plain.grounding, dropped=told(against), against=against)
            return replace(plain, grounding=kept)
        grounding = Grounding(self.rewriter.fingerprint, self.check.fingerprint, tuple(verdicts))
        return Composed(other.body, other.sentences, plain.findings, grounding)


def ticket_of(request: DraftRequest) -> str:
    return f"{request.subject}\n{request.text}"


def told(verdicts: Sequence[Verdict]) -> str:
    """The flaws in one line: "number: 14 days; unsupported: 0.12"."""
    flaws = dict.fromkeys(
        f"{flaw.problem}: {flaw.detail}" if flaw.detail else str(flaw.problem)
        for verdict in verdicts
        for flaw in verdict.flaws
    )
    return "; ".join(flaws)


def _without(finding: Finding, sentences: Sequence[Sentence], wrong: set[str]) -> Finding:
    """The finding as unanswered, if a sentence that it gave is wrong."""
    cited = {
        evidence
        for sentence in sentences
        if sentence.text in wrong
        for evidence in sentence.evidence
    }
    if not any(cited.intersection(quote.evidence) for quote in finding.quotes):
        return finding
    outcome = replace(
        finding.outcome, is_answered=False, reason=Reason.LOW_CONFIDENCE, evidence=()
    )
    return Finding(outcome)
