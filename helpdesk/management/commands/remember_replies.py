"""`manage.py remember_replies`: drafts lean on what agents answered before this was kept.

What agents send from now on is remembered by itself. May be run again, and stopped, at any time.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from helpdesk import learning
from helpdesk.models import Ticket


class Command(BaseCommand):
    help = (
        "Keep which sentences of the articles agents answered past tickets with, so that drafts "
        "for like questions find them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=365, help="how far back (365)")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        since = timezone.now() - timedelta(days=days)
        tickets = Ticket.objects.filter(
            created_at__gte=since,
            first_replied_at__isnull=False,
            requester__objected_to_training_at=None,
        ).order_by("-created_at")
        numbers = list(tickets.values_list("pk", flat=True))
        kept = 0
        for count, ticket_id in enumerate(numbers, start=1):
            kept += learning.remember(ticket_id)
            if count % 100 == 0 or count == len(numbers):
                self.stdout.write(f"{count}/{len(numbers)} tickets, {kept} sentences")
        if not numbers:
            self.stdout.write(f"No ticket of the last {days} days has a reply.")
