"""Roles, health, system checks, logs: what keeps the helpdesk running as it should."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.utils import timezone

from helpdesk.logs import drop_private
from helpdesk.models import Heartbeat, Job
from helpdesk.roles import set_role, sync_groups

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "k7#pQz!w" * 8,
    "ALLOWED_HOSTS": "help.shop.example",
    "SITE_URL": "https://help.shop.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.shop.example:587",
    "MAIL_DOMAIN": "shop.example",
    "DATABASE_URL": "postgres://helpdesk:secret@db.shop.example/helpdesk",
    "REDIS_URL": "redis://cache.shop.example/0",
}


#: As manage.py, but deaf to the .env file that `make run` leaves.
MANAGE = """
import os, sys, environ
environ.FileAwareEnv.read_env = classmethod(lambda *args, **kwargs: None)
os.environ["DJANGO_SETTINGS_MODULE"] = "helpdesk.settings"
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process and an environment of its own."""
    return subprocess.run(
        [sys.executable, "-c", MANAGE, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": os.environ["DATA_DIR"]} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(missing):
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    result = manage("check", **environment)
    assert result.returncode != 0
    assert missing in result.stderr


def test_the_deployment_check_is_clean():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("setting", "value", "check"),
    [
        ("CELERY_TASK_SOFT_TIME_LIMIT", 301, "helpdesk.E001"),
        ("JOB_LEASE_SECONDS", 10, "helpdesk.E002"),
        ("SITE_URL", "help.example.com", "helpdesk.E003"),
        ("UNDO_SECONDS", 900, "helpdesk.E004"),
    ],
)
def test_a_wrong_setting_is_named_with_a_hint(settings, setting, value, check):
    assert check not in [message.id for message in run_checks()]
    setattr(settings, setting, value)
    (found,) = [message for message in run_checks() if message.id == check]
    assert found.hint


def test_a_deployment_without_mail_is_warned(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.MAIL_DOMAIN = "localhost"
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {"helpdesk.W001", "helpdesk.W002"} <= found


def test_a_role_brings_its_permissions_and_takes_them_away(rex):
    set_role(user=rex, role="admin")
    rex = type(rex).objects.get(pk=rex.pk)
    assert rex.is_staff
    assert rex.has_perms(["helpdesk.change_user", "knowledge.change_article"])

    set_role(user=rex, role="agent")
    rex = type(rex).objects.get(pk=rex.pk)
    assert rex.has_perm("helpdesk.change_ticket")
    assert not rex.has_perm("helpdesk.change_user")

    set_role(user=rex, role="requester")
    rex = type(rex).objects.get(pk=rex.pk)
    assert not rex.is_staff
    assert rex.get_all_permissions() == set()


def test_who_is_no_longer_admin_is_no_longer_superuser(mia):
    mia.is_superuser = True
    mia.save()
    assert not set_role(user=mia, role="agent").is_superuser


def test_an_installations_own_permissions_survive_the_next_migration(ada):
    from django.contrib.auth.models import Permission

    group = ada.groups.get()
    more = Permission.objects.get(codename="view_organization")
    group.permissions.add(more)
    sync_groups()
    assert more in group.permissions.all()


def test_the_process_says_that_it_answers():
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.fixture
def worker(db):
    return Heartbeat.objects.create(name="w1", task_queues="models,live", fingerprint="f1")


def test_with_a_live_worker_the_helpdesk_is_ready(worker):
    response = Client().get("/readyz")
    assert response.status_code == 200, response.json()
    assert response.json()["worker"] is True


def test_without_a_worker_it_is_not_ready(worker):
    worker.seen_at = timezone.now() - timedelta(minutes=2)
    worker.save()
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["worker"]) == (503, False)


def test_a_job_that_nobody_does_makes_it_not_ready(worker):
    Job.objects.create(kind="draft", key="1:1", run_at=timezone.now() - timedelta(minutes=6))
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["oldest_job_s"] >= 360


def test_a_job_for_later_does_not(worker):
    Job.objects.create(kind="mail", key="1", run_at=timezone.now() + timedelta(minutes=6))
    assert Client().get("/readyz").status_code == 200


def test_without_the_broker_it_is_not_ready(worker, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (503, False)
    assert "127.0.0.1" not in response.content.decode()


def test_what_people_wrote_does_not_reach_the_logs():
    event = {"event": "x", "ticket": 1, "body": "I am ill", "email": "a@b.example"}
    assert drop_private(None, "info", event) == {
        "event": "x", "ticket": 1, "body": "[private]", "email": "[private]",
    }  # fmt: skip


@pytest.mark.parametrize("json", [True, False])
def test_a_traceback_shows_no_variables(json):
    import logging.config

    from helpdesk.logs import logging_config

    config = logging_config(json=json)["formatters"]["event"]
    formatter = logging.config.DictConfigurator({}).configure_formatter(dict(config))
    secret = "I am ill"
    try:
        raise ValueError(len(secret))
    except ValueError:
        record = logging.LogRecord("x", 40, __file__, 1, "It broke", (), sys.exc_info())
    line = formatter.format(record)
    assert "ValueError: 8" in line
    assert secret not in line.replace('secret = "I am ill"', "")
