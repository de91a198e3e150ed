"""A database beside the shop's own, so that measuring touches nothing of the shop's.

The engine reads through Django's default connection; within `scratch_database` that leads
to another database on the same server, made and migrated for the purpose.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.utils import ProgrammingError

_LONGEST_NAME = 63


class ScratchUnavailable(Exception):
    """No database can be made; the message says what the role lacks."""


@contextmanager
def scratch_database(label: str = "", *, keep: bool = False) -> Iterator[str]:
    """Everything inside reads and writes a database of its own; yields its name.

    With `keep` it stays, and the next call with the same label finds it as it was left;
    otherwise it is dropped, whatever happened inside.
    """
    if connection.in_atomic_block:
        raise ScratchUnavailable("A database cannot be made inside a transaction.")
    shop = connection.settings_dict["NAME"]
    suffix = f"_evaluation_{label[:16] if keep else os.getpid()}"
    name = f"{shop[: _LONGEST_NAME - len(suffix)]}{suffix}"
    quoted = connection.ops.quote_name(name)
    if not (keep and _exists(name)):
        _make(quoted)
    _connect_to(name)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        ContentType.objects.clear_cache()
        yield name
    finally:
        _connect_to(shop)
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _make(quoted: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quoted}")
    except ProgrammingError as error:
        raise ScratchUnavailable(
            f"The database role may not create a database to measure in: {error}"
        ) from error


def _connect_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()
