"""What agents answer is remembered for like questions, and forgotten with its ticket."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import transaction

from helpdesk import work
from helpdesk.models import Draft, Job, Message, Ticket
from helpdesk.services.drafts import approve_draft
from helpdesk.services.learning import set_training_allowed
from helpdesk.services.messages import post_reply
from helpdesk.services.tickets import open_ticket
from helpdesk.services.undoing import undo_reply
from qa_engine import indexing
from qa_engine.models import AnsweredQuestion
from tests.factories import QueueFactory, UserFactory, publish_article

pytestmark = pytest.mark.django_db

SAID = "Parcels to Norway take 4 to 7 working days."
REPLY = f"Hello Rex,\n\n{SAID}\n\nKind regards\nAda"


@pytest.fixture
def norway(settings):
    settings.UNDO_SECONDS = 0
    QueueFactory(is_default=True)
    revision = publish_article(
        "Shipping to Norway", f"{SAID} Standard shipping costs €14.95.\n\nWe ship on weekdays."
    )
    while indexing.sync_due():
        pass
    return revision.article


@pytest.fixture
def ticket(norway):
    asked = open_ticket(
        requester=UserFactory(name="Rex Ortega"),
        subject="Oslo",
        body="Rex Ortega here. When is the postman in Oslo with 88-1203?",
        order_reference="88-1203",
    )
    Draft.objects.all().delete()
    return asked


def do(*kinds: str) -> None:
    for kind in kinds:
        while work.run_batch(kind, limit=8):
            pass
    assert not Job.objects.filter(kind__in=kinds).exclude(last_error="").exists()


def quotes() -> list[str]:
    return list(AnsweredQuestion.objects.values_list("quote", flat=True))


def test_a_reply_of_ones_own_is_remembered_without_personal_data(ticket, norway, ada):
    post_reply(ticket=ticket, author=ada, body=REPLY)
    do("learn")
    [row] = AnsweredQuestion.objects.all()
    assert (row.article, row.quote, row.source) == (norway, SAID, f"ticket:{ticket.pk}")
    assert "postman" in row.question
    assert not {"Rex", "Ortega", "88-1203"} & set(row.question.replace(".", " ").split())
    assert row.vector is not None


def test_an_unedited_draft_is_the_engines_own_echo(norway, ada):
    asked = open_ticket(
        requester=UserFactory(), subject="Norway", body="How long do parcels to Norway take?"
    )
    do("draft")
    approve_draft(draft=Draft.objects.waiting().get(ticket=asked), by=ada)
    do("learn")
    assert quotes() == []


def test_a_reply_that_was_taken_back_is_not_remembered(ticket, ada, settings):
    settings.UNDO_SECONDS = 60
    message = post_reply(ticket=ticket, author=ada, body=REPLY)
    undo_reply(message=message, by=ada)
    Job.objects.filter(kind="learn").update(run_at=message.created_at)
    do("learn")
    assert quotes() == []


def test_whoever_objects_is_forgotten_and_not_learnt_from_again(ticket, ada):
    post_reply(ticket=ticket, author=ada, body=REPLY)
    do("learn")
    set_training_allowed(user=ticket.requester, is_allowed=False)
    assert quotes() == []
    post_reply(ticket=ticket, author=ada, body=REPLY)
    do("learn")
    call_command("remember_replies")
    assert quotes() == []


@pytest.mark.parametrize(("model", "field"), [(Ticket, "pk"), (Message, "ticket")])
def test_whatever_deletes_a_ticket_or_message_takes_them_along(ticket, ada, model, field):
    post_reply(ticket=ticket, author=ada, body=REPLY)
    do("learn")
    assert quotes() == [SAID]
    rows = model.objects.filter(**{field: ticket.pk})
    with transaction.atomic():
        rows._raw_delete("default")  # as another program would: no signal tells of it
        assert quotes() == []
        transaction.set_rollback(True)


def test_past_replies_can_be_remembered(ticket, ada, capsys):
    post_reply(ticket=ticket, author=ada, body=REPLY)
    Job.objects.all().delete()
    call_command("remember_replies")
    assert quotes() == [SAID]
    assert "1/1 tickets, 1 sentences" in capsys.readouterr().out
    call_command("remember_replies", days=0)
    assert "No ticket of the last 0 days has a reply." in capsys.readouterr().out
