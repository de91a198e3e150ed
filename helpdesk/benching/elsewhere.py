"""Work in a process of its own, on a database that is named: what it takes counts for nobody.

Imports no models: the new process has yet to set Django up when it reads this.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

import django
from django.db import connection
from django.utils.module_loading import import_string


class WorkFailed(Exception):
    """The other process ended early; what it said is on stderr."""


def elsewhere(database: str, work: Callable[..., None], *args: object) -> None:
    """Run `work`, a function of a module, on the database, and wait for it."""
    connection.close()
    name = f"{work.__module__}.{work.__qualname__}"
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(database, name, args)
    )
    process.start()
    process.join()
    if process.exitcode:
        raise WorkFailed(f"{name} ended with {process.exitcode}")


def _run(database: str, name: str, args: tuple[object, ...]) -> None:
    django.setup()
    connection.settings_dict["NAME"] = database
    import_string(name)(*args)
