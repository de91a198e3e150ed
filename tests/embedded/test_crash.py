"""Committed data outlives kill -9, and the next start repairs what is left."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from helpdesk.embedded import Endpoints, Services
from helpdesk.embedded.account import service_account


def children_of(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, check=True, text=True
    ).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return [child for child, parent in pairs if parent == pid]


def pid_of(services: Services, name: str) -> int:
    pid = next(status.pid for status in services.status() if status.name == name)
    assert pid is not None
    return pid


def kill_postgres(services: Services, *, with_children: bool) -> None:
    postmaster = pid_of(services, "postgres")
    victims = [postmaster, *(children_of(postmaster) if with_children else [])]
    for victim in victims:
        os.kill(victim, signal.SIGKILL)


def write_rows(endpoints: Endpoints, count: int) -> None:
    with psycopg.connect(endpoints.database_url) as connection:
        connection.execute("DROP TABLE IF EXISTS crash")
        connection.execute("CREATE TABLE crash AS SELECT generate_series(1, %s) AS n", [count])


def count_rows(endpoints: Endpoints) -> int:
    with psycopg.connect(endpoints.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM crash").fetchone()
    assert row is not None
    return int(row[0])


def test_committed_rows_survive_kill_9(services: Services, endpoints: Endpoints) -> None:
    write_rows(endpoints, 1000)
    kill_postgres(services, with_children=True)
    assert services.start() == endpoints
    assert count_rows(endpoints) == 1000


def test_a_killed_postmaster_with_live_backends(services: Services, endpoints: Endpoints) -> None:
    write_rows(endpoints, 1000)
    with psycopg.connect(endpoints.database_url):
        kill_postgres(services, with_children=False)
        assert services.start() == endpoints
    assert count_rows(endpoints) == 1000


def test_acknowledged_keys_survive_kill_9(
    services: Services, endpoints: Endpoints, broker: Redis
) -> None:
    for number in range(100):
        broker.rpush("crash", number)
    length = broker.llen("crash")
    os.kill(pid_of(services, "valkey"), signal.SIGKILL)
    assert services.start() == endpoints  # above all on the same port
    broker.connection_pool.disconnect()
    assert broker.llen("crash") == length


def test_an_old_process_id_that_belongs_to_somebody_else_by_now(
    services: Services, endpoints: Endpoints
) -> None:
    write_rows(endpoints, 10)
    kill_postgres(services, with_children=True)
    os.kill(pid_of(services, "valkey"), signal.SIGKILL)
    account = service_account()
    with subprocess.Popen(
        ["/bin/sleep", "60"],
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    ) as stranger:
        for file in (
            services.data_dir / "postgres" / "postmaster.pid",
            services.data_dir / "valkey" / "valkey.pid",
        ):
            replace_first_line(file, str(stranger.pid))
        assert [status.state for status in services.status()] == ["dead", "dead"]
        assert services.start() == endpoints
        assert stranger.poll() is None
        stranger.kill()
    assert count_rows(endpoints) == 10


def replace_first_line(file: Path, line: str) -> None:
    _, newline, rest = file.read_text().partition("\n")
    file.write_text(f"{line}{newline}{rest}")


def test_ports_stay_the_same_through_many_crashes(
    services: Services, endpoints: Endpoints
) -> None:
    for _ in range(5):
        for name in ("postgres", "valkey"):
            os.kill(pid_of(services, name), signal.SIGKILL)
        assert services.start() == endpoints


@pytest.mark.parametrize("is_running", [True, False])
def test_lost_passwords_are_replaced_and_the_data_kept(
    services: Services, endpoints: Endpoints, is_running: bool
) -> None:
    write_rows(endpoints, 10)
    with Redis.from_url(endpoints.redis_url) as client:
        client.set("kept", "yes")
    if not is_running:
        services.stop()
    (services.data_dir / "services.json").unlink()
    renewed = services.start()
    assert renewed != endpoints
    assert count_rows(renewed) == 10
    with Redis.from_url(renewed.redis_url) as client:
        assert client.get("kept") == b"yes"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(endpoints.database_url)
