"""A double click, or a form sent again, does its work once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import uuid4

from django.core.cache import cache
from django.db import connection, transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REMEMBERED_FOR = 6 * 3600  # seconds


def new_key() -> str:
    """For the hidden field of a form."""
    return uuid4().hex


@transaction.atomic
def only_once(key: str, act: Callable[[], int]) -> int:
    """What `act` returned the first time that it was called for `key`.

    Two at the same time wait for each other on a lock in the database, so the second
    finds what the first left. Without the cache the second does the work again: better
    twice than never. What `act` raises is not remembered.
    """
    if not key:
        return act()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    if (before := _recall(key)) is not None:
        return before
    result = act()
    try:
        cache.set(f"once:{key}", result, REMEMBERED_FOR)
    except (RedisError, OSError) as exc:
        logger.warning("cannot remember a form: %s", type(exc).__name__)
    return result


def _recall(key: str) -> int | None:
    try:
        found = cache.get(f"once:{key}")
    except (RedisError, OSError):
        return None
    return found if isinstance(found, int) else None
