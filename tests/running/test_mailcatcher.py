"""The demo's mail server keeps what it gets, and tells where."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from helpdesk.embedded.ports import free_port
from tests.running.programs import ROOT


@pytest.fixture
def mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "help@shop.example", "rex@example.com"
    mail["Subject"] = "Your jacket – grün"
    mail.set_content("It is on its way.\n")
    return mail


def test_a_mail_becomes_a_file_that_only_its_owner_reads(tmp_path, mail):
    port = free_port()
    argv = [sys.executable, "-m", "helpdesk.running.mailcatcher", str(tmp_path), str(port)]
    catcher = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert catcher.stdout is not None
    try:
        assert "keeping mail in" in catcher.stdout.readline()
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(mail)
        said = catcher.stdout.readline()
    finally:
        catcher.terminate()
        assert catcher.wait(10) == 0
        catcher.stdout.close()

    (path,) = tmp_path.iterdir()
    assert path.suffix == ".eml"
    assert path.stat().st_mode & 0o777 == 0o600
    kept = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert kept["Subject"] == mail["Subject"]
    assert said.startswith("mail to rex@example.com, subject “Your jacket – grün”:")


def test_mails_sort_as_they_came(tmp_path):
    from helpdesk.running.mailcatcher import keep

    paths = []
    for number in range(3):
        paths.append(keep(tmp_path, str(number).encode()))
        time.sleep(0.002)

    assert sorted(tmp_path.iterdir()) == paths
