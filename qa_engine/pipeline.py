"""From messages to drafts, for a batch at once. Pure: no Django, no Celery, no models here.

    message → triage → questions → retrieve → read → confidence → write

The first stage that knows better ends it: a message that a person must answer is never
looked up, a question that only the order system answers neither.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from knowledge.types import Viewer
from qa_engine.choosing import chosen_spans, each_once, nearest_sections
from qa_engine.citations import evidence_of, quotes_of
from qa_engine.composing import Composed, Composer
from qa_engine.confidence import Features, calibration_for, features_of
from qa_engine.grounding import GroundingCheck
from qa_engine.languages import is_foreign
from qa_engine.likeness import with_precedents
from qa_engine.policy import needs_order_data, triage
from qa_engine.proposing import propose
from qa_engine.protocols import Precedents, Reader, Restater, Retriever, Rewriter, Writer
from qa_engine.questions import Question, split_questions
from qa_engine.reranking import Reranking
from qa_engine.restating import LOST, RESTATED, merged
from qa_engine.spans import figure_of
from qa_engine.text import content_words
from qa_engine.types import (
    Candidate,
    DraftRequest,
    DraftResult,
    Evidence,
    Finding,
    QuestionOutcome,
    Reason,
    Span,
)

# Below this, what was found is not even near: say "nothing", not "not sure".
NOWHERE_NEAR = 0.15
# A draft that leaves a question to a colleague is sent as it stands less often.
OPEN_QUESTION = 0.85


@dataclass(frozen=True, slots=True)
class Engine:
    """The stages, chosen. Built by `registry`, or by a test from what it likes."""

    retriever: Retriever
    reader: Reader
    writer: Writer
    min_confidence: float
    # Of the published articles; empty where it is not known, and then no message is foreign.
    languages: frozenset[str] = frozenset()
    check: GroundingCheck = field(default_factory=GroundingCheck)
    # Says the extractive draft in its own words, where one is configured.
    rewriter: Rewriter | None = None
    # Says in plain questions what a letter wants to know, where its own words found nothing.
    restater: Restater | None = None
    # Like questions that people answered, for whoever may look at them.
    precedents: Precedents | None = None
    # Puts the passages in order before they are read, where one is configured or promoted;
    # `unranked` tells why it cannot now.
    reranking: Reranking | None = None
    unranked: str = ""
    # Names the weights that questions to the index have of their own; empty where they have none.
    queries: str = ""

    @property
    def fingerprint(self) -> str:
        reranking = self.reranking.fingerprint if self.reranking else ""
        restater = self.restater.fingerprint if self.restater else ""
        composer = self.composer.fingerprint
        parts = (self.reader.fingerprint, self.queries, restater, composer, reranking)
        return "+".join(part for part in parts if part)

    @property
    def composer(self) -> Composer:
        return Composer(self.writer, self.check, self.rewriter)

    def write_drafts(self, requests: Sequence[DraftRequest]) -> list[DraftResult]:
        started = time.monotonic()
        triaged = [triage(request.text, request.subject) for request in requests]
        asked = [
            [] if reason else split_questions(request.text, request.subject)
            for request, reason in zip(requests, triaged, strict=True)
        ]
        findings = self._answer_by_viewer(requests, asked)
        if self.restater is not None:
            findings = self._in_other_words(self.restater, requests, asked, findings)
        composed = self.composer.compose(requests, findings)
        seconds = (time.monotonic() - started) / max(1, len(requests))
        return [
            self._draft(request, reason, letter, seconds)
            for request, reason, letter in zip(requests, triaged, composed, strict=True)
        ]

    def reason_for(self, text: str, reason: Reason) -> Reason:
        """Why nothing was found: what is asked in a language that no article is in says so.

        Only then: an embedder of many languages may well find the answer in another one.
        """
        is_lost = reason in {Reason.NO_PASSAGE, Reason.LOW_CONFIDENCE, Reason.UNCLEAR}
        return Reason.LANGUAGE if is_lost and is_foreign(text, self.languages) else reason

    def answer(self, questions: Sequence[Question], viewer: Viewer) -> list[Finding]:
        """For each question its finding, answered or not."""
        looked_up = [
            question
            for question in questions
            if not needs_order_data(question.text, question.context)
        ]
        read = dict(zip(looked_up, self._read(looked_up, viewer), strict=True))
        return [
            read[question] if question in read else _finding(question, Reason.NEEDS_ORDER_DATA)
            for question in questions
        ]

    def _answer_by_viewer(
        self, requests: Sequence[DraftRequest], asked: Sequence[Sequence[Question]]
    ) -> list[list[Finding]]:
        """Questions of all messages in one go, but never with another viewer's eyes."""
        found: list[list[Finding]] = [[] for _ in requests]
        for viewer in {request.viewer for request in requests}:
            places = [
                (number, question)
                for number, request in enumerate(requests)
                if request.viewer == viewer
                for question in asked[number]
            ]
            findings = self.answer([question for _, question in places], viewer)
            for (number, _), finding in zip(places, findings, strict=True):
                found[number].append(finding)
        return found

    def _in_other_words(
        self,
        restater: Restater,
        requests: Sequence[DraftRequest],
        asked: Sequence[Sequence[Question]],
        findings: Sequence[list[Finding]],
    ) -> list[list[Finding]]:
        """Where a letter's own words left something open, the answers to what a model takes it
        for.
        """
        lost = [at for at, found in enumerate(findings) if _is_lost(found)]
        said = restater.restate([requests[at] for at in lost]) if lost else []
        again = {
            at: [Question(text, message=asked[at][0].message) for text in questions]
            for at, questions in zip(lost, said, strict=True)
            if questions
        }
        doubtful = replace(self, min_confidence=self.min_confidence / RESTATED)
        others = doubtful._answer_by_viewer([requests[at] for at in again], [*again.values()])
        found = dict(zip(again, others, strict=True))
        return [merged(own, found.get(at, [])) for at, own in enumerate(findings)]

    def propose(
        self, questions: Sequence[Question], viewer: Viewer, without: Collection[int] = ()
    ) -> list[list[Candidate]]:
        """For each question the passages to read.

        `without` leaves articles out, as if nobody had written them; for calibration.
        """
        found = propose(self.retriever, questions, viewer, without)
        if self.reranking:
            found = self.reranking.rerank(questions, found)
        if self.precedents is None:
            return found
        return [
            with_precedents(own, like)
            for own, like in zip(found, self.precedents.nearest(questions), strict=True)
        ]

    def rarity(self, questions: Sequence[Question], viewer: Viewer) -> dict[str, float]:
        words = {word for question in questions for word in content_words(question.query)}
        return self.retriever.rarity(sorted(words), viewer=viewer)

    def _read(self, questions: Sequence[Question], viewer: Viewer) -> list[Finding]:
        if not questions:
            return []
        spans = self.reader.read(questions, self.propose(questions, viewer))
        rarity = self.rarity(questions, viewer)
        return [
            self._judge(question, found, rarity)
            for question, found in zip(questions, spans, strict=True)
        ]

    def _judge(
        self, question: Question, spans: Sequence[Span], rarity: dict[str, float]
    ) -> Finding:
        """The reader's best span, or why it is no answer."""
        if not spans:
            return _finding(question, Reason.NO_PASSAGE)
        calibration = calibration_for(self.reader.fingerprint)
        best = features_of(question, spans[0], rarity)

        def judged(span: Span) -> Span:
            """With a probability in place of the reader's own score, for people to compare."""
            is_best = span is spans[0]
            found = best if is_best else features_of(question, span, rarity)
            return replace(span, score=calibration.probability(found))

        confidence = calibration.probability(best)
        known = _told(best)
        if confidence < self.min_confidence:
            is_near = confidence >= min(NOWHERE_NEAR, self.min_confidence / 2)
            reason = Reason.LOW_CONFIDENCE if is_near else Reason.NO_PASSAGE
            nearest = tuple(evidence_of(judged(span)) for span in nearest_sections(spans))
            return _finding(question, reason, confidence, nearest, known)
        chosen = chosen_spans(
            [figure_of(spans[0]), *spans[1:]] if question.wants_figure else spans
        )
        quotes = each_once(
            quote
            for at, span in enumerate(chosen)
            for quote in quotes_of(judged(span), chosen[:at])
        )
        evidence = tuple(dict.fromkeys(e for quote in quotes for e in quote.evidence))
        others = nearest_sections(spans, but=spans[0])
        runners_up = tuple(evidence_of(judged(span)) for span in others)
        outcome = QuestionOutcome(
            question.as_asked, True, confidence, None, evidence, runners_up, known
        )
        return Finding(outcome, tuple(quotes))

    def _draft(
        self,
        request: DraftRequest,
        triaged: Reason | None,
        letter: Composed,
        seconds: float,
    ) -> DraftResult:
        body = letter.body
        outcomes = tuple(finding.outcome for finding in letter.findings)
        return DraftResult(
            body=body,
            sentences=letter.sentences,
            questions=outcomes,
            confidence=_confidence(outcomes),
            reason=None if body else triaged or self.reason_for(request.text, _reason(outcomes)),
            fingerprint=self.fingerprint,
            seconds=seconds,
            grounding=replace(letter.grounding, unranked=self.unranked) if body else None,
        )


