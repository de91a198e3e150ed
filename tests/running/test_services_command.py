"""`manage.py services`, as a person calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.running.programs import ROOT

pytestmark = pytest.mark.skipif(
    not settings.EMBEDDED_SERVICES, reason="DATABASE_URL and REDIS_URL replace the services"
)


def services(*words: str, data_dir: str = "") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "helpdesk.settings"}
    env["DATA_DIR"] = data_dir or str(settings.DATA_DIR)
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "services", *words],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_status_tells_people_and_machines_what_runs():
    said = services("status")
    assert said.returncode == 0
    assert said.stdout.startswith("postgres  running")

    told = json.loads(services("status", "--json").stdout)
    assert {one["name"]: one["state"] for one in told}["valkey"] == "running"


def test_psql_opens_the_database_with_fsync_on():
    said = services("psql", "--", "-Atc", "SHOW fsync")
    assert (said.returncode, said.stdout.strip()) == (0, "on")


def test_what_does_not_run_is_told_by_the_exit_status(tmp_path):
    said = services("status", data_dir=str(tmp_path))
    assert said.returncode == 3
    assert "stopped" in said.stdout


def test_words_that_mean_nothing_are_refused():
    assert services("start", "--", "now").returncode == 1
