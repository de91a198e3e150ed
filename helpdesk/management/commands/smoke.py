"""`manage.py smoke`: does it all work? Prints one line of JSON; the log goes to stderr."""

from __future__ import annotations

import json
import statistics
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk.demo import passwords, records
from helpdesk.running import journey
from helpdesk.running.browser import Browser
from helpdesk.running.journey import Question
from helpdesk.running.mailbox import Mailbox, MailDidNotCome
from helpdesk.running.trial import Trial, TrialFailed

EXPECTED_ERRORS = (*journey.EXPECTED_ERRORS, MailDidNotCome, TrialFailed)


class Command(BaseCommand):
    help = (
        "Start a helpdesk on ports and data of its own, play the main loop over HTTP and SMTP, "
        "and stop it. Prints one line of JSON; ends with 1 and the reason if something failed."
    )
    # It needs neither this installation's database nor its broker.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--bench",
            action="store_true",
            help="also ask the demo shop's questions one by one, and time the drafts",
        )

    def handle(self, *args: Any, bench: bool, **options: Any) -> None:
        try:
            result = play(bench=bench)
        except EXPECTED_ERRORS as exc:
            self.stdout.write(json.dumps({"error": str(exc)}, ensure_ascii=False))
            sys.exit(1)
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def play(*, bench: bool) -> dict[str, Any]:
    # The seconds in which an agent may take a reply back are not what is tried here.
    env = {"UNDO_SECONDS": "1"}
    with Mailbox() as mailbox, Trial(sys.stderr, env | {"EMAIL_URL": mailbox.url}) as trial:
        ready_s = trial.start()
        logins = {login.role: login for login in reversed(passwords.read(trial.data_dir))}
        agent = journey.log_in(trial.url, logins["agent"].email, logins["agent"].password)
        result = {"ready_s": round(ready_s, 1), **journey.whole_loop(trial.url, mailbox, agent)}
        if bench:
            result["bench"] = ask_all(agent)
        return result


def ask_all(agent: Browser) -> dict[str, Any]:
    """Every question of the demo shop as a ticket of its own, with an empty queue each."""
    drafts = [
        journey.ask_by_api(agent, Question(subject=text[:80], body=text))
        for text in records.questions()
    ]
    seconds = sorted(drafted.seconds for drafted in drafts)
    return {
        "questions": len(drafts),
        "answered": sum(bool(drafted.draft["body"]) for drafted in drafts),
        "draft_s_median": round(statistics.median(seconds), 2),
        "draft_s_max": round(seconds[-1], 2),
    }