def _finding(
    question: Question,
    reason: Reason,
    confidence: float = 0.0,
    runners_up: tuple[Evidence, ...] = (),
    known: dict[str, float] | None = None,
) -> Finding:
    outcome = QuestionOutcome(
        question.as_asked, False, confidence, reason, (), runners_up, known or {}
    )
    return Finding(outcome)


def _is_lost(findings: Sequence[Finding]) -> bool:
    return any(finding.outcome.reason in LOST for finding in findings)


def _told(features: Features) -> dict[str, float]:
    """By name, for the decision that an agent will make of it."""
    return {name: round(float(getattr(features, name)), 4) for name in features.names()}


def _confidence(outcomes: Sequence[QuestionOutcome]) -> float:
    """That an agent sends it as it stands: every answer right, and little left open."""
    answered = [outcome.confidence for outcome in outcomes if outcome.is_answered]
    if not answered:
        return 0.0
    right = (prod(answered) * min(answered)) ** 0.5
    return float(right * OPEN_QUESTION ** (len(outcomes) - len(answered)))


def _reason(outcomes: Sequence[QuestionOutcome]) -> Reason:
    """Why there is no draft, in one word: the first question's reason speaks for all."""
    return next((o.reason for o in outcomes if o.reason), Reason.UNCLEAR)
