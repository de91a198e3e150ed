"""Every trouble has a message that says what happened and what to do."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpdesk.embedded import EmbeddedServiceError, Services
from helpdesk.embedded.account import check_owner, service_account
from helpdesk.embedded.errors import explain
from helpdesk.embedded.ports import free_port
from helpdesk.embedded.runtime import check_free_space

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")


@pytest.fixture
def occupied_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def ports(services: Services) -> list[int | None]:
    return [status.port for status in services.status()]


def test_a_remembered_port_that_was_taken_gives_way(services: Services) -> None:
    services.stop()
    before = ports(services)
    assert before[0] is not None
    with socket.create_server(("127.0.0.1", before[0])):
        services.start()
        after = ports(services)
        assert after[0] != before[0]
        assert after[1] == before[1]
        assert [status.state for status in services.status()] == ["running", "running"]


@pytest.mark.parametrize("name", ["HELPDESK_PG_PORT", "HELPDESK_VALKEY_PORT"])
def test_a_forced_port_that_is_taken_is_an_error(
    services: Services, occupied_port: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.stop()
    monkeypatch.setenv(name, str(occupied_port))
    with pytest.raises(EmbeddedServiceError, match=f"Port {occupied_port} .{name}. is taken"):
        services.start()


def test_forced_ports_are_used_and_remembered(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.stop()
    wanted = [free_port(), free_port()]
    monkeypatch.setenv("HELPDESK_PG_PORT", str(wanted[0]))
    monkeypatch.setenv("HELPDESK_VALKEY_PORT", str(wanted[1]))
    endpoints = services.start()
    assert ports(services) == wanted
    monkeypatch.delenv("HELPDESK_PG_PORT")
    assert services.start() == endpoints


def test_another_forced_port_while_running_is_an_error(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPDESK_PG_PORT", str(free_port()))
    with pytest.raises(EmbeddedServiceError, match="services stop"):
        services.start()


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1"])
def test_a_forced_port_that_is_none(
    services: Services, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.stop()
    monkeypatch.setenv("HELPDESK_PG_PORT", text)
    with pytest.raises(EmbeddedServiceError, match=f"HELPDESK_PG_PORT={text} is no port"):
        services.start()


def test_a_failed_start_shows_the_end_of_the_log(services: Services) -> None:
    services.stop()
    settings = services.data_dir / "postgres" / "postgresql.conf"
    before = settings.read_text()
    settings.write_text(f"{before}\nwork_mem = 'nonsense'\n")
    try:
        with pytest.raises(EmbeddedServiceError, match="work_mem") as caught:
            services.start()
    finally:
        settings.write_text(before)
    assert "PostgreSQL did not start" in str(caught.value)
    assert str(services.data_dir / "log" / "postgres.log") in str(caught.value)


def test_data_of_another_major_version(services: Services) -> None:
    services.stop()
    version = services.data_dir / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(EmbeddedServiceError, match=r"made by PostgreSQL 16.* is 18"):
            services.start()
    finally:
        version.write_text("18\n")


@as_root
@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_data_of_another_user(services: Services, name: str) -> None:
    services.stop()
    directory = services.data_dir / name
    account = service_account()
    os.chown(directory, 1, 1)
    try:
        with pytest.raises(EmbeddedServiceError, match=f"belongs to .*, but .*{account.name}"):
            services.start()
    finally:
        os.chown(directory, account.uid, account.gid)


@as_root
def test_somebody_elses_services_cannot_be_read(services: Services) -> None:
    account = service_account()
    finished = subprocess.run(
        ["/bin/cat", services.data_dir / "services.json"],
        user=account.user,
        group=account.group,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Permission denied" in finished.stderr


def test_the_owner_is_checked(tmp_path: Path) -> None:
    if service_account().is_other:
        with pytest.raises(EmbeddedServiceError, match="chown -R"):
            check_owner(tmp_path, service_account())
    else:
        with pytest.raises(EmbeddedServiceError, match="choose another data directory"):
            check_owner(Path("/"), service_account())


def test_a_full_disk_is_seen_before_anything_is_written(tmp_path: Path) -> None:
    check_free_space(tmp_path, needed=1)
    with pytest.raises(EmbeddedServiceError, match=f"too full.*{tmp_path}"):
        check_free_space(tmp_path, needed=2**62)


@as_root
def test_a_start_on_a_really_full_disk(open_dir: Path) -> None:
    small = open_dir / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=50m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        services = Services(small / "data", runtime_dir=small / "runtime")
        with pytest.raises(EmbeddedServiceError, match=r"The disk is too full: .* MB are free"):
            services.start()
        services.remove()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_logs_are_put_in_plain_words() -> None:
    full = "FATAL:  could not write lock file: No space left on device"
    assert "disk is full" in (explain(full) or "")
    taken = 'could not bind IPv4 address "127.0.0.1": Address already in use'
    assert "HELPDESK_PG_PORT" in (explain(taken) or "")
    assert explain("something new") is None


def test_a_damaged_state_file(new_services: Callable[[], Services]) -> None:
    services = new_services()
    services.data_dir.mkdir()
    state = services.data_dir / "services.json"
    state.write_text('{"postgres": ')
    with pytest.raises(EmbeddedServiceError, match=r"damaged. Delete it"):
        services.endpoints()
    with pytest.raises(EmbeddedServiceError, match=r"damaged. Delete it"):
        services.start()
    state.unlink()


def test_data_that_vanished_is_not_silently_replaced(services: Services) -> None:
    services.stop()
    state = services.data_dir / "services.json"
    before = state.read_text()
    state.write_text(before.replace("null", '"/nonexistent/draftdesk"'))
    try:
        with pytest.raises(EmbeddedServiceError, match="is gone"):
            services.start()
    finally:
        state.write_text(before)


def test_psql_before_the_first_start(new_services: Callable[[], Services]) -> None:
    with pytest.raises(EmbeddedServiceError, match="never started"):
        new_services().psql_argv()


@as_root
@pytest.mark.parametrize(
    ("name", "message"), [("nobody-has-this-name", "no system account"), ("root", "refuses")]
)
def test_an_account_that_cannot_serve(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPDESK_SERVICES_USER", name)
    with pytest.raises(EmbeddedServiceError, match=message):
        service_account()
