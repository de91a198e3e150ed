"""`manage.py bench_nightly`: how long the nightly look for gaps takes, on made-up tickets."""

from __future__ import annotations

import csv
import json
import random
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from helpdesk import jobs, work
from helpdesk.gaps import DAYS
from helpdesk.models import Draft, Gap, GapNight, Job, Message, Queue, Ticket, User
from qa_engine.evaluation.metering import Meter, cores, peak_mb
from qa_engine.evaluation.scratch import scratch_database

CHUNK = 2000
#: Of the drafts; the others are answered.
ABSTAINED = 0.25
SEED = 7
OPENINGS = ("", "Hello, ", "Hi there. ", "Good morning! ", "Quick one: ", "Please help. ")
CLOSINGS = ("", " Thanks!", " Thank you in advance.", " It is urgent.", " Kind regards")


class Command(BaseCommand):
    help = (
        "Fill a database of its own with tickets and their drafts, run the nightly look for "
        "gaps over all of them, then once more over a day's new ones; prints JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--questions", type=Path, required=True, help="CSV, column `text`")
        parser.add_argument("--tickets", type=int, default=100_000)
        parser.add_argument("--new", type=int, default=1_000, help="tickets of the next day")

    def handle(self, *args: Any, questions: Path, tickets: int, new: int, **options: Any) -> None:
        try:
            with questions.open(encoding="utf-8", newline="") as file:
                texts = [row["text"] for row in csv.DictReader(file)]
        except (OSError, KeyError) as error:
            raise CommandError(f"{questions} is no CSV with a column `text`: {error}") from error
        jobs.on_nudge(lambda kind: None)  # no worker is to come and help
        with scratch_database():
            chance = random.Random(SEED)
            _fill(tickets, texts, chance)
            figures = {"cores": cores(), "tickets": tickets, "first": _night("first")}
            _fill(new, texts, chance)
            figures |= {"new": new, "next": _night("next"), "peak_mb": round(peak_mb())}
        self.stdout.write(json.dumps(figures, indent=2))


def _night(key: str) -> dict[str, Any]:
    meter = Meter()
    jobs.enqueue(Job.Kind.GAPS, key)
    while work.run_batch(Job.Kind.GAPS, limit=1):
        pass
    spent, night = meter.read(), GapNight.objects.get(key=key)
    return {
        "seconds": round(spent.wall, 1),
        "cpu_seconds": round(spent.cpu, 1),
        "finished": night.finished_at is not None,
        "gaps": Gap.objects.count(),
        "stages": night.figures,
    }


def _fill(count: int, texts: list[str], chance: random.Random) -> None:
    """Tickets with one message and one draft each, over the days that are looked at."""
    queue, _new = Queue.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    people = list(User.objects.order_by("pk")[:CHUNK]) or User.objects.bulk_create(
        User(email=f"person{number}@example.com", name=f"Person {number}", password="!")
        for number in range(CHUNK)
    )
    for first in range(0, count, CHUNK):
        asked = [
            chance.choice(OPENINGS) + chance.choice(texts) + chance.choice(CLOSINGS)
            for _number in range(min(CHUNK, count - first))
        ]
        tickets = Ticket.objects.bulk_create(
            Ticket(
                subject=text[:60],
                requester=chance.choice(people),
                queue=queue,
                created_at=timezone.now() - timedelta(days=chance.uniform(0, DAYS - 1)),
            )
            for text in asked
        )
        messages = Message.objects.bulk_create(
            Message(
                ticket=ticket,
                author_id=ticket.requester_id,
                is_from_requester=True,
                body=text,
                created_at=ticket.created_at,
            )
            for ticket, text in zip(tickets, asked, strict=True)
        )
        Draft.objects.bulk_create(_draft(message, chance) for message in messages)


def _draft(message: Message, chance: random.Random) -> Draft:
    is_answered = chance.random() >= ABSTAINED
    reason = None if is_answered else "no_passage"
    outcome = {"question": message.body, "is_answered": is_answered, "reason": reason}
    return Draft(
        ticket_id=message.ticket_id,
        message=message,
        fingerprint="bench",
        body="An answer." if is_answered else "",
        reason=reason or "",
        confidence=0.9 if is_answered else 0.0,
        questions=[outcome],
    )
