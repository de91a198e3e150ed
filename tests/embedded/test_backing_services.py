"""A database or broker that somebody brings must be recent enough."""

import pytest

from helpdesk.backing_services import (
    BackingServiceError,
    broker_problem,
    check_broker,
    check_database,
    database_problem,
    version_numbers,
)
from helpdesk.embedded import Endpoints
from helpdesk.embedded.ports import free_port


def test_the_embedded_services_pass(endpoints: Endpoints) -> None:
    check_database(endpoints.database_url)
    check_broker(endpoints.redis_url)


def test_a_database_without_the_extension_passes_when_it_can_be_installed(
    endpoints: Endpoints,
) -> None:
    check_database(endpoints.database_url.removesuffix("helpdesk") + "postgres")


def test_what_does_not_answer_is_named_without_its_password() -> None:
    port = free_port()
    with pytest.raises(BackingServiceError, match=rf"127\.0\.0\.1:{port} .DATABASE_URL") as caught:
        check_database(f"postgresql://me:secret@127.0.0.1:{port}/mine")
    assert "secret" not in str(caught.value)
    with pytest.raises(BackingServiceError, match=rf"127\.0\.0\.1:{port} .REDIS_URL") as caught:
        check_broker(f"redis://:secret@127.0.0.1:{port}/0")
    assert "secret" not in str(caught.value)


def test_a_wrong_address_is_one_clear_error() -> None:
    with pytest.raises(BackingServiceError, match="REDIS_URL"):
        check_broker("not a url")
    with pytest.raises(BackingServiceError, match="DATABASE_URL"):
        check_database("not a url")


@pytest.mark.parametrize(
    ("server_version", "vector", "is_installable", "problem"),
    [
        (150004, "0.7.0", True, None),
        (180001, "0.8.5", True, None),
        (180001, "0.10.0", True, None),
        (140012, "0.8.5", True, "PostgreSQL 14 is too old"),
        (90624, None, True, "PostgreSQL 9 is too old"),
        (150004, None, True, "pgvector is not there"),
        (160000, "0.6.2", True, "pgvector 0.6.2 is too old"),
        (160000, "0.8.5", False, "may not install it"),
    ],
)
def test_database_versions(
    server_version: int, vector: str | None, is_installable: bool, problem: str | None
) -> None:
    found = database_problem(server_version, vector, is_installable=is_installable)
    assert found is None if problem is None else problem in (found or "")


@pytest.mark.parametrize(
    ("version", "is_fine"),
    [("6.0.0", True), ("7.2.4", True), ("10.0.1", True), ("5.0.14", False), ("", False)],
)
def test_broker_versions(version: str, is_fine: bool) -> None:
    assert (broker_problem(version) is None) is is_fine


def test_version_numbers_stop_at_the_first_word() -> None:
    assert version_numbers("0.8.5") == (0, 8, 5)
    assert version_numbers("7.0-rc1") == (7, 0)
    assert version_numbers("unknown") == ()
