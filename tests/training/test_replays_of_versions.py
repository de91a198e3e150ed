"""A candidate, or a threshold, is tried on past tickets before it is put in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from helpdesk import replays, work
from helpdesk.models import Replay
from knowledge.models import Publication
from qa_engine import answering, registry
from qa_engine.backends.hashing import HashingEmbedder
from qa_engine.models import EmbeddingIndex, PassageEmbedding
from qa_engine.protocols import ModelUnavailable
from qa_engine.threshold_models import Threshold
from qa_engine.thresholds import threshold_in_force
from qa_engine.types import DraftRequest
from tests.factories import MessageFactory
from tests.training.test_promotion import unreplayed

NORWAY = "How long does a parcel to Norway take?"


class Blind(HashingEmbedder):
    """Takes every text for the same, and every question for the opposite of it."""

    fingerprint = "blind/1"

    def embed_passages(self, texts):
        return [(1.0, *[0.0] * (self.dimension - 1)) for _ in texts]

    def embed_queries(self, texts):
        return [(-1.0, *[0.0] * (self.dimension - 1)) for _ in texts]


@pytest.fixture
def blind(monkeypatch, shelf):
    made, known = Blind(), registry.embedder_for
    choose = lambda model: made if model == "/models/blind" else known(model)  # noqa: E731
    for module in (
        "registry",
        "embedding_indexes",
        "asked",
        "questions_encoded",
        "indexing",
        "replaying.overlay",
    ):
        monkeypatch.setattr(f"qa_engine.{module}.embedder_for", choose)
    Publication.objects.update(shown_from=timezone.now() - timedelta(days=365))
    return unreplayed(path="/models/blind")


def ask(body=NORWAY):
    at = timezone.now() - timedelta(days=1)
    return MessageFactory(body=body, created_at=at, ticket__created_at=at)


def run(replay):
    while work.run_batch("replay", limit=1):
        pass
    replay.refresh_from_db()
    return replay


def test_a_candidate_is_asked_past_tickets_and_answers_nobody(blind, shelf):
    message = ask()
    replay = run(replays.ask_for_replay(version=blind))
    [row] = replay.tickets.all()

    assert (replay.state, replay.done, replay.error) == ("done", 1, "")
    assert row.ticket == message.ticket
    assert "4 to 7 working days" in row.before
    assert row.after != row.before
    assert EmbeddingIndex.objects.active() == shelf
    assert PassageEmbedding.objects.filter(index__model=blind.path).count() == 2


def test_the_versions_page_offers_a_replay_and_shows_its_figures(blind, browser_of, mia):
    ask()
    page = reverse("admin:qa_engine_modelversion_change", args=[blind.pk])
    act = reverse("admin:qa_engine_modelversion_act", args=[blind.pk, "replay"])
    browser = browser_of(mia)
    before = browser.get(page).content.decode()
    assert "tickets of the last 30 days" in browser.get(act).content.decode()
    browser.post(act)
    replay = run(Replay.objects.get())
    after = browser.get(page).content.decode()

    assert "Replay on past tickets" in before
    assert "It has not been replayed" in before
    assert (replay.version, replay.asked_by) == (blind, mia)
    assert "1 of 1 tickets asked" in after
    assert reverse("admin:helpdesk_replay_change", args=[replay.pk]) in after


def test_a_reranker_that_cannot_be_had_is_not_compared_with_nothing(shelf, tmp_path):
    ask()
    version = unreplayed(kind="reranker", path=str(tmp_path / "gone"))
    replay = replays.ask_for_replay(version=version)
    with pytest.raises(ModelUnavailable):
        answering.prepare(version)
    work.run_batch("replay", limit=1)
    replay.refresh_from_db()

    assert replay.state != Replay.State.DONE


def test_a_kind_that_is_never_asked_is_not_replayed(db, browser_of, mia):
    version = unreplayed(kind="reader")
    act = reverse("admin:qa_engine_modelversion_act", args=[version.pk, "replay"])
    assert "Nothing would differ" in browser_of(mia).get(act).content.decode()
    browser_of(mia).post(act)
    assert not Replay.objects.exists()


@pytest.mark.parametrize("more", [{"threshold": 0.5}, {"version": None}])
def test_the_database_refuses_a_replay_of_a_version_and_something_else(db, more):
    at = timezone.now()
    given = {"since": at, "until": at, "fingerprint": "f", "version": unreplayed()} | more
    with pytest.raises(IntegrityError, match="replay_of_one_change"), transaction.atomic():
        Replay.objects.create(**given)


def tried(value):
    return run(replays.ask_for_replay(threshold=value, anew=True))


def put(browser, replay):
    return browser.post(
        reverse("admin:helpdesk_replay_put_in_force", args=[replay.pk]), follow=True
    ).content.decode()


def test_a_threshold_in_force_decides_from_the_next_draft_on(shelf, browser_of, mia, settings):
    settings.QA_MIN_CONFIDENCE = 0.0
    request = DraftRequest(text=NORWAY, subject="")
    [before] = answering.write_drafts([request])
    replay = tried(1.0)
    page = browser_of(mia).get(reverse("admin:helpdesk_replay_change", args=[replay.pk]))
    said = put(browser_of(mia), replay)
    [after] = answering.write_drafts([request])
    row = Threshold.objects.get()

    assert "Put this threshold in force" in page.content.decode()
    assert "in force" in said
    assert (row.value, row.put_by, row.replay_id, row.state) == (1.0, mia, replay.pk, "active")
    assert before.body
    assert not after.body


def test_thresholds_are_taken_back_one_by_one(shelf, browser_of, mia, settings):
    settings.QA_MIN_CONFIDENCE = 0.3
    browser = browser_of(mia)
    back = reverse("admin:helpdesk_replay_roll_back")
    for value in (0.4, 0.5):
        put(browser, tried(value))
    seen = [threshold_in_force()]
    for _ in range(3):
        page = browser.post(back, follow=True).content.decode()
        seen.append(threshold_in_force())

    assert seen == [0.5, 0.4, 0.3, 0.3]
    assert "The setting decides already" in page
    assert set(Threshold.objects.values_list("state", "taken_back_by")) == {("taken_back", mia.pk)}


def test_a_threshold_that_was_not_tried_is_refused(shelf, browser_of, mia):
    """Not finished, too old, or tried against something else than what answers now."""
    waiting = replays.ask_for_replay(threshold=0.4)
    assert "has not finished" in put(browser_of(mia), waiting)
    old = run(waiting)
    Replay.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert "older than 7 days" in put(browser_of(mia), old)
    put(browser_of(mia), tried(0.6))
    Replay.objects.update(finished_at=timezone.now())
    assert "something else" in put(browser_of(mia), old)
    assert threshold_in_force() == 0.6


def test_only_admins_put_a_threshold_in_force(shelf, browser_of, ada):
    replay = tried(0.4)
    page = browser_of(ada).get(reverse("admin:helpdesk_replay_change", args=[replay.pk]))
    assert "Put this threshold" not in page.content.decode()
    for url in (
        reverse("admin:helpdesk_replay_put_in_force", args=[replay.pk]),
        reverse("admin:helpdesk_replay_roll_back"),
    ):
        assert browser_of(ada).post(url).status_code == 403
    assert not Threshold.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "rows"),
    [
        ("threshold_one_in_force", [{}, {}]),
        ("threshold_is_a_probability", [{"value": 1.1}]),
        ("threshold_taken_back_by_somebody", [{"state": "taken_back"}]),
        ("threshold_taken_back_by_somebody", [{"taken_back_at": "2026-01-01T00:00Z"}]),
    ],
)
def test_the_database_refuses(mia, constraint, rows):
    values = {"value": 0.5, "replay_id": 1, "put_by": mia}
    made = [Threshold(**values | given) for given in rows]
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Threshold.objects.bulk_create(made)
