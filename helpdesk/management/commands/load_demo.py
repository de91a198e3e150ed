"""`manage.py load_demo`: the demo shop, for trying things out. Safe to run again."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from helpdesk.demo import passwords, records
from helpdesk.demo.editorial import load_editorial
from helpdesk.demo.loading import load_tickets
from helpdesk.demo.people import load_macros, load_organizations, load_people, load_queues
from knowledge.models import Publication

WRITTEN_BEFORE = timedelta(days=365)


class Command(BaseCommand):
    help = (
        "Load the demo shop: people with random passwords, articles, and tickets in every "
        "state. What is there already is left alone. Nothing is mailed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-tickets", action="store_true", help="people and articles only")

    def handle(self, *args: Any, no_tickets: bool, verbosity: int, **options: Any) -> None:
        started = timezone.now()
        people = load_people(settings.DATA_DIR)
        queues, organizations = load_queues(), load_organizations()
        load_macros(queues)
        call_command(
            "import_articles",
            records.ARTICLES,
            verbosity=verbosity,
            stdout=self.stdout,
            stderr=self.stderr,
        )
        # The demo's tickets go back for weeks, and its articles were there to answer them.
        Publication.objects.filter(shown_from__gte=started).update(
            shown_from=started - WRITTEN_BEFORE
        )
        call_command(
            "import_sources",
            records.SOURCES,
            verbosity=verbosity,
            stdout=self.stdout,
            stderr=self.stderr,
        )
        load_editorial(people)
        tickets = 0
        if not no_tickets:
            tickets = load_tickets(people=people, queues=queues, organizations=organizations)
        if verbosity > 0:
            where = settings.DATA_DIR / passwords.FILE_NAME
            summary = f"{len(people)} people (passwords in {where}), {tickets} new tickets."
            self.stdout.write(self.style.SUCCESS(summary))
