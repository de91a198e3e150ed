"""Sends queued messages, each once as far as SMTP allows.

A message walks queued → sending → sent or failed. Its Message-ID was stored with it, so
that a second try, after a worker died between sending and writing it down, carries the
same one and mail clients show it once: the requester would rather read an answer twice
than never.
"""

from __future__ import annotations

from collections.abc import Sequence
from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone

from helpdesk import jobs
from helpdesk.mail.composing import compose
from helpdesk.models import Job, Message, TicketEvent

log = structlog.get_logger(__name__)

#: Worth another try later; anything else is a bug and should be seen.
TRANSIENT_ERRORS = (SMTPException, OSError)


def deliver_messages(claimed: Sequence[Job]) -> dict[int, str]:
    """Mail each job's message over one connection; return the errors by job."""
    errors: dict[int, str] = {}
    connection = get_connection()
    for job in claimed:
        message = _take(int(job.key))
        if message is None:
            continue
        try:
            connection.open()
            connection.send_messages([compose(message, connection)])
        except TRANSIENT_ERRORS as exc:
            errors[job.pk] = f"{type(exc).__name__}: {exc}"[:500]
            _give_back(message, errors[job.pk], for_good=_is_last(job))
        else:
            _mark_sent(message, job)
    try:
        connection.close()
    except TRANSIENT_ERRORS as exc:
        log.info("mail_connection_lost", error=type(exc).__name__)
    return errors


def _take(message_id: int) -> Message | None:
    """Claim the message. `sending` is claimed too: its worker's lease has lapsed, else
    nobody else would hold its job."""
    due = Message.objects.filter(
        pk=message_id,
        delivery__in=[Message.Delivery.QUEUED, Message.Delivery.SENDING],
    )
    if not due.update(delivery=Message.Delivery.SENDING):
        return None
    return due.select_related("ticket__requester", "ticket__queue", "author").first()


@transaction.atomic
def _mark_sent(message: Message, job: Job) -> None:
    Message.objects.filter(pk=message.pk, delivery=Message.Delivery.SENDING).update(
        delivery=Message.Delivery.SENT, sent_at=timezone.now(), delivery_error=""
    )
    ticket = message.ticket
    references = [*ticket.mail_references, message.message_id]
    ticket.mail_references = references[:1] + references[1:][-19:]
    ticket.save(update_fields=["mail_references"])
    jobs.finish([job])


@transaction.atomic
def _give_back(message: Message, error: str, *, for_good: bool) -> None:
    state = Message.Delivery.FAILED if for_good else Message.Delivery.QUEUED
    Message.objects.filter(pk=message.pk, delivery=Message.Delivery.SENDING).update(
        delivery=state, delivery_error=error
    )
    if for_good:
        TicketEvent.objects.create(
            ticket=message.ticket,
            kind=TicketEvent.Kind.DELIVERY_FAILED,
            data={"message": message.pk},
        )


def _is_last(job: Job) -> bool:
    return job.attempts >= settings.JOB_MAX_ATTEMPTS
