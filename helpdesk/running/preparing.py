"""What has to be there before the programs start. Each step does only what is missing,
and returns a few words on what it did.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from helpdesk.backing_services import check_broker, check_database
from helpdesk.embedded import Services
from helpdesk.models import Job, Ticket, User
from knowledge.models import Article
from qa_engine.models import EmbeddingIndex

NOTHING = "nothing to do"
MANAGE = str(settings.BASE_DIR / "manage.py")


class PreparationFailed(Exception):
    """A step did not succeed; what it wrote says why."""


def start_services(services: Services, *, database_url: str, redis_url: str) -> bool:
    """Check what was brought, start the rest; whether anything had to be started.

    Raises BackingServiceError and EmbeddedServiceError.
    """
    if database_url:
        check_database(database_url)
    if redis_url:
        check_broker(redis_url)
    if database_url and redis_url:
        return False
    has_run = all(status.state == "running" for status in services.status())
    services.start()
    return not has_run


def free_leases() -> None:
    """Whoever held a lease died with the database that has just been started anew."""
    Job.objects.filter(state=Job.State.RUNNING).update(leased_until=timezone.now())


def migrate() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return NOTHING
    call_command("migrate", interactive=False, verbosity=0)
    return f"{len(plan)} migrations"


def collect_static() -> str:
    """Copy the pages' files where the web server finds them, if one has changed."""
    stamp = settings.STATIC_ROOT.with_name(f"{settings.STATIC_ROOT.name}.stamp")
    state = _static_state()
    if stamp.exists() and stamp.read_text() == state and settings.STATIC_ROOT.is_dir():
        return NOTHING
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)
    return ""


def load_demo(*, with_tickets: bool) -> str:
    """Only into an empty helpdesk: a shop's own data is not mixed with made-up people."""
    if any(model.objects.exists() for model in (Ticket, Article, User)):
        return NOTHING
    call_command("load_demo", no_tickets=not with_tickets, verbosity=0, stdout=StringIO())
    return f"{Article.objects.count()} articles, {Ticket.objects.count()} tickets"


def build_index(make_room: Callable[[], None]) -> str:
    """Embed all articles once; from then on the worker keeps up with changes.

    In a process of its own: this one stays small.
    """
    if EmbeddingIndex.objects.active() or not Article.objects.exists():
        return NOTHING
    make_room()
    queued = Job.objects.filter(kind=Job.Kind.INDEX, state=Job.State.QUEUED)
    done = list(queued.values_list("pk", flat=True))
    if subprocess.run([sys.executable, MANAGE, "build_index"], check=False).returncode:
        raise PreparationFailed("The articles could not be indexed.")
    queued.filter(pk__in=done).delete()
    return ""


def _static_state() -> str:
    """Changes when any of the files changes, or how they are stored."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
