"""A suggestion shows what it would have made of past tickets, before anybody accepts it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk import jobs, replays, work
from helpdesk.models import Draft, Job, Replay, ReplayedTicket
from knowledge.models import Category, Publication
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.services.suggestions import propose
from qa_engine import indexing
from tests.factories import MessageFactory, publish_article

pytestmark = pytest.mark.django_db
NOW = timezone.now()
NORWAY = "Standard shipping to Norway costs €14.95. Parcels take 4 to 7 working days."


@pytest.fixture
def norway():
    revision = publish_article("Shipping to Norway", NORWAY)
    Publication.objects.update(shown_from=NOW - timedelta(days=365))
    while indexing.sync_due():
        pass
    return revision


def suggest(**more):
    given = {
        "kind": Kind.NEW_ARTICLE,
        "origin": Origin.GAP,
        "title": "Shipping to Sweden",
        "body": "Standard shipping to Sweden costs €11.95.",
        "rationale": "Two people asked.",
        "fact_key": "sweden",
        "fingerprint": "test",
        "evidence": (EvidenceItem(EvidenceKind.QUESTION, "Sweden?", NOW, 1, 1),),
        "confidence": 0.9,
        "category_id": Category.objects.first().pk,
    }
    return propose(Proposal(**given | more)).suggestion


def ask(body, days_ago=1.0):
    at = NOW - timedelta(days=days_ago)
    message = MessageFactory(body=body, created_at=at, ticket__created_at=at)
    Draft.objects.create(
        ticket=message.ticket, message=message, fingerprint="x", confidence=0, reason="no_passage"
    )
    return message


def run(replay):
    while work.run_batch("replay", limit=1):
        pass
    replay.refresh_from_db()
    return replay


def test_a_proposal_is_replayed_and_tells_its_figures(norway):
    sweden = ask("How much is standard shipping to Sweden?")
    ask("How much is standard shipping to Norway?")
    ask("How much is standard shipping to Sweden?", days_ago=90)
    suggestion = suggest()
    [replay] = Replay.objects.all()
    run(replay)
    suggestion.refresh_from_db()

    assert replay.state == Replay.State.DONE
    assert (replay.total, replay.done, replay.unanswered) == (2, 2, 2)
    [row] = replay.tickets.all()
    assert (row.ticket, row.outcome) == (sweden.ticket, ReplayedTicket.Outcome.ANSWERED)
    assert "€11.95" in row.after
    assert suggestion.effect["replay"]["answered"] == 1
    assert suggestion.effect["replay"]["lost"] == 0


def test_an_equal_replay_is_not_run_again(norway):
    suggestion = suggest()
    assert replays.ask_for_replay(suggestion=suggestion) == Replay.objects.get()
    suggestion.body += " From 2027 it is free."
    suggestion.save()
    replays.ask_for_replay(suggestion=suggestion)

    assert Replay.objects.count() == 2


def test_a_step_that_ends_early_is_taken_up_where_it_stopped(norway, monkeypatch):
    for _ in range(3):
        ask("How much is standard shipping to Sweden?")
    suggest()
    monkeypatch.setattr(replays, "BATCH", 1)
    monkeypatch.setattr(replays, "STEP_SECONDS", 0.0001)
    [replay] = Replay.objects.all()
    steps = 0
    while work.run_batch("replay", limit=1):
        steps += 1
    replay.refresh_from_db()

    assert steps > 2
    assert replay.tickets.filter(outcome="answered").count() == 3


def test_a_threshold_is_replayed_too(norway):
    ask("How much is standard shipping to Norway?")
    replay = run(replays.ask_for_replay(threshold=1.0))

    assert [row.outcome for row in replay.tickets.all()] == [ReplayedTicket.Outcome.LOST]


def test_a_retired_article_is_a_loss(norway):
    ask("How much is standard shipping to Norway?")
    suggestion = suggest(
        kind=Kind.RETIRE, base_revision_id=norway.pk, title=norway.title, body="", category_id=None
    )
    replay = run(Replay.objects.get())

    assert replay.suggestion == suggestion
    assert [row.outcome for row in replay.tickets.all()] == [ReplayedTicket.Outcome.LOST]


def test_what_cannot_be_replayed_says_so(norway):
    suggest()
    [replay] = Replay.objects.all()
    Job.objects.filter(kind="replay").update(attempts=2)
    [job] = jobs.claim("replay", worker="w", limit=1)
    jobs.fail(job, "the model is gone")
    replay.refresh_from_db()

    assert (replay.state, replay.error) == (Replay.State.FAILED, "the model is gone")


def test_one_change_at_a_time():
    with pytest.raises(ValueError, match="one change"):
        replays.ask_for_replay()


def test_the_pages_show_what_would_change(norway, client, ada):
    sweden = ask("How much is standard shipping to Sweden?")
    suggestion = suggest()
    client.force_login(ada)
    page = f"/admin/knowledge/suggestion/{suggestion.pk}/change/"
    waiting = client.get(page).content.decode()
    replay = run(Replay.objects.get())
    done = client.get(page).content.decode()
    rows = client.get(f"/admin/helpdesk/replay/{replay.pk}/change/").content.decode()

    assert "Asking past tickets again" in waiting
    assert "would have answered 1 more, where 1 tickets got no draft" in done
    assert "breaks none" in done
    assert f"#{sweden.ticket.number}" in rows
    assert "€11.95" in rows
    assert (
        "No ticket with this outcome"
        in client.get(f"/admin/helpdesk/replay/{replay.pk}/change/?outcome=lost").content.decode()
    )


def test_the_lists_cost_the_same_for_one_replay_and_for_many(
    norway, client, ada, django_assert_max_num_queries
):
    client.force_login(ada)
    for number in range(5):
        ask("How much is standard shipping to Sweden?")
        suggest(fact_key=f"sweden {number}")
    for replay in Replay.objects.all():
        run(replay)
    with django_assert_max_num_queries(9):
        client.get("/admin/helpdesk/replay/")
    with django_assert_max_num_queries(9):
        client.get(f"/admin/helpdesk/replay/{replay.pk}/change/")


def test_an_admin_tries_a_threshold(norway, client, mia, ada):
    ask("How much is standard shipping to Norway?")
    client.force_login(ada)
    assert client.get("/admin/helpdesk/replay/add/").status_code == 403
    client.force_login(mia)
    refused = client.post("/admin/helpdesk/replay/add/", {"threshold": "7"})
    client.post("/admin/helpdesk/replay/add/", {"threshold": "0.99"})

    assert "less than or equal to 1" in refused.content.decode()
    assert Replay.objects.get().threshold == 0.99
