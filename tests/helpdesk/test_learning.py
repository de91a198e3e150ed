"""What agents change in drafts becomes, once several have changed it, one suggestion."""

from __future__ import annotations

import pytest
from django.utils import timezone

from helpdesk import jobs, work
from helpdesk.models import Draft, Job, TaughtFact
from helpdesk.services.drafts import approve_draft
from helpdesk.services.messages import post_reply
from helpdesk.services.tickets import open_ticket
from helpdesk.services.undoing import undo_reply
from knowledge.models import Suggestion
from knowledge.services.suggestions import accept
from qa_engine import indexing
from tests.factories import QueueFactory, UserFactory, publish_article

pytestmark = pytest.mark.django_db

REPAIRS = (
    "Repairs take 7 to 10 working days from the day the item reaches the workshop.\n\n"
    "## How to send an item\n\nOpen **Account > Repairs** and describe the damage."
)
OLD = "Repairs take 7 to 10 working days from the day the item reaches the workshop."
NEW = [
    "Repairs now take 5 to 7 working days from the day the item reaches the workshop.",
    "At the moment repairs take five to seven days from the day your item reaches the workshop.",
    "Repairs take about 5–7 business days once the item reaches the workshop.",
]


@pytest.fixture
def repairs(settings):
    settings.UNDO_SECONDS = 0
    QueueFactory(is_default=True)
    revision = publish_article("How long repairs take", REPAIRS)
    publish_article("Shipping to Norway", "Parcels to Norway take 4 to 7 days and cost €14.95.")
    while indexing.sync_due():
        pass
    return revision.article


def ask():
    return open_ticket(
        requester=UserFactory(name="Rex Ortega"),
        subject="Repair",
        body="How long do repairs take?",
        order_reference="88-1203",
    )


def do(*kinds: str) -> None:
    """What the workers do with all that is due."""
    for kind in kinds:
        while work.run_batch(kind, limit=8):
            pass
    assert not Job.objects.dead().exists()
    assert not Job.objects.filter(kind__in=kinds).exclude(last_error="").exists()


def drafted(ticket) -> Draft:
    do("draft")
    return Draft.objects.waiting().get(ticket=ticket)


def edit(ticket, agent, sentence: str):
    draft = drafted(ticket)
    assert OLD in draft.body
    message = approve_draft(draft=draft, by=agent, body=draft.body.replace(OLD, sentence))
    do("learn")
    return message


def test_the_same_fact_corrected_on_three_tickets_is_one_suggestion_with_three_quotes(
    repairs, ada, bo, mia
):
    edit(ask(), ada, NEW[0])
    edit(ask(), bo, NEW[1])
    assert TaughtFact.objects.count() == 2
    assert not Suggestion.objects.exists()
    edit(ask(), mia, NEW[2])

    suggestion = Suggestion.objects.get()
    assert [row.label for row in suggestion.evidence.order_by("pk")] == ["Ada", "Bo", "Mia"]
    assert [row.quote for row in suggestion.evidence.order_by("pk")] == NEW
    assert (suggestion.ticket_count, suggestion.kind, suggestion.article) == (3, "edit", repairs)
    assert suggestion.body == REPAIRS.replace("7 to 10 working", "5 to 7 working")
    assert suggestion.rationale == (
        "Agents say 5 to 7 working days; the article says 7 to 10 working days."
    )
    assert suggestion.tickets_per_week == 0.75
    assert suggestion.confidence == 0.8

    edit(ask(), ada, NEW[0])
    suggestion.refresh_from_db()
    assert (Suggestion.objects.count(), suggestion.ticket_count) == (1, 4)


def test_accepted_it_reaches_the_drafts_that_wait(repairs, ada, bo, mia):
    waiting = ask()
    before = drafted(waiting)
    for agent, sentence in zip((ada, bo, mia), NEW, strict=True):
        edit(ask(), agent, sentence)
    accept(suggestion=Suggestion.objects.get(), reviewer=mia)
    do("index", "draft")
    before.refresh_from_db()
    after = Draft.objects.waiting().get(ticket=waiting)
    assert before.state == Draft.State.SUPERSEDED
    assert "5 to 7 working days" in after.body


def test_a_draft_that_a_change_elsewhere_leaves_alone_is_not_written_anew(repairs):
    draft = drafted(ask())
    jobs.enqueue("index", repairs.pk)
    do("index", "draft")
    draft.refresh_from_db()
    assert draft.is_waiting


def test_an_unedited_draft_teaches_nothing(repairs, ada):
    approve_draft(draft=drafted(ask()), by=ada)
    assert not Job.objects.filter(kind="learn").exists()


def test_three_changes_on_one_ticket_are_one_piece_of_evidence(repairs, ada):
    ticket = ask()
    edit(ticket, ada, NEW[0])
    for sentence in NEW[1:]:
        post_reply(ticket=ticket, author=ada, body=sentence)
    do("learn")
    assert not Suggestion.objects.exists()


def test_a_queue_may_ask_for_fewer_tickets(repairs, ada):
    ticket = ask()
    ticket.queue.suggestion_threshold = 1
    ticket.queue.save()
    edit(ticket, ada, NEW[0])
    assert Suggestion.objects.get().ticket_count == 1


def test_what_holds_for_this_customer_alone_teaches_nothing(repairs, ada):
    edit(ask(), ada, f"{OLD} I have extended it to 12 days for order 88-1203, Rex.")
    edit(ask(), ada, "As an exception your jacket will be back within 3 working days.")
    edit(ask(), ada, "Your order is on its way and takes 2 working days.")
    assert not TaughtFact.objects.exists()


def test_a_reply_that_was_taken_back_teaches_nothing(repairs, ada, settings):
    settings.UNDO_SECONDS = 60
    draft = drafted(ask())
    message = approve_draft(draft=draft, by=ada, body=draft.body.replace(OLD, NEW[0]))
    assert Job.objects.get(kind="learn").run_at > timezone.now()
    undo_reply(message=message, by=ada)
    Job.objects.filter(kind="learn").update(run_at=timezone.now())
    do("learn")
    assert not TaughtFact.objects.exists()


def test_a_reply_without_a_draft_is_held_beside_the_articles(repairs, ada):
    ticket = ask()
    Draft.objects.all().delete()
    post_reply(ticket=ticket, author=ada, body=f"Hello Rex,\n\n{NEW[0]}\n\nKind regards\nAda")
    do("learn")
    fact = TaughtFact.objects.get()
    assert (fact.article, fact.change, fact.old_key) == (repairs, "corrected", "7–10 day")


def test_what_an_article_says_already_teaches_nothing(repairs, ada):
    ticket = ask()
    Draft.objects.all().delete()
    post_reply(ticket=ticket, author=ada, body="Parcels to Norway take 4 to 7 days.")
    do("learn")
    assert not TaughtFact.objects.exists()


def test_deleting_a_ticket_takes_its_words_out_of_the_evidence(repairs, ada, bo, mia):
    tickets = [ask(), ask(), ask()]
    for ticket, agent, sentence in zip(tickets, (ada, bo, mia), NEW, strict=True):
        edit(ticket, agent, sentence)
    tickets[0].delete()
    suggestion = Suggestion.objects.get()
    assert sorted(row.quote for row in suggestion.evidence.all()) == sorted(["", *NEW[1:]])
    assert TaughtFact.objects.count() == 2
