"""A suggestion shows what it would have made of past tickets, before anybody accepts it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk import checks, jobs, replaying, replays, work
from helpdesk.models import Draft, Job, Replay, ReplayedTicket
from knowledge.models import Article, Category, Publication, Suggestion
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.services import publish, save_revision
from knowledge.services.suggestions import propose
from knowledge.types import ArticleText
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


def test_an_equal_replay_is_not_run_again_unless_asked_for(norway, client, ada):
    suggestion = suggest()
    first = run(replays.ask_for_replay(suggestion=suggestion))
    assert replays.ask_for_replay(suggestion=suggestion) == first
    client.force_login(ada)
    for _ in range(2):  # the second finds the first waiting
        client.post(f"/admin/helpdesk/replay/suggestion/{suggestion.pk}/")

    assert Replay.objects.count() == 2
    assert Replay.objects.first().asked_by == ada


def change(revision, body):
    """Publish another text of the article, as the worker then follows it."""
    article = Article.objects.get(pk=revision.article_id)
    text = ArticleText(revision.title, body)
    saved = save_revision(article=article, text=text, author=None)
    publish(article=article)
    work.run_batch("index", limit=8)
    return saved


def edit_of(revision, body, **more):
    return suggest(
        kind=Kind.EDIT, base_revision_id=revision.pk, title=revision.title, body=body,
        category_id=None, **more,
    )  # fmt: skip


def test_a_suggestion_carried_over_to_another_text_is_replayed_again(norway):
    ask("How much is standard shipping to Norway?")
    suggestion = edit_of(norway, NORWAY.replace("€14.95", "€16.95"))
    first = run(Replay.objects.get())
    change(norway, NORWAY.replace("4 to 7", "5 to 9"))
    suggestion.refresh_from_db()

    assert "5 to 9" in suggestion.body
    assert "replay" not in suggestion.effect
    assert replays.is_of_older_text(Replay.objects.get(pk=first.pk))
    second = run(replays.newest(suggestion=suggestion))
    assert second != first
    assert replays.is_current(second)


def test_a_need_seen_again_upon_a_newer_text_is_replayed_again(norway):
    suggestion = edit_of(norway, NORWAY.replace("€14.95", "€16.95"))
    run(Replay.objects.get())
    newer = norway.body.replace("4 to 7", "5 to 9")
    article = Article.objects.get(pk=norway.article_id)
    text = ArticleText(norway.title, newer)
    edit_of(
        save_revision(article=article, text=text, author=None), newer.replace("€14.95", "€16.95")
    )
    assert Replay.objects.filter(suggestion=suggestion).count() == 2


def test_figures_are_never_of_two_texts(norway, monkeypatch):
    """The text changes while tickets are asked: what was found of the old one goes."""
    for _ in range(2):
        ask("How much is standard shipping to Sweden?")
    suggestion = suggest()
    monkeypatch.setattr(replaying, "BATCH", 1)
    monkeypatch.setattr(replaying, "STEP_SECONDS", 0.0001)
    work.run_batch("replay", limit=1)
    assert Replay.objects.get().done == 1
    suggestion.body = suggestion.body.replace("€11.95", "€12.95")
    suggestion.save()
    assert replays.ask_for_replay(suggestion=suggestion) == Replay.objects.get()
    replay = run(Replay.objects.get())

    assert replay.done == replay.tickets.count() == 2
    assert all("€12.95" in row.after for row in replay.tickets.all())


def test_old_figures_are_marked_and_can_be_had_anew(norway, client, ada, settings):
    suggestion = suggest()
    run(Replay.objects.get())
    client.force_login(ada)
    page = f"/admin/knowledge/suggestion/{suggestion.pk}/change/"
    fresh = client.get(page).content.decode()
    settings.QA_MIN_CONFIDENCE = 0.9
    other_engine = client.get(page).content.decode()
    Suggestion.objects.update(body="Standard shipping to Sweden costs €12.95.")
    older = client.get(page).content.decode()

    assert "Replay again" in fresh
    assert "figures are of" not in fresh
    assert "figures are of what answered then" in other_engine
    assert "figures are of an older text" in older


def test_a_replay_whose_time_is_up_tells_what_it_has(norway, client, ada, settings, monkeypatch):
    """The newest tickets are asked, and every figure is of those."""
    ask("How much is standard shipping to Sweden?", days_ago=2)
    new = ask("How much is standard shipping to Sweden?", days_ago=1)
    settings.REPLAY_BUDGET_SECONDS = 0.000001
    monkeypatch.setattr(replaying, "BATCH", 1)
    suggestion = suggest()
    replay = run(Replay.objects.get())
    client.force_login(ada)
    page = client.get(f"/admin/helpdesk/replay/{replay.pk}/change/").content.decode()
    suggestion.refresh_from_db()

    assert (replay.state, replay.done, replay.total) == ("done", 1, 2)
    assert replay.unanswered == 1
    assert [row.ticket for row in replay.tickets.all()] == [new.ticket]
    assert suggestion.effect["replay"]["tickets"] == 1
    assert "Asked 1 of 2 tickets, newest first" in page
    assert "1 / 2" in client.get("/admin/helpdesk/replay/").content.decode()


def test_a_ticket_that_cannot_be_told_is_shown_as_such(norway, client, ada):
    ask("How much is standard shipping to Norway?")
    april = change(norway, NORWAY.replace("€14.95", "€15.95"))
    edit_of(april, april.body.replace("€15.95", "€16.95"))
    replay = run(Replay.objects.get())
    client.force_login(ada)
    page = client.get(f"/admin/helpdesk/replay/{replay.pk}/change/?outcome=untold")

    assert replays.figures(replay)["untold"] == 1
    assert "Of 1 ticket it cannot be told" in page.content.decode()
    assert "cannot be told" in page.content.decode()


@pytest.mark.parametrize(("seconds", "ids"), [(0, ["helpdesk.E005"]), (1, [])])
def test_a_replay_needs_time(settings, seconds, ids):
    settings.REPLAY_BUDGET_SECONDS = seconds
    assert [one.id for one in checks.replays_have_time()] == ids


def test_a_step_that_ends_early_is_taken_up_where_it_stopped(norway, monkeypatch):
    for _ in range(3):
        ask("How much is standard shipping to Sweden?")
    suggest()
    monkeypatch.setattr(replaying, "BATCH", 1)
    monkeypatch.setattr(replaying, "STEP_SECONDS", 0.0001)
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
    assert "would have answered 1 more, where 1 ticket got no draft" in done
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
    with django_assert_max_num_queries(12):
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
