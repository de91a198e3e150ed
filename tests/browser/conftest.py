"""A real browser against a real helpdesk: web, workers, beat, database, broker and mail.

Skipped with a loud reason where there is no Chromium; CI installs it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpdesk.demo import passwords
from helpdesk.running.mailbox import Mailbox
from helpdesk.running.trial import Trial
from tests.browser.visitors import Visitors

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def trial(mailbox: Mailbox) -> Iterator[Trial]:
    """The helpdesk as `make run` starts it, with the demo shop's articles."""
    if CHROMIUM is None:
        pytest.skip("NO BROWSER TESTS: there is no chromium; apt install chromium")
    env = {
        "EMAIL_URL": mailbox.url,
        "UNDO_SECONDS": "4",
        # Not the tests' settings, which have no models.
        "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
    }
    with Trial(sys.stderr, env) as trial:
        trial.start()
        yield trial


@pytest.fixture(scope="module")
def chromium(trial: Trial) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitors(trial: Trial, chromium: Browser) -> Iterator[Visitors]:
    """People with a browser each. At the end none of them may have seen a script fail."""
    logins = {login.role: login for login in reversed(passwords.read(trial.data_dir))}
    visitors = Visitors(chromium, trial.url, logins, SCREENSHOTS)
    yield visitors
    visitors.close()
    assert not visitors.troubles, "\n".join(visitors.troubles)
