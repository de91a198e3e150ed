"""Questions that were abstained on, answered late or badly rated: kept, and embedded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet

from helpdesk.models import Draft, GapQuestion, Message, Ticket, TicketRating
from qa_engine import services as engine

_REASONS = frozenset({"no_passage", "low_confidence"})


def drafts(since: datetime) -> QuerySet[Draft]:
    """Drafts whose questions are not kept yet, nobody's who objected to it."""
    return Draft.objects.filter(
        created_at__gte=since,
        message__gap_questions=None,
        ticket__requester__objected_to_training_at=None,
    )


def tickets(since: datetime) -> QuerySet[Ticket]:
    """Tickets that were answered late or badly rated, and of which nothing is kept yet."""
    return Ticket.objects.filter(
        created_at__gte=since, gap_questions=None, requester__objected_to_training_at=None
    ).filter(Q(first_replied_at__gt=F("due_at")) | Q(rating__rating=TicketRating.Rating.BAD))


def of_drafts(keys: Sequence[int]) -> int:
    """Keep what these drafts left open, and what they answered; return how many questions."""
    rows = Draft.objects.filter(pk__in=keys).select_related("ticket__requester", "message")
    return _keep(question for draft in rows.order_by("pk") for question in _of_draft(draft))


def of_tickets(keys: Sequence[int]) -> int:
    """Keep the first message of each; return how many."""
    asked = Message.objects.from_requester().filter(ticket__in=keys)
    first = {
        message.ticket_id: message
        for message in asked.select_related("ticket__requester").order_by("-created_at")
    }
    bad = set(
        TicketRating.objects.filter(ticket__in=keys, rating=TicketRating.Rating.BAD).values_list(
            "ticket", flat=True
        )
    )
    return _keep(
        _question(
            message.ticket,
            message,
            0,
            f"{message.ticket.subject}. {message.body[:300]}",
            GapQuestion.Why.RATED_BADLY if key in bad else GapQuestion.Why.LATE,
        )
        for key, message in sorted(first.items())
    )


def embed(keys: Sequence[int], fingerprint: str) -> int:
    """Give the questions their vectors, each text's once; return how many texts that were."""
    rows = dict(GapQuestion.objects.filter(pk__in=keys).values_list("pk", "text"))
    texts = list(dict.fromkeys(rows.values()))
    vectors = dict(zip(texts, engine.embed(texts), strict=True))
    written = {text: "[" + ",".join(map(repr, map(float, vectors[text]))) + "]" for text in texts}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE helpdesk_gapquestion AS question "
            "SET vector = given.vector::vector, embedder = %s "
            "FROM unnest(%s::bigint[], %s::text[]) AS given (id, vector) "
            "WHERE question.id = given.id",
            [fingerprint, list(rows), [written[text] for text in rows.values()]],
        )
    return len(texts)


def _of_draft(draft: Draft) -> Iterable[GapQuestion]:
    for number, outcome in enumerate(draft.questions):
        is_answered = bool(outcome.get("is_answered"))
        if is_answered or outcome.get("reason") in _REASONS:
            why = GapQuestion.Why.ANSWERED if is_answered else GapQuestion.Why.ABSTAINED
            yield _question(draft.ticket, draft.message, number, outcome["question"], why)


def _question(
    ticket: Ticket, message: Message, number: int, text: str, why: GapQuestion.Why
) -> GapQuestion:
    references = tuple(filter(None, (ticket.order_reference,)))
    return GapQuestion(
        ticket=ticket,
        message=message,
        number=number,
        why=why,
        text=engine.redacted(text, people=(ticket.requester.name,), references=references)[:500],
        asked_at=message.created_at,
    )


def _keep(questions: Iterable[GapQuestion]) -> int:
    rows = list(questions)
    GapQuestion.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
