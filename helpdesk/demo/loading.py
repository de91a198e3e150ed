"""Puts the demo shop's tickets into the database; what is there already is left alone."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from helpdesk import drafting, jobs
from helpdesk.demo import records, threads
from helpdesk.demo.records import DemoTicket
from helpdesk.demo.threads import Thread
from helpdesk.models import (
    Job,
    Message,
    Organization,
    Queue,
    Tag,
    Ticket,
    TicketEvent,
    TicketRating,
    User,
)
from helpdesk.services.tickets import find_or_create_requester


@transaction.atomic
def load_tickets(
    *,
    people: Mapping[str, User],
    queues: Mapping[str, Queue],
    organizations: Mapping[str, Organization],
) -> int:
    """Add the tickets that are missing, with their threads; return how many.

    Those that wait for an answer get a draft as any new ticket does.
    """
    now = timezone.now()
    missing = [record for record in records.tickets() if not _is_there(record)]
    made = [
        threads.build(
            record,
            requester=_requester(record, organizations),
            agent=people.get(record.assignee),
            queue=queues[record.queue],
            now=now,
        )
        for record in missing
    ]
    _save(made)
    _tag(made, missing)
    for thread in made:
        newest = thread.messages[-1]
        if thread.ticket.is_active and newest.is_from_requester:
            jobs.enqueue(Job.Kind.DRAFT, drafting.job_key(newest, attempt=1))
    return len(made)


def _is_there(record: DemoTicket) -> bool:
    return Message.objects.filter(message_id=threads.message_id(record, 0)).exists()


def _requester(record: DemoTicket, organizations: Mapping[str, Organization]) -> User:
    user = find_or_create_requester(
        email=record.requester_email, name=record.requester_name, language=record.language
    )
    organization = organizations.get(user.email.rpartition("@")[2])
    if organization and user.organization is None:
        user.organization = organization
        user.save(update_fields=["organization"])
    return user


def _save(made: list[Thread]) -> None:
    Ticket.objects.bulk_create([thread.ticket for thread in made])
    Message.objects.bulk_create([row for thread in made for row in thread.messages])
    TicketEvent.objects.bulk_create([row for thread in made for row in thread.events])
    TicketRating.objects.bulk_create([thread.rating for thread in made if thread.rating])


def _tag(made: list[Thread], source: list[DemoTicket]) -> None:
    names = sorted({name for record in source for name in record.tags})
    tags = {
        name: Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name)
        for name in names
    }
    through = Ticket.tags.through
    through.objects.bulk_create(
        through(ticket_id=thread.ticket.pk, tag_id=tags[name].pk)
        for thread, record in zip(made, source, strict=True)
        for name in record.tags
    )
