"""What a start gives, and that it is found again."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.retry import Retry

from helpdesk.embedded import Endpoints, Services
from helpdesk.embedded.postgres import shared_buffers

NO_RETRY = Retry(NoBackoff(), 0)
START_AND_PRINT = """
import dataclasses, json, os, pathlib, signal, sys
from helpdesk.embedded import Services
services = Services(pathlib.Path(sys.argv[1]), runtime_dir=pathlib.Path(sys.argv[2]))
print(json.dumps(dataclasses.asdict(services.start())), flush=True)
if "die" in sys.argv:
    os.killpg(0, signal.SIGKILL)
"""


def start_in_another_process(services: Services, *more: str) -> subprocess.Popen[str]:
    runtime = services.data_dir.parent / "runtime"
    return subprocess.Popen(
        [sys.executable, "-c", START_AND_PRINT, str(services.data_dir), str(runtime), *more],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )


def setting(database: psycopg.Connection, name: str) -> str:
    row = database.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def pids(services: Services) -> list[int | None]:
    return [status.pid for status in services.status()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("password_encryption", "scram-sha-256"),
        ("max_connections", "100"),
        ("random_page_cost", "1.1"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
    ],
)
def test_postgres_runs_with(database: psycopg.Connection, name: str, value: str) -> None:
    assert setting(database, name) == value


@pytest.mark.parametrize(
    ("gigabytes", "value"), [(1, "256MB"), (8, "512MB"), (24, "1536MB"), (256, "2048MB")]
)
def test_more_memory_holds_more_of_the_tables(gigabytes: int, value: str) -> None:
    assert shared_buffers(gigabytes * 2**30) == value


def test_fsync_is_shown_as_on(database: psycopg.Connection) -> None:
    row = database.execute("SHOW fsync").fetchone()
    assert row == ("on",)


def test_the_database_has_its_extensions(database: psycopg.Connection) -> None:
    rows = database.execute("SELECT extname, extversion FROM pg_extension").fetchall()
    versions: dict[str, str] = dict(rows)
    assert {"vector", "pg_trgm", "unaccent"} <= versions.keys()
    assert tuple(map(int, versions["vector"].split("."))) >= (0, 7)
    assert database.info.dbname == "helpdesk"
    assert database.info.server_version // 10000 == 18


def test_letters_beyond_ascii_are_letters(database: psycopg.Connection) -> None:
    row = database.execute(
        "SELECT lower('ÄÖ'), unaccent('Größe'), similarity('Größe', 'größe'), show_trgm('ÄÖ')"
    ).fetchone()
    assert row is not None
    assert row[:3] == ("äö", "Grosse", 1.0)
    assert row[3], "pg_trgm found no trigrams"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appendonly", "yes"),
        ("appendfsync", "everysec"),
        ("maxmemory-policy", "noeviction"),
        ("bind", "127.0.0.1"),
    ],
)
def test_valkey_runs_with(broker: Redis, name: str, value: str) -> None:
    assert broker.config_get(name) == {name: value}


def test_a_wrong_password_is_refused(endpoints: Endpoints, services: Services) -> None:
    postgres, valkey = services.status()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://helpdesk:wrong@127.0.0.1:{postgres.port}/helpdesk")
    assert valkey.port is not None
    with (
        Redis(host="127.0.0.1", port=valkey.port, password="wrong", retry=NO_RETRY) as client,
        pytest.raises(AuthenticationError),
    ):
        client.ping()


def test_passwords_stay_out_of_command_lines(services: Services) -> None:
    state = json.loads((services.data_dir / "services.json").read_text())
    shown = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, check=True).stdout
    assert state["postgres"]["password"].encode() not in shown
    assert state["valkey"]["password"].encode() not in shown
    assert state["postgres"]["password"] not in " ".join(services.psql_argv())


def test_the_state_is_for_its_owner_only(services: Services) -> None:
    assert stat.S_IMODE((services.data_dir / "services.json").stat().st_mode) == 0o600
    for log in (services.data_dir / "log").iterdir():
        assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_second_start_finds_the_first(services: Services, endpoints: Endpoints) -> None:
    before = pids(services)
    assert services.start() == endpoints
    assert Services(services.data_dir).endpoints() == endpoints
    assert pids(services) == before


def test_a_link_to_the_data_directory_leads_to_the_same(
    services: Services, endpoints: Endpoints, open_dir: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(services.data_dir)
    linked = Services(link, runtime_dir=open_dir / "runtime")
    assert linked.start() == endpoints
    assert pids(linked) == pids(services)


def test_two_starts_at_once_give_one_server(new_services: Callable[[], Services]) -> None:
    services = new_services()
    starts = [start_in_another_process(services) for _ in range(2)]
    outputs = [start.communicate(timeout=60)[0] for start in starts]
    assert outputs[0] == outputs[1]
    endpoints = services.endpoints()
    assert endpoints is not None
    assert json.loads(outputs[0]) == asdict(endpoints)
    shown = subprocess.run(
        ["ps", "-ww", "-eo", "args"], capture_output=True, check=True, text=True
    ).stdout
    assert shown.count(f"-D {services.data_dir}/postgres ") == 1
    assert [status.state for status in services.status()] == ["running", "running"]


def test_servers_outlive_whoever_started_them(services: Services, endpoints: Endpoints) -> None:
    services.stop()
    start = start_in_another_process(services, "die")
    output, _ = start.communicate(timeout=60)
    assert start.returncode == -signal.SIGKILL
    assert json.loads(output) == asdict(endpoints)
    before = pids(services)
    assert services.start() == endpoints
    assert pids(services) == before


def test_stopping_keeps_what_is_remembered(services: Services, endpoints: Endpoints) -> None:
    with Redis.from_url(endpoints.redis_url) as client:
        client.set("kept", "yes")
    running = services.status()
    assert [status.state for status in running] == ["running", "running"]
    services.stop()
    stopped = services.status()
    assert [(status.state, status.pid) for status in stopped] == [("stopped", None)] * 2
    assert [status.port for status in stopped] == [status.port for status in running]
    assert services.endpoints() == endpoints
    services.stop()  # stopping twice is no error
    assert services.start() == endpoints
    with Redis.from_url(endpoints.redis_url) as client:
        assert client.get("kept") == b"yes"


def test_nothing_is_remembered_or_written_before_the_first_start(
    new_services: Callable[[], Services],
) -> None:
    services = new_services()
    assert services.endpoints() is None
    assert [status.state for status in services.status()] == ["stopped", "stopped"]
    services.stop()
    assert not services.data_dir.exists()


def test_one_service_alone(open_dir: Path) -> None:
    services = Services(
        open_dir / "broker only", wanted=["valkey"], runtime_dir=open_dir / "runtime"
    )
    try:
        with Redis.from_url(services.start().redis_url) as client:
            assert client.ping()
        assert [status.name for status in services.status()] == ["valkey"]
        assert not (services.data_dir / "postgres").exists()
    finally:
        services.remove()


def test_psql(services: Services) -> None:
    finished = subprocess.run(
        [*services.psql_argv(), "-Atc", "SHOW fsync"],
        env=services.psql_env(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout.strip() == "on"


def test_the_package_imports_no_django() -> None:
    # Read from the sources: the project package around it sets up Celery, which does.
    package = Path(__file__).parents[2] / "helpdesk" / "embedded"
    for source in package.glob("*.py"):
        assert "django" not in source.read_text(encoding="utf-8").replace("no Django", ""), source


@pytest.mark.skipif(os.geteuid() != 0, reason="only root switches accounts")
def test_root_finds_another_place_when_the_account_cannot_reach_the_data(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    services = Services(tmp_path / "data")
    try:
        endpoints = services.start()
        elsewhere = Path(services.status()[0].data_dir).parent
        assert elsewhere != services.data_dir
        assert (services.data_dir / "log" / "postgres.log").exists()
        with psycopg.connect(endpoints.database_url) as connection:
            assert setting(connection, "fsync") == "on"
        assert (elsewhere / "postgres").stat().st_uid != 0
        services.stop()
        assert services.start() == endpoints
    finally:
        services.remove()
    assert not elsewhere.exists()
