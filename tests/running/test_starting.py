"""What `make run` does before and around the programs it starts."""

from __future__ import annotations

import io
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from helpdesk.demo import passwords
from helpdesk.demo.passwords import DemoLogin
from helpdesk.models import Job, Ticket, User
from helpdesk.running import parts, preparing, readiness
from helpdesk.running.box import READY, Person, box
from helpdesk.running.parts import Plan
from helpdesk.running.steps import Steps
from helpdesk.running.templates import problems


@pytest.fixture
def static_root(settings, tmp_path) -> Path:
    settings.STATIC_ROOT = tmp_path / "static"
    return settings.STATIC_ROOT


def test_a_database_that_is_up_to_date_is_not_migrated(db):
    assert preparing.migrate() == preparing.NOTHING


def test_files_are_collected_once_and_again_when_one_has_changed(static_root, monkeypatch):
    calls = []
    monkeypatch.setattr(preparing, "call_command", lambda *args, **_kwargs: calls.append(args))

    assert preparing.collect_static() == ""
    assert preparing.collect_static() == preparing.NOTHING
    monkeypatch.setattr(preparing, "_static_state", lambda: "another")
    assert preparing.collect_static() == ""

    assert calls == [("collectstatic",)] * 2


def test_the_demo_is_loaded_into_an_empty_helpdesk_only(db, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    User.objects.create_user(email="owner@shop.example")

    assert preparing.load_demo(with_tickets=True) == preparing.NOTHING
    assert not Ticket.objects.exists()

    User.objects.all().delete()
    assert preparing.load_demo(with_tickets=True).endswith(f"{Ticket.objects.count()} tickets")
    assert Ticket.objects.exists()
    assert preparing.load_demo(with_tickets=True) == preparing.NOTHING


def test_articles_are_embedded_once(db, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    call_command("load_demo", no_tickets=True, verbosity=0)
    assert Job.objects.filter(kind=Job.Kind.INDEX).exists()

    class Finished:
        returncode = 0

    def build(_argv, check):
        call_command("build_index", verbosity=0, stdout=io.StringIO())
        return Finished()

    monkeypatch.setattr(preparing.subprocess, "run", build)
    assert preparing.build_index(lambda: None) == ""

    assert not Job.objects.filter(kind=Job.Kind.INDEX, state=Job.State.QUEUED).exists()
    monkeypatch.setattr(preparing.subprocess, "run", None)
    assert preparing.build_index(lambda: None) == preparing.NOTHING


def test_leases_of_workers_that_died_with_the_database_are_taken_back(db):
    later = timezone.now() + timedelta(minutes=5)
    Job.objects.create(
        kind="draft", key="1:1", state="running", leased_by="host:1", leased_until=later
    )

    preparing.free_leases()

    assert Job.objects.lapsed().count() == 1


def test_a_taken_port_is_passed_over():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        found = parts.free_port("127.0.0.1", port)

    assert found is not None
    assert found > port


def test_mail_is_caught_only_where_nothing_else_takes_it(tmp_path):
    without = parts.parts(Plan("127.0.0.1", 8000, tmp_path))
    with_catcher = parts.parts(Plan("127.0.0.1", 8000, tmp_path, mail_port=2525))

    assert [part.name for part in without] == ["models", "live", "web", "worker", "beat"]
    assert with_catcher[-1].name == "mail"
    assert "2525" in with_catcher[-1].argv


def test_live_questions_do_not_wait_behind_batches(tmp_path):
    models, live = parts.parts(Plan("127.0.0.1", 8000, tmp_path))[:2]

    assert models.argv[models.argv.index("--queues") + 1] == "models"
    assert live.argv[live.argv.index("--queues") + 1] == "live"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://localhost:8000"),
        ("192.168.1.5", "http://192.168.1.5:8000"),
        ("fd00::1", "http://[fd00::1]:8000"),
    ],
)
def test_the_box_names_an_address_that_can_be_opened(tmp_path, host, url):
    assert Plan(host, 8000, tmp_path).url == url


def test_steps_are_numbered_and_say_what_came_of_them():
    output = io.StringIO()
    steps = Steps(2, output)

    with steps.step("Preparing") as step:
        step.note = "nothing to do"
    with pytest.raises(ZeroDivisionError), steps.step("Loading"):
        raise ZeroDivisionError

    assert output.getvalue() == "1/2 Preparing … 0.0 s (nothing to do)\n2/2 Loading … failed\n"


def test_the_box_shows_addresses_and_people():
    people = [Person("Customer", "rex@example.com", "abcd-efgh")]

    text = box(
        shop_name="Fellmark",
        url="http://localhost:8000",
        mail_dir=Path("/data/mail"),
        people=people,
        seconds=12.34,
    )

    assert f"Fellmark {READY} 12.3 s." in text
    assert "http://localhost:8000/admin/" in text
    assert "Customer   rex@example.com  abcd-efgh" in text
    assert "/data/mail" in text
    assert len({len(line) for line in text.splitlines()}) == 1


def test_passwords_are_kept_from_start_to_start(tmp_path):
    passwords.add(tmp_path, [DemoLogin("agent", "ada@shop.example", "one")])
    passwords.add(tmp_path, [DemoLogin("admin", "mia@shop.example", "two")])

    assert [login.password for login in passwords.read(tmp_path)] == ["one", "two"]


def test_what_is_missing_is_named():
    answer = {"status": "not ready", "database": True, "broker": False, "worker": False}

    assert readiness.read(answer).missing == "the broker, the models' worker"


def test_a_broken_template_is_named(tmp_path, settings):
    (tmp_path / "broken.html").write_text("{% if %}")
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path]}
    ]

    (problem,) = problems(tmp_path)

    assert "broken.html" in problem
