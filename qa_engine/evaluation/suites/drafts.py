"""From a ticket to its draft, end to end: what an agent would find waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from knowledge.models import Revision
from qa_engine.answering import write_drafts
from qa_engine.evaluation import metrics
from qa_engine.evaluation.corpus import Corpus
from qa_engine.evaluation.grading import DraftGrade, grade
from qa_engine.evaluation.metering import Meter
from qa_engine.evaluation.outcome import Say, thinned
from qa_engine.evaluation.tickets import TicketRecord
from qa_engine.protocols import Restater
from qa_engine.types import DraftRequest, DraftResult

#: From this confidence on the desk calls a draft "sure".
SURE = 0.8


@dataclass(frozen=True, slots=True)
class ByHand:
    """Restates letters as somebody did who knew the articles: the most that it could gain."""

    said: Mapping[tuple[str, str], list[str]]

    @classmethod
    def of(cls, tickets: Sequence[TicketRecord]) -> ByHand:
        return cls(
            {
                (one.subject, one.body): [part.question for part in one.parts if part.question]
                for one in tickets
            }
        )

    @property
    def fingerprint(self) -> str:
        return "by hand"

    def restate(self, requests: Sequence[DraftRequest]) -> list[list[str]]:
        return [self.said.get((one.subject, one.text), []) for one in requests]


def measure_drafts(
    corpus: Corpus,
    tickets: Sequence[TicketRecord],
    say: Say,
    restater: Restater | None = None,
) -> tuple[dict[str, float], dict[str, list[list[float]]], tuple[Mapping[str, Any], ...]]:
    """Figures, curves, and each ticket whose draft is not as it should be."""
    requests = [request_of(ticket) for ticket in tickets]
    write_drafts(requests[:1], restater)  # warm
    meter = Meter()
    drafts = _written(requests, say, restater)
    spent = meter.read()
    cited = {e.revision_id for draft in drafts for s in draft.sentences for e in s.evidence}
    bodies = dict(Revision.objects.filter(pk__in=cited).values_list("pk", "body"))
    grades = [
        grade(ticket, draft, corpus.keys, bodies)
        for ticket, draft in zip(tickets, drafts, strict=True)
    ]
    figures = _of_answerable(grades) | _of_unanswerable(grades) | _of_all(grades)
    figures["seconds_per_draft"] = spent.wall / len(drafts)
    figures["cpu_seconds_per_draft"] = spent.cpu / len(drafts)
    confidences = [one.draft.confidence for one in grades if one.is_answered]
    right = [one.is_right for one in grades if one.is_answered]
    curve = metrics.risk_coverage(confidences, right)
    figures["aurc"] = metrics.area_under_risk_coverage(curve)
    figures["ece_equal_mass"] = metrics.expected_calibration_error(
        confidences, right, bins=5, is_equal_mass=True
    )
    points = thinned([[point.coverage, point.risk] for point in curve])
    return figures, {"risk_coverage": points}, tuple(_told(one) for one in grades if _is_off(one))


def request_of(ticket: TicketRecord) -> DraftRequest:
    return DraftRequest(
        text=ticket.body,
        subject=ticket.subject,
        requester_name=ticket.requester_name,
        language=ticket.language,
    )


def _written(
    requests: Sequence[DraftRequest], say: Say, restater: Restater | None
) -> list[DraftResult]:
    drafts: list[DraftResult] = []
    for first in range(0, len(requests), settings.QA_BATCH_SIZE):
        drafts += write_drafts(requests[first : first + settings.QA_BATCH_SIZE], restater)
        say(f"wrote {len(drafts)}/{len(requests)} drafts")
    return drafts


def _of_answerable(grades: Sequence[DraftGrade]) -> dict[str, float]:
    """About the questions that an article answers."""
    parts = [(one, part) for one in grades for part in one.parts if part.part.is_answerable]
    tickets = [one for one in grades if one.ticket.is_answerable]
    return {
        "answerable_questions": float(len(parts)),
        "right_article": metrics.mean([part.is_right_article for _, part in parts]),
        "answer_contained": metrics.mean([part.is_contained for _, part in parts]),
        "answer_in_sight": metrics.mean([part.is_in_sight for _, part in parts]),
        "answerable_tickets": float(len(tickets)),
        "whole_ticket_right": metrics.mean([one.is_right for one in tickets]),
        "wrongly_abstained": metrics.mean([not one.is_answered for one in tickets]),
    }


def _of_unanswerable(grades: Sequence[DraftGrade]) -> dict[str, float]:
    tickets = [one for one in grades if not one.ticket.is_answerable]
    answered = [one for one in tickets if one.is_answered]
    return {
        "unanswerable_tickets": float(len(tickets)),
        "honest_abstentions": metrics.mean([not one.is_answered for one in tickets]),
        "right_reason": metrics.mean([one.has_right_reason for one in tickets]),
        "answered_unanswerable": float(len(answered)),
        "sure_unanswerable": float(sum(one.draft.confidence >= SURE for one in answered)),
    }


def _of_all(grades: Sequence[DraftGrade]) -> dict[str, float]:
    parts = [part for one in grades for part in one.parts]
    claims = sum(s.is_claim for one in grades for s in one.draft.sentences)
    sure = [one for one in grades if one.is_answered and one.draft.confidence >= SURE]
    return {
        "tickets": float(len(grades)),
        "sentences": float(claims),
        "unsupported_sentences": float(sum(len(one.unsupported) for one in grades)),
        "parts_accounted_for": metrics.mean([part.is_accounted_for for part in parts]),
        "sure_drafts": float(len(sure)),
        "sure_and_wrong": float(sum(not one.is_right for one in sure)),
    }


def _is_off(one: DraftGrade) -> bool:
    if one.unsupported or not all(part.is_accounted_for for part in one.parts):
        return True
    if one.ticket.is_answerable:
        return not one.is_right
    return one.is_answered or not one.has_right_reason


def _told(one: DraftGrade) -> dict[str, Any]:
    return {
        "ticket": one.ticket.key,
        "category": one.ticket.category,
        "subject": one.ticket.subject,
        "message": one.ticket.body,
        "draft": one.draft.body,
        "reason": str(one.draft.reason) if one.draft.reason else None,
        "confidence": round(one.draft.confidence, 3),
        "unsupported": [list(pair) for pair in one.unsupported],
        "parts": [
            {
                "question": part.part.question,
                "articles": list(part.part.articles),
                "contains": list(part.part.contains),
                "right_article": part.is_right_article,
                "contained": part.is_contained,
                "accounted_for": part.is_accounted_for,
            }
            for part in one.parts
        ],
        "questions": [
            {
                "question": outcome.question,
                "confidence": round(outcome.confidence, 3),
                "reason": str(outcome.reason) if outcome.reason else None,
                "cited": [f"{e.title}: {e.quote[:120]}" for e in outcome.evidence],
                "next": [f"{e.title}: {e.quote[:120]}" for e in outcome.runners_up],
            }
            for outcome in one.draft.questions
        ],
    }
