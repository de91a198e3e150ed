"""Work in a process of its own, on a database that is named: what it takes counts for nobody.

Imports no models: the new process has yet to set Django up when it reads this.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection

import django
from django.db import connection
from django.utils.module_loading import import_string


class WorkFailed(Exception):
    """The other process ended early; what it said is on stderr."""


def elsewhere(database: str, work: Callable[..., object], *args: object) -> object:
    """Run `work`, a function of a module, on the database, and wait for what it returns."""
    return beside(database, work, *args)()


def beside(database: str, work: Callable[..., object], *args: object) -> Callable[[], object]:
    """As `elsewhere`, without waiting: what is returned waits for it."""
    connection.close()
    name = f"{work.__module__}.{work.__qualname__}"
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(database, name, args, there))
    process.start()
    there.close()

    def found() -> object:
        try:
            told = here.recv()
        except EOFError:
            told = None
        process.join()
        if process.exitcode:
            raise WorkFailed(f"{name} ended with {process.exitcode}")
        return told

    return found


def _run(database: str, name: str, args: tuple[object, ...], there: Connection) -> None:
    django.setup()
    connection.settings_dict["NAME"] = database
    there.send(import_string(name)(*args))
