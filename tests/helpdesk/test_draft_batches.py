"""A batch of drafts: few statements for many tickets, and one bad ticket harms no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk import drafting, jobs
from helpdesk.models import Citation, Draft, Job, Message, TicketEvent
from helpdesk.services.messages import post_reply
from helpdesk.work import run_batch
from qa_engine import indexing
from tests.api.conftest import cited_result
from tests.factories import MessageFactory, TicketFactory, publish_article


def ask(count: int) -> list[Message]:
    messages = [
        MessageFactory(
            ticket=ticket,
            author=ticket.requester,
            body="Within how many days can I return an unused item?",
        )
        for ticket in TicketFactory.create_batch(count)
    ]
    jobs.enqueue_all("draft", [drafting.job_key(message, 1) for message in messages])
    return messages


def statements(batch: int) -> int:
    ask(batch)
    with CaptureQueriesContext(connection) as run:
        assert run_batch("draft", limit=batch + 1) == batch
    return len(run)


@pytest.fixture
def shop(db):
    revision = publish_article(
        "Returning an item",
        "You can return any unused item within **30 days** of delivery.",
    )
    while indexing.sync_due():
        pass
    return revision


def test_thirty_two_tickets_take_no_more_statements_than_eight(shop):
    statements(2)  # what is read once and kept
    few, many = statements(8), statements(32)

    assert many <= few + 2
    assert Draft.objects.exclude(body="").count() == 42
    assert Citation.objects.values("draft").distinct().count() == 42
    assert TicketEvent.objects.filter(kind="drafted").count() == 42
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_a_draft_that_cannot_be_stored_costs_the_others_nothing(shop):
    good, bad, other = ask(3)
    result = cited_result(shop)
    (sentence,) = result.sentences
    misquoted = replace(sentence.evidence[0], quote="within 99 days")
    wrong = replace(result, sentences=(replace(sentence, evidence=(misquoted,)),))
    of = {good.pk: result, bad.pk: wrong, other.pk: result}
    claimed = jobs.claim("draft", worker="w", limit=3)
    messages = [good, bad, other]

    errors = drafting.keep(
        [
            drafting.Written(message, 1, of[message.pk], job)
            for message, job in zip(messages, claimed, strict=True)
        ]
    )

    assert errors == {claimed[1].pk: "IntegrityError"}
    assert set(Draft.objects.values_list("message", flat=True)) == {good.pk, other.pk}
    assert set(Job.objects.filter(state="done")) == {claimed[0], claimed[2]}
    assert not TicketEvent.objects.filter(ticket=bad.ticket).exists()


def test_of_two_attempts_in_one_batch_the_later_one_waits(shop):
    (message,) = ask(1)
    result = cited_result(shop)
    later = drafting.Written(message, 2, replace(result, fingerprint="later"))

    stored = drafting.store_results([later, drafting.Written(message, 1, result)])

    assert [draft.attempt for draft in stored] == [2]
    assert Draft.objects.get().fingerprint == "later"


def test_what_has_been_answered_meanwhile_is_left_out_of_the_batch(shop, ada):
    first, answered = ask(2)
    post_reply(ticket=answered.ticket, author=ada, body="Thirty days.")
    result = cited_result(shop)

    stored = drafting.store_results(
        [drafting.Written(first, 1, result), drafting.Written(answered, 1, result)]
    )

    assert [draft.message for draft in stored] == [first]
