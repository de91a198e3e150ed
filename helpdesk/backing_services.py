"""Whether a database and a broker that somebody brought are recent enough.

For DATABASE_URL and REDIS_URL. Must not know the embedded services or Django.
"""

import re
from urllib.parse import urlsplit

import psycopg
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

MIN_POSTGRES = 15
MIN_VECTOR = (0, 7)
MIN_REDIS = (6,)
TIMEOUT_S = 10


class BackingServiceError(Exception):
    """The database or the broker cannot be used; the message says why and what to do."""


def check_database(url: str) -> None:
    """Raise unless `url` leads to PostgreSQL 15 or newer with pgvector 0.7 or newer."""
    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT_S) as connection:
            server_version = connection.info.server_version
            row = connection.execute(
                "SELECT coalesce(installed_version, default_version), installed_version IS NULL "
                "FROM pg_available_extensions WHERE name = 'vector'"
            ).fetchone()
            may_create = connection.execute(
                "SELECT has_database_privilege(current_database(), 'CREATE')"
            ).fetchone()
    except psycopg.Error as exc:
        reason = str(exc).strip().splitlines()[0] if str(exc).strip() else type(exc).__name__
        raise BackingServiceError(
            f"The database at {_place(url)} (DATABASE_URL) cannot be used: {reason}"
        ) from exc
    vector, is_missing = row or (None, True)
    problem = database_problem(
        server_version, vector, is_installable=not is_missing or bool(may_create and may_create[0])
    )
    if problem:
        raise BackingServiceError(f"The database at {_place(url)} (DATABASE_URL): {problem}")


def check_broker(url: str) -> None:
    """Raise unless `url` leads to Redis 6 or newer, or any Valkey."""
    try:
        with Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            version = str(client.info("server")["redis_version"])
    except (RedisError, ValueError) as exc:
        raise BackingServiceError(
            f"The broker at {_place(url)} (REDIS_URL) cannot be used: {exc}"
        ) from exc
    # Valkey tells clients the Redis version that it is compatible with, 7.2 or newer.
    if problem := broker_problem(version):
        raise BackingServiceError(f"The broker at {_place(url)} (REDIS_URL): {problem}")


def database_problem(
    server_version: int, vector: str | None, *, is_installable: bool
) -> str | None:
    """What is wrong with these versions; `server_version` as in 150004 for 15.4."""
    major = server_version // 10000
    if major < MIN_POSTGRES:
        return f"PostgreSQL {major} is too old. {MIN_POSTGRES} or newer is needed."
    needed = ".".join(map(str, MIN_VECTOR))
    if vector is None:
        return (
            f"the extension pgvector is not there. Install pgvector {needed} or newer on the "
            "database server."
        )
    if version_numbers(vector) < MIN_VECTOR:
        return (
            f"pgvector {vector} is too old. Install {needed} or newer on the database server, "
            "then run ALTER EXTENSION vector UPDATE."
        )
    if not is_installable:
        return (
            "the extension vector is not installed in this database and this user may not "
            "install it. Have an administrator run CREATE EXTENSION vector."
        )
    return None


def broker_problem(version: str) -> str | None:
    if version_numbers(version) < MIN_REDIS:
        return f"Redis {version} is too old. Redis 6 or newer, or Valkey, is needed."
    return None


def version_numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: (0, 8, 5) for "0.8.5", (7, 0) for "7.0-rc1"."""
    leading = re.match(r"\d+(?:\.\d+)*", version.strip())
    return tuple(int(number) for number in leading[0].split(".")) if leading else ()


def _place(url: str) -> str:
    """Host and port, for messages: never the password."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return "the given address"
