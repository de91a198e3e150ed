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
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from helpdesk import jobs
from helpdesk.mail.composing import compose
from helpdesk.models import Job, Message, Ticket, TicketEvent

log = structlog.get_logger(__name__)

#: Worth another try later; anything else is a bug and should be seen.
TRANSIENT_ERRORS = (SMTPException, OSError)
UNSENT = (Message.Delivery.QUEUED, Message.Delivery.SENDING)
#: Message-IDs kept after the first: mail programs need the root and the newest.
MAX_REFERENCES = 19


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
            _give_back(message, errors[job.pk])
            close_quietly(connection)  # the next mail gets a connection of its own
        else:
            _mark_sent(message, job)
    close_quietly(connection)
    return errors


def give_up(job: Job) -> None:
    """The mail could not be sent, however often it was tried: say so on the ticket."""
    unsent = Message.objects.filter(pk=int(job.key), delivery__in=UNSENT)
    Ticket.objects.select_for_update().filter(messages__in=unsent).first()
    message = unsent.first()
    if message is None:
        return
    unsent.update(
        delivery=Message.Delivery.FAILED, delivery_error=message.delivery_error or job.last_error
    )
    TicketEvent.objects.create(
        ticket_id=message.ticket_id,
        kind=TicketEvent.Kind.DELIVERY_FAILED,
        data={"message": message.pk},
        created_at=timezone.now(),
    )


def close_quietly(connection: BaseEmailBackend) -> None:
    """Whatever was sent is sent, even where the server does not take leave."""
    try:
        connection.close()
    except TRANSIENT_ERRORS as exc:
        log.info("mail_connection_lost", error=type(exc).__name__)


def _take(message_id: int) -> Message | None:
    """Claim the message.

    `sending` is claimed too: the lease of its worker has lapsed, else nobody else would
    hold its job. So is `failed`: an admin has asked for another try.
    """
    due = Message.objects.filter(pk=message_id, delivery__in=[*UNSENT, Message.Delivery.FAILED])
    if not due.update(delivery=Message.Delivery.SENDING):
        return None
    return (
        Message.objects.filter(pk=message_id, delivery=Message.Delivery.SENDING)
        .select_related("ticket__requester", "ticket__queue", "author")
        .first()
    )


@transaction.atomic
def _mark_sent(message: Message, job: Job) -> None:
    # Locks: the job, then the ticket, then the message, as everywhere. The ticket's, because
    # another worker may be adding to its references at this moment.
    jobs.finish([job])
    ticket = Ticket.objects.select_for_update().get(pk=message.ticket_id)
    sent = Message.objects.filter(pk=message.pk, delivery=Message.Delivery.SENDING).update(
        delivery=Message.Delivery.SENT, sent_at=timezone.now(), delivery_error=""
    )
    if sent:
        references = [*ticket.mail_references, message.message_id]
        ticket.mail_references = references[:1] + references[1:][-MAX_REFERENCES:]
        ticket.save(update_fields=["mail_references"])


def _give_back(message: Message, error: str) -> None:
    Message.objects.filter(pk=message.pk, delivery=Message.Delivery.SENDING).update(
        delivery=Message.Delivery.QUEUED, delivery_error=error
    )
