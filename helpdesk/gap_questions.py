"""Questions that were abstained on, answered late or badly rated: kept, and embedded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from helpdesk.models import Draft, GapQuestion, Message, Ticket, TicketRating
from qa_engine import services as engine

_REASONS = frozenset({"no_passage", "low_confidence"})
#: Of a ticket.
_LATE = Q(first_replied_at__gt=F("due_at"))
_BAD = Q(rating__rating=TicketRating.Rating.BAD)


def drafts(since: datetime) -> QuerySet[Draft]:
    """Drafts whose questions are not kept yet, nobody's who objected to it."""
    return Draft.objects.filter(
        created_at__gte=since,
        message__gap_questions=None,
        ticket__requester__objected_to_training_at=None,
    )


def tickets(since: datetime) -> QuerySet[Ticket]:
    """Tickets answered late or rated badly of which that is not kept yet.

    Of a drafted one the draft's questions are kept, as answered, before anybody rates it.
    """
    kept = GapQuestion.objects.filter(ticket=OuterRef("pk"))
    answered = kept.filter(why=GapQuestion.Why.ANSWERED)
    in_time = Q(asked_at__lt=OuterRef("first_replied_at"))
    return Ticket.objects.filter(
        created_at__gte=since, requester__objected_to_training_at=None
    ).filter(
        ((_LATE | _BAD) & ~Exists(kept))
        | (_BAD & Exists(answered))
        | (_LATE & Exists(answered.filter(in_time)))
    )


def of_drafts(keys: Sequence[int]) -> int:
    """Keep what these drafts left open, and what they answered; return how many questions."""
    rows = Draft.objects.filter(pk__in=keys).select_related("ticket__requester", "message")
    return _keep(question for draft in rows.order_by("pk") for question in _of_draft(draft))


def of_tickets(keys: Sequence[int]) -> int:
    """Say of what counted as answered that it was not, and keep the first message of the
    tickets of which nothing is kept; return how many questions."""
    bad = set(Ticket.objects.filter(_BAD, pk__in=keys).values_list("pk", flat=True))
    answered = GapQuestion.objects.filter(ticket__in=keys, why=GapQuestion.Why.ANSWERED)
    changed = _ask_again(answered.filter(ticket__in=bad), GapQuestion.Why.RATED_BADLY)
    late = answered.exclude(ticket__in=bad).filter(
        ticket__first_replied_at__gt=F("ticket__due_at"),
        asked_at__lt=F("ticket__first_replied_at"),
    )
    changed += _ask_again(late, GapQuestion.Why.LATE)
    asked = Message.objects.from_requester().filter(
        ticket__in=keys, ticket__gap_questions__isnull=True
    )
    first = {
        message.ticket_id: message
        for message in asked.select_related("ticket__requester").order_by("-created_at")
    }
    return changed + _keep(
        _question(
            message.ticket,
            message,
            0,
            f"{message.ticket.subject}. {message.body[:300]}",
            GapQuestion.Why.RATED_BADLY if key in bad else GapQuestion.Why.LATE,
        )
        for key, message in sorted(first.items())
    )


def _ask_again(rows: QuerySet[GapQuestion], why: GapQuestion.Why) -> int:
    """Take them out of their gaps, to be grouped as what was not answered; how many.

    The night groups what comes after the newest question of the last one, so they get the
    numbers of new ones. Text and vector stay.
    """
    sequence = Func(
        Value(GapQuestion._meta.db_table), Value("id"), function="pg_get_serial_sequence"
    )
    number = Func(sequence, function="nextval", output_field=BigIntegerField())
    return rows.update(id=number, why=why, gap=None)


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
