"""Drafts for requesters' messages: read, write outside any transaction, re-check, store.

Hands the engine text and a viewer, never a ticket. Runs in the worker; knows no Celery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from helpdesk import holding, jobs, shadowing
from helpdesk.draft_jobs import job_key as job_key
from helpdesk.models import Citation, Draft, ErrorPromise, Job, Message, Ticket, TicketEvent
from helpdesk.sending import send_by_rule
from helpdesk.services import promises
from helpdesk.sureness import SURE
from knowledge.types import Viewer
from qa_engine import services as engine
from qa_engine.types import DraftRequest, DraftResult, Tone


def draft_messages(claimed: Sequence[Job]) -> dict[int, str]:
    """Draft for each job whose message still waits for an answer."""
    todo = [(job, message) for job in claimed if (message := _waiting_message(job))]
    results = engine.write_drafts([request_for(message) for _, message in todo])
    for (job, message), result in zip(todo, results, strict=True):
        store_result(message=message, attempt=_attempt(job), result=result, job=job)
    return {}


@transaction.atomic
def store_result(
    *, message: Message, attempt: int, result: DraftResult, job: Job | None = None
) -> Draft | None:
    """Keep the engine's result as the ticket's waiting draft, and finish its job with it.

    None where the world has moved on: the requester wrote again, somebody replied, or
    this attempt has been stored already.
    """
    if job is not None:
        jobs.finish([job])
    ticket = Ticket.objects.select_for_update().filter(pk=message.ticket_id).first()
    if ticket is None or not is_waiting_for_answer(ticket, message):
        return None
    if Draft.objects.filter(message=message, attempt__gte=attempt).exists():
        return None
    Draft.objects.waiting().filter(ticket=ticket).update(state=Draft.State.SUPERSEDED)
    own = result.own_confidence
    draft = Draft.objects.create(
        ticket=ticket,
        message=message,
        attempt=attempt,
        fingerprint=result.fingerprint,
        body=result.body,
        reason=result.reason or "",
        confidence=result.confidence,
        own_confidence=own if own is not None else result.confidence,
        questions=[asdict(question) for question in result.questions],
        seconds=result.seconds,
        grounding=asdict(result.grounding) if result.grounding else {},
    )
    Citation.objects.bulk_create(_citations(draft, result))
    holding.hold_waiting([draft])
    shadowing.ask_for_shadow(draft)
    TicketEvent.objects.create(
        ticket=ticket,
        kind=TicketEvent.Kind.DRAFTED if result.body else TicketEvent.Kind.ABSTAINED,
        data={"draft": draft.pk, "confidence": round(result.confidence, 3)}
        | ({"reason": str(result.reason)} if result.reason else {}),
        created_at=timezone.now(),
    )
    _say_how_sure(draft, ticket)
    return draft


def _say_how_sure(draft: Draft, ticket: Ticket) -> None:
    """By what the queue promises; then its rule may send the draft, if one is switched on."""
    promise = ErrorPromise.objects.filter(queue=ticket.queue_id).first()
    if promises.is_sure(draft, promise, otherwise=SURE):
        draft.is_sure = True
        draft.save(update_fields=["is_sure"])
    send_by_rule(draft=draft, ticket=ticket, promise=promise)


def is_waiting_for_answer(ticket: Ticket, message: Message) -> bool:
    """The ticket is active and nobody has written publicly after this message."""
    later = ticket.messages.filter(
        kind=Message.Kind.REPLY, created_at__gte=message.created_at
    ).exclude(pk=message.pk)
    return ticket.is_active and not later.filter(pk__gt=message.pk).exists()


def _waiting_message(job: Job) -> Message | None:
    message = (
        Message.objects.from_requester()
        .select_related("ticket__requester", "ticket__queue", "author")
        .filter(pk=int(job.key.split(":")[0]))
        .first()
    )
    return message if message and is_waiting_for_answer(message.ticket, message) else None


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
        viewer=Viewer.of(None),  # a draft quotes only what its requester may read
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
