"""`manage.py services`: the embedded PostgreSQL and Valkey, by hand."""

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from helpdesk.embedded import ALL_SERVICES, EmbeddedServiceError, Services, ServiceStatus

EXIT_NOT_RUNNING = 3


class Command(BaseCommand):
    help = "Start, stop or look at the embedded PostgreSQL and Valkey, or open psql."
    # It must work while there is no database for the checks to ask.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status", "psql"])
        parser.add_argument("psql_args", nargs="*", help="after --: passed on to psql")
        parser.add_argument("--json", action="store_true", help="status for machines")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if options["psql_args"] and action != "psql":
            raise CommandError(f"{action} takes no arguments")
        # Settings may leave out a service that DATABASE_URL or REDIS_URL replaces.
        wanted = getattr(settings, "EMBEDDED_SERVICES", ALL_SERVICES)
        services = Services(settings.DATA_DIR, wanted=wanted)
        try:
            self._act(services, action, options)
        except EmbeddedServiceError as exc:
            raise CommandError(str(exc)) from exc

    def _act(self, services: Services, action: str, options: dict[str, Any]) -> None:
        if action == "psql":
            # psql takes over the terminal, and Ctrl-C with it.
            argv = [*services.psql_argv(), *options["psql_args"]]
            os.execve(argv[0], argv, services.psql_env())
        if action == "start":
            services.start()
        elif action == "stop":
            services.stop()
        statuses = services.status()
        self._show(statuses, as_json=options["json"])
        if action != "stop" and any(status.state != "running" for status in statuses):
            sys.exit(EXIT_NOT_RUNNING)

    def _show(self, statuses: list[ServiceStatus], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([asdict(status) for status in statuses], indent=2))
            return
        for status in statuses:
            self.stdout.write(_line(status))


def _line(status: ServiceStatus) -> str:
    if status.state == "running":
        where = f"port {status.port}, process {status.pid}, version {status.version}"
        return f"{status.name:<10}{status.state:<9}{where}, data in {status.data_dir}"
    return f"{status.name:<10}{status.state:<9}data in {status.data_dir}"
