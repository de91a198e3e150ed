"""A made-up shop is the same each time, of the size that was asked for, and varied."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from helpdesk.benching.articles import grown
from helpdesk.benching.processes import cpu_seconds, family, memory_mb
from helpdesk.benching.tickets import CHUNK, Asked, add_tickets
from helpdesk.models import Draft, Message, Ticket, TicketRating
from qa_engine.evaluation.articles import ArticleRecord

RECORDS = [
    ArticleRecord(
        f"r{number}",
        f"Repairing tent {number}",
        "\n\n".join(
            f"Paragraph {at} of article {number}: lay part {at} flat, wait {at} minutes, go on."
            for at in range(6)
        ),
    )
    for number in range(5)
]


def test_grown_articles_are_the_same_each_time_and_begin_with_the_files_own() -> None:
    once, again = list(grown(RECORDS, 40, 7)), list(grown(RECORDS, 40, 7))
    assert once == again
    assert once[:5] == RECORDS
    assert len({record.key for record in once}) == 40
    assert len({record.body for record in once}) > 30
    assert list(grown(RECORDS, 20, 7)) == once[:20]


@pytest.mark.django_db
def test_tickets_come_in_the_shares_that_shops_have() -> None:
    add_tickets(400, [Asked("Where is my card?", "card_arrival")], 7)
    assert Ticket.objects.count() == Draft.objects.count() == 400 < CHUNK
    assert 20 < Draft.objects.filter(body="").count() < 70
    assert 340 < Message.objects.filter(approved_by__isnull=False).count() < 400
    assert 0 < TicketRating.objects.count() < 30


def test_a_familys_time_and_memory_are_counted_with_its_children() -> None:
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    child = "print('ready', flush=True); sum(range(10**7)); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, child],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        pids = family(process.pid)
        assert len(pids) == 2
        assert os.getpid() not in pids
        resident, proportional = memory_mb(pids)
        assert resident >= proportional > 0
        assert resident > memory_mb(pids[:1])[0]
        assert cpu_seconds(process.pid) > 0
    finally:
        process.communicate("\n")
