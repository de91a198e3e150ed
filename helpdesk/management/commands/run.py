"""`manage.py run`: the whole helpdesk, ready to be used. Ctrl-C stops it."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from helpdesk.backing_services import BackingServiceError
from helpdesk.embedded import EmbeddedServiceError
from helpdesk.running.preparing import PreparationFailed
from helpdesk.running.starting import Options, run

EXPECTED_ERRORS = (BackingServiceError, EmbeddedServiceError, PreparationFailed)


class Command(BaseCommand):
    help = (
        "Start all that the helpdesk needs and the helpdesk itself. DATABASE_URL, REDIS_URL "
        "and EMAIL_URL replace the embedded database, broker and mail catcher."
    )
    # The checks ask the database, which is only about to be started.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--port", type=int, default=8000, help="the next free one if it is taken"
        )
        parser.add_argument("--data-dir", type=Path, default=Path(settings.DATA_DIR))
        parser.add_argument("--no-demo", action="store_true", help="do not load the demo shop")
        parser.add_argument(
            "--no-demo-tickets", action="store_true", help="load its people and articles only"
        )

    def handle(
        self, *args: Any, host: str, port: int, data_dir: Path, no_demo: bool, **options: Any
    ) -> None:
        wanted = Options(
            host,
            port,
            data_dir.resolve(),
            with_demo=not no_demo,
            with_tickets=not options["no_demo_tickets"],
        )
        try:
            code = run(wanted, sys.stdout)
        except EXPECTED_ERRORS as exc:
            raise CommandError(str(exc)) from exc
        if code:
            sys.exit(code)
