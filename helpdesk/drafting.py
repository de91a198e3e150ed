"""Drafts for requesters' messages: read, write outside any transaction, re-check, store.

Hands the engine text and a viewer, never a ticket. Runs in the worker; knows no Celery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import structlog
from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    transaction,
)
from django.db.models import Max
from django.utils import timezone

from helpdesk import contradicted, holding, jobs, shadowing
from helpdesk.draft_jobs import job_key as job_key
from helpdesk.models import Citation, Draft, ErrorPromise, Job, Message, Ticket, TicketEvent
from helpdesk.sending import send_by_rule
from helpdesk.services import promises
from helpdesk.sureness import SURE
from knowledge.types import Viewer
from qa_engine import services as engine
from qa_engine.types import DraftRequest, DraftResult, Tone

log = structlog.get_logger(__name__)


#: What one ticket's texts or citations may do to a statement. A database that is away is not
#: among them: then nothing can be written, and the lease brings the jobs back.
UNSTORABLE = (DataError, IntegrityError, InternalError, ValueError)


@dataclass(frozen=True, slots=True)
class Written:
    """What the engine made of a message, to be stored as its draft number `attempt`."""

    message: Message
    attempt: int
    result: DraftResult
    job: Job | None = None


def draft_messages(claimed: Sequence[Job]) -> dict[int, str]:
    """Draft for each job whose message still waits for an answer."""
    waiting = _waiting_messages(claimed)
    todo = [(job, waiting[_message_id(job)]) for job in claimed if _message_id(job) in waiting]
    results = engine.write_drafts([request_for(message) for _, message in todo])
    written = [
        Written(message, _attempt(job), result, job)
        for (job, message), result in zip(todo, results, strict=True)
    ]
    return keep(written)


def keep(written: Sequence[Written]) -> dict[int, str]:
    """Store a batch; where one ticket's draft cannot be stored, all the others.

    Return the errors by job. No draft is written a second time for another's sake.
    """
    try:
        store_results(written)
    except (*UNSTORABLE, OperationalError):  # such as a deadlock with who writes replies
        return dict(filter(None, map(_kept_alone, written)))
    return {}


def _kept_alone(one: Written) -> tuple[int, str] | None:
    try:
        store_results([one])
    except UNSTORABLE as error:
        log.warning("draft_not_stored", message=one.message.pk, error=type(error).__name__)
        return (one.job.pk, type(error).__name__) if one.job else None
    return None


def store_result(*, message: Message, attempt: int, result: DraftResult) -> Draft | None:
    """Keep the engine's result as the ticket's waiting draft; None as `store_results` says."""
    return next(iter(store_results([Written(message, attempt, result)])), None)


@transaction.atomic
def store_results(written: Sequence[Written]) -> list[Draft]:
    """Keep the engine's results as their tickets' waiting drafts, and finish their jobs.

    All of a batch or none, in as many statements for many as for one, except where a rule
    sends. Left out is where the world has moved on: the requester wrote again, somebody
    replied, or this attempt has been stored already.
    """
    jobs.finish([one.job for one in written if one.job is not None])
    tickets = _locked_tickets(written)
    wanted = _still_wanted(written, tickets)
    promised = _promises(tickets.values())
    drafts = [_draft(one, promised.get(one.message.ticket_id)) for one in wanted]
    Draft.objects.waiting().filter(ticket__in=[draft.ticket_id for draft in drafts]).update(
        state=Draft.State.SUPERSEDED
    )
    Draft.objects.bulk_create(drafts)
    Citation.objects.bulk_create(
        row
        for draft, one in zip(drafts, wanted, strict=True)
        for row in _citations(draft, one.result)
    )
    holding.hold_waiting(drafts)
    contradicted.hold_waiting(drafts)
    shadowing.ask_for_shadows(drafts)
    TicketEvent.objects.bulk_create(_event(draft) for draft in drafts)
    for draft in drafts:
        key = draft.ticket_id
        send_by_rule(draft=draft, ticket=tickets[key], promise=promised.get(key))
    return drafts


def _locked_tickets(written: Sequence[Written]) -> dict[int, Ticket]:
    """Locked in one order by every worker, so that two of them cannot wait for each other."""
    keys = {one.message.ticket_id for one in written}
    rows = Ticket.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {ticket.pk: ticket for ticket in rows}


def _promises(tickets: Iterable[Ticket]) -> dict[int, ErrorPromise]:
    """What each ticket's queue promises, by the ticket's key."""
    queues = {ticket.pk: ticket.queue_id for ticket in tickets}
    rows = {row.queue_id: row for row in ErrorPromise.objects.filter(queue__in=queues.values())}
    return {key: rows[queue] for key, queue in queues.items() if queue in rows}


def _still_wanted(written: Sequence[Written], tickets: Mapping[int, Ticket]) -> list[Written]:
    """At most one a ticket: of its newest message the latest attempt."""
    keys = [one.message.pk for one in written]
    unanswered = set(Message.objects.filter(pk__in=keys).unanswered().values_list("pk", flat=True))
    latest = dict(
        Draft.objects.filter(message__in=keys)
        .order_by()
        .values_list("message")
        .annotate(most=Max("attempt"))
    )
    wanted: dict[int, Written] = {}
    for one in sorted(written, key=lambda one: (one.message.pk, one.attempt)):
        ticket = tickets.get(one.message.ticket_id)
        if ticket is None or not ticket.is_active or one.message.pk not in unanswered:
            continue
        if latest.get(one.message.pk, 0) < one.attempt:
            wanted[ticket.pk] = one
    return list(wanted.values())


def _draft(one: Written, promise: ErrorPromise | None) -> Draft:
    result = one.result
    own = result.own_confidence
    draft = Draft(
        ticket_id=one.message.ticket_id,
        message=one.message,
        attempt=one.attempt,
        fingerprint=result.fingerprint,
        body=result.body,
        reason=result.reason or "",
        confidence=result.confidence,
        own_confidence=own if own is not None else result.confidence,
        questions=[asdict(question) for question in result.questions],
        seconds=result.seconds,
        grounding=asdict(result.grounding) if result.grounding else {},
    )
    draft.is_sure = promises.is_sure(draft, promise, otherwise=SURE)
    return draft


def _event(draft: Draft) -> TicketEvent:
    return TicketEvent(
        ticket_id=draft.ticket_id,
        kind=TicketEvent.Kind.DRAFTED if draft.body else TicketEvent.Kind.ABSTAINED,
        data={"draft": draft.pk, "confidence": round(draft.confidence, 3)}
        | ({"reason": str(draft.reason)} if draft.reason else {}),
        created_at=timezone.now(),
    )


def _waiting_messages(claimed: Sequence[Job]) -> dict[int, Message]:
    """Those of the jobs' messages that still wait for an answer, with what a draft needs."""
    rows = (
        Message.objects.from_requester()
        .unanswered()
        .filter(pk__in=[_message_id(job) for job in claimed], ticket__status__in=Ticket.ACTIVE)
        .select_related("ticket__requester", "ticket__queue")
        .prefetch_related("ticket__requester__reader_groups")
    )
    return {message.pk: message for message in rows}


