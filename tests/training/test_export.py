"""What becomes a training example, and what must not."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from helpdesk import training_data, training_jobs
from helpdesk.drafting import store_result
from helpdesk.models import Job, Message
from helpdesk.services.drafts import approve_draft, reject_draft
from helpdesk.services.learning import (
    export_training_data,
    forget_tickets,
    set_training_allowed,
)
from helpdesk.services.messages import post_reply
from qa_engine import indexing
from qa_engine.training import examples, sets
from qa_engine.training.examples import Taught
from qa_engine.training_models import TrainingSet
from tests.api.conftest import cited_result
from tests.factories import MessageFactory, TicketFactory

OWN = "Unworn items with their tags can come back within 30 days, also to our store in Rotterdam."


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def draft(message, revision):
    indexing.sync_article(revision.article_id)
    return store_result(message=message, attempt=1, result=cited_result(revision))


def leave() -> None:
    """The time in which a reply may be taken back is over."""
    Message.objects.update(send_after=timezone.now())


def collected():
    leave()
    return training_data.collect()


def test_an_unedited_draft_teaches_nothing(ada, draft):
    approve_draft(draft=draft, by=ada)
    found = collected()
    assert found.examples == []
    assert found.left_out[training_data.UNEDITED] == 1


def test_of_an_edited_draft_only_the_agents_own_sentences_count(ada, draft):
    approve_draft(draft=draft, by=ada, body=f"{draft.body}\n\n{OWN}")
    [example] = collected().examples
    assert example.taught is Taught.EDITED
    assert example.reply == OWN
    assert example.draft
    assert example.question.startswith("Returning a jacket")


def test_a_draft_copied_by_hand_is_still_the_engines(ada, draft):
    post_reply(ticket=draft.ticket, author=ada, body=draft.body)
    found = collected()
    assert found.examples == []
    assert found.left_out[training_data.NOTHING_OWN] == 1


def test_a_reply_of_ones_own_names_the_passage_that_says_it(ada, ticket, revision):
    indexing.sync_article(revision.article_id)
    post_reply(
        ticket=ticket,
        author=ada,
        body="Hi Rex,\n\nYou can return any unworn item within 30 days with its tags.\n\nAda",
    )
    [example] = collected().examples
    assert example.taught is Taught.WRITTEN
    assert [one.article for one in example.positives] == ["returns"]


def test_another_number_is_another_statement(ada, ticket, revision):
    indexing.sync_article(revision.article_id)
    post_reply(
        ticket=ticket, author=ada, body="You can return any unworn item within 60 days with tags."
    )
    [example] = collected().examples
    assert example.positives == ()


def test_a_rejected_draft_is_what_not_to_write(ada, draft):
    reject_draft(draft=draft, by=ada, reason="not_asked")
    [example] = collected().examples
    assert example.taught is Taught.REJECTED
    assert example.reply == ""
    assert [one.article for one in example.negatives] == ["returns"]


def test_a_rejected_tone_says_nothing_about_the_passage(ada, draft):
    reject_draft(draft=draft, by=ada, reason="tone")
    [example] = collected().examples
    assert example.negatives == ()


def test_a_reply_that_may_still_be_taken_back_does_not_count(ada, ticket):
    post_reply(ticket=ticket, author=ada, body=OWN)
    found = training_data.collect()
    assert found.examples == []
    assert found.left_out[training_data.TOO_FRESH] == 1


def test_personal_data_never_reaches_the_file(ada, rex, folder):
    ticket = TicketFactory(requester=rex, subject="Where is it, says Rex Ortega")
    MessageFactory(ticket=ticket, body="Write to rex@example.com or call +31 6 12345678 please.")
    post_reply(ticket=ticket, author=ada, body=f"Rex, we wrote to rex@example.com. {OWN}")
    leave()
    made = export_training_data()
    text = (sets.root() / made.folder / sets.EXAMPLES).read_text(encoding="utf-8")
    assert "Ortega" not in text
    assert "rex@" not in text
    assert "12345678" not in text
    assert "[EMAIL_1]" in text


def test_who_objected_is_left_out(ada, rex, ticket):
    post_reply(ticket=ticket, author=ada, body=OWN)
    set_training_allowed(user=rex, is_allowed=False)
    found = collected()
    assert found.examples == []
    assert found.left_out[training_data.OBJECTED] == 1


def test_an_objection_reaches_the_sets_that_are_there(ada, rex, olga, ticket, folder):
    other = TicketFactory(requester=olga)
    MessageFactory(ticket=other, body="May I bring it to the store?")
    for one in (ticket, other):
        post_reply(ticket=one, author=ada, body=OWN)
    leave()
    made = export_training_data()
    assert made.examples == 2
    set_training_allowed(user=rex, is_allowed=False)
    made.refresh_from_db()
    assert not made.is_usable
    with pytest.raises(sets.UnusableSet):
        sets.load(made)
    training_jobs.forget(list(Job.objects.filter(kind="forget")))
    made.refresh_from_db()
    assert made.is_usable
    assert (made.examples, made.removed) == (1, 1)
    assert [one.source for one in sets.load(made)] == [f"ticket:{other.pk}"]
    manifest = json.loads((sets.root() / made.folder / sets.MANIFEST).read_text("utf-8"))
    assert manifest["sources"] == {f"ticket:{other.pk}": 1}


def test_a_deleted_tickets_words_are_deleted_too(ada, ticket, folder):
    post_reply(ticket=ticket, author=ada, body=OWN)
    leave()
    made = export_training_data()
    forget_tickets([ticket.pk])
    sets.purge(made.pk)
    made.refresh_from_db()
    assert made.state == TrainingSet.State.UNUSABLE
    assert (sets.root() / made.folder / sets.EXAMPLES).read_text("utf-8") == ""


def test_deleting_a_ticket_asks_for_it(ada, ticket, folder):
    post_reply(ticket=ticket, author=ada, body=OWN)
    leave()
    made = export_training_data()
    ticket.drafts.all().delete()
    ticket.delete()
    made.refresh_from_db()
    assert made.state == TrainingSet.State.PURGING
    assert Job.objects.filter(kind="forget", key=str(made.pk)).exists()


def test_the_same_words_are_the_same_set(ada, ticket, folder):
    post_reply(ticket=ticket, author=ada, body=OWN)
    leave()
    assert export_training_data() == export_training_data()
    assert TrainingSet.objects.count() == 1


def test_the_datasheet_says_when_there_is_too_little(ada, ticket, folder):
    post_reply(ticket=ticket, author=ada, body=OWN)
    leave()
    made = export_training_data()
    assert "Too little to learn from" in made.datasheet
    assert OWN not in made.datasheet


def test_nothing_at_all_is_said_in_words(db, folder):
    with pytest.raises(sets.TooLittleData, match="Unedited drafts do not count"):
        export_training_data()


def test_an_example_survives_the_file(tmp_path):
    source = examples.Source("returns", "Returns", "Costs", "A label costs €4.95.")
    one = examples.Example("ticket:1", Taught.EDITED, "How much?", "€4.95", positives=(source,))
    examples.write(tmp_path / "x.jsonl", [one])
    assert list(examples.read(tmp_path / "x.jsonl")) == [one]


def test_the_customer_has_a_switch(rex, browser_of):
    client = browser_of(rex)
    client.post("/my-data/", {"training": "no"})
    rex.refresh_from_db()
    assert rex.objected_to_training_at is not None
    assert "checked" in client.get("/my-data/").content.decode().split('value="no"')[1][:12]
    client.post("/my-data/", {"training": "yes"})
    rex.refresh_from_db()
    assert rex.objected_to_training_at is None
