"""Real servers for real tests: one pair for the whole run, which tests may kill at will.

`start()` finds or repairs it before each test, which is itself what is being tested.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from helpdesk.embedded import Endpoints, Services


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HELPDESK_PG_PORT", "HELPDESK_VALKEY_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def open_dir() -> Iterator[Path]:
    """A directory that every account can reach, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="embedded-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def shared_services(open_dir: Path) -> Iterator[Services]:
    services = Services(open_dir / "data", runtime_dir=open_dir / "runtime")
    yield services
    services.remove()


@pytest.fixture
def services(shared_services: Services) -> Services:
    shared_services.start()
    return shared_services


@pytest.fixture
def endpoints(services: Services) -> Endpoints:
    found = services.endpoints()
    assert found is not None
    return found


@pytest.fixture
def database(endpoints: Endpoints) -> Iterator[psycopg.Connection]:
    with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def broker(endpoints: Endpoints) -> Iterator[Redis]:
    with Redis.from_url(endpoints.redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
def new_services(open_dir: Path, tmp_path: Path) -> Iterator[Callable[[], Services]]:
    """Makes another, empty pair of services, which is removed after the test."""
    made: list[Services] = []

    def make() -> Services:
        data_dir = open_dir / f"{tmp_path.name}-{len(made)}"
        made.append(Services(data_dir, runtime_dir=open_dir / "runtime"))
        return made[-1]

    yield make
    for services in made:
        services.remove()
        shutil.rmtree(services.data_dir, ignore_errors=True)