def _message_id(job: Job) -> int:
    return int(job.key.split(":")[0])


def _attempt(job: Job) -> int:
    return int(job.key.split(":")[1])


def request_for(message: Message) -> DraftRequest:
    ticket = message.ticket
    return DraftRequest(
        text=message.body,
        subject=ticket.subject,
        requester_name=ticket.requester.name,
        language=ticket.language,
        signature=ticket.queue.signature,
        segment=ticket.queue.slug,
        tone=Tone(ticket.queue.tone),
        references=(ticket.order_reference,) if ticket.order_reference else (),
        viewer=Viewer.as_customer(ticket.requester),  # it quotes only what they may read
    )


def _citations(draft: Draft, result: DraftResult) -> list[Citation]:
    numbers: dict[tuple[int, int, int], int] = {}
    rows = []
    for sentence in result.sentences:
        for evidence in sentence.evidence:
            place = (evidence.revision_id, evidence.start, evidence.end)
            rows.append(
                Citation(
                    draft=draft,
                    number=numbers.setdefault(place, len(numbers) + 1),
                    sentence_start=sentence.start,
                    sentence_end=sentence.end,
                    revision_id=evidence.revision_id,
                    start=evidence.start,
                    end=evidence.end,
                    quote=evidence.quote,
                    heading_path=evidence.heading_path[:400],
                    score=evidence.score,
                )
            )
    return rows
