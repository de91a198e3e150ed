"""What the desk's tests share: a cited draft, the addresses, and htmx's header."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from helpdesk.drafting import store_result
from helpdesk.models import Draft, Message, Ticket
from knowledge.models import Revision
from qa_engine.types import DraftResult, Evidence, QuestionOutcome, Reason, Sentence
from tests.factories import MessageFactory, TicketFactory

HTMX = {"HX-Request": "true"}
QUESTION = "How long do I have to return a jacket?"


def evidence_in(revision: Revision, quote: str, score: float = 0.94) -> Evidence:
    start = revision.body.index(quote)
    return Evidence(
        article_id=revision.article_id,
        revision_id=revision.pk,
        title=revision.title,
        heading_path="",
        start=start,
        end=start + len(quote),
        quote=quote,
        score=score,
    )


def cited_result(revision: Revision, confidence: float = 0.92) -> DraftResult:
    greeting, claim, end = "Hello Rex,\n\n", "You can return it within 30 days.", "\n\nAda"
    found = evidence_in(revision, "within **30 days**")
    start = len(greeting)
    return DraftResult(
        body=greeting + claim + end,
        sentences=(Sentence(claim, start, start + len(claim), (found,)),),
        questions=(QuestionOutcome(QUESTION, True, confidence, None, (found,), ()),),
        confidence=confidence,
        reason=None,
        fingerprint="test/1",
        seconds=1.2,
    )


def empty_result(reason: Reason, nearest: Evidence | None = None) -> DraftResult:
    near = (nearest,) if nearest else ()
    asked = QuestionOutcome("Do you ship to Norway?", False, 0.1, reason, (), near)
    return DraftResult("", (), (asked,), 0.1, reason, "test/1", 0.3)


@pytest.fixture
def draft(message: Message, revision: Revision) -> Draft:
    """A waiting draft that cites the article on returns."""
    stored = store_result(message=message, attempt=1, result=cited_result(revision))
    assert stored is not None
    return stored


@pytest.fixture
def page(ticket: Ticket) -> str:
    return reverse("admin:helpdesk_ticket_change", args=[ticket.pk])


@pytest.fixture
def to(ticket: Ticket) -> Callable[..., str]:
    """The address of an action on the ticket."""

    def address(name: str, *args: Any) -> str:
        return reverse(f"admin:helpdesk_ticket_{name}", args=[ticket.pk, *args])

    return address


@pytest.fixture
def many(revision: Revision) -> Callable[[int], list[Ticket]]:
    """So many tickets, each with a waiting draft."""

    def make(count: int) -> list[Ticket]:
        tickets = TicketFactory.create_batch(count)
        for ticket in tickets:
            message = MessageFactory(ticket=ticket)
            Ticket.objects.filter(pk=ticket.pk).update(updated_at=message.created_at)
            store_result(message=message, attempt=1, result=cited_result(revision))
        return tickets

    return make
