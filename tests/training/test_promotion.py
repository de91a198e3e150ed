"""What may answer, what may not, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from helpdesk import replays
from helpdesk.models import Replay, ReplayedTicket
from qa_engine import comparing, embedding_indexes, indexing, pinned, promotion, versions
from qa_engine.answering import answer_question
from qa_engine.comparing import Asked
from qa_engine.models import EmbeddingIndex, PassageEmbedding
from qa_engine.promotion import NotPromotable, promote, roll_back, set_shadow
from qa_engine.registry import HASHING
from qa_engine.training_models import ModelVersion, PinnedCase
from tests.factories import MessageFactory

GOOD = {
    "against": None, "engine": "x", "metric": "MRR@10", "questions": 80,
    "before": 0.7, "after": 0.8, "low": 0.02, "high": 0.18, "is_better": True,
}  # fmt: skip


def a_version(number=1, kind="retriever", path=HASHING, **comparison):
    """A version that was compared with what answers, and replayed."""
    version = unreplayed(number, kind, path, **comparison)
    replayed(version)
    return version


def replayed(version, *, won=0, lost=0, **more):
    """A finished replay of the version against what answers now."""
    now = timezone.now()
    replay = Replay(version=version, since=now - timedelta(days=30), until=now)
    replay.fingerprint = replays.fingerprint_of(replay)
    for name, value in (
        {"state": "done", "finished_at": now, "total": 60, "done": 60} | more
    ).items():
        setattr(replay, name, value)
    replay.save()
    for outcome in ["answered"] * won + ["lost"] * lost:
        message = MessageFactory()
        ReplayedTicket.objects.create(
            replay=replay, ticket=message.ticket, message=message, outcome=outcome
        )
    return replay


def unreplayed(number=1, kind="retriever", path=HASHING, **comparison):
    return ModelVersion.objects.create(
        kind=kind,
        number=number,
        data_digest="0" * 64,
        path=path,
        fingerprint="test",
        comparison=GOOD | comparison,
        pinned={"digest": pinned.digest(pinned.active()), "cases": 0, "broken": []},
    )


def test_what_is_better_by_more_than_chance_may_answer(mia):
    version = promote(version=a_version(), by=mia)
    assert version.is_active
    assert version.promoted_by == mia
    assert [one.kind for one in version.events.all()] == ["promoted"]


@pytest.mark.parametrize(
    ("comparison", "reason"),
    [
        ({"low": -0.01, "is_better": False}, "not better by more than chance"),
        ({"questions": 12}, "Too little to judge by: 12"),
        ({"against": 99}, "compared with another model"),
    ],
)
def test_a_refusal_says_why_in_plain_words(mia, comparison, reason):
    with pytest.raises(NotPromotable, match=reason):
        promote(version=a_version(**comparison), by=mia)


@pytest.mark.parametrize(
    ("replay", "reason"),
    [
        ({"lost": 2, "won": 1}, "loses 2 answers and wins 1. Read the lost ones"),
        ({"finished_at": timezone.now() - timedelta(days=8)}, "older than 7 days. Replay again"),
        ({"state": "running", "finished_at": None}, "has not finished. Wait"),
        ({"state": "failed"}, "failed. Its page says why"),
        ({"fingerprint": "of another engine"}, "against something else than what answers now"),
        ({"done": 16, "total": 900}, "only 16 of 900 tickets .* Raise REPLAY_BUDGET_SECONDS"),
    ],
)
def test_past_tickets_speak_against_a_version_in_plain_words(mia, replay, reason):
    version = unreplayed()
    replayed(version, **replay)
    with pytest.raises(NotPromotable, match=reason):
        promote(version=version, by=mia)


def test_what_was_not_replayed_does_not_answer(mia):
    with pytest.raises(NotPromotable, match="Press “Replay on past tickets”"):
        promote(version=unreplayed(), by=mia)


@pytest.mark.parametrize("figures", [{"lost": 2, "won": 2}, {"done": 3, "total": 3}])
def test_a_version_may_lose_as_many_answers_as_it_wins(mia, figures):
    version = unreplayed()
    replayed(version, **figures)
    assert promote(version=version, by=mia).is_active


def test_the_newest_replay_counts(mia):
    version = unreplayed()
    replayed(version)
    replayed(version, lost=1)
    with pytest.raises(NotPromotable, match="loses 1"):
        promote(version=version, by=mia)


def test_a_replay_against_what_answered_before_does_not_count(mia, shelf, other_model):
    indexing.build_beside(other_model)
    version = a_version(path=other_model)
    second = a_version(2, against=version.pk)
    promote(version=version, by=mia)
    with pytest.raises(NotPromotable, match="something else than what answers now"):
        promote(version=second, by=mia)


def test_of_what_the_engine_never_asks_no_replay_is_wanted(mia):
    """Its figures would say that nothing changes, whatever the version is worth."""
    assert promote(version=unreplayed(kind="reader"), by=mia).is_active


def test_what_was_never_compared_does_not_answer(mia):
    version = a_version()
    version.comparison = {}
    version.save()
    with pytest.raises(NotPromotable, match="has not been compared"):
        promote(version=version, by=mia)


def test_a_broken_pinned_case_is_named(mia):
    case = PinnedCase.objects.create(question="May I return it?", answer="30 days")
    version = a_version()
    version.pinned |= {"digest": pinned.digest([case]), "broken": [case.pk]}
    version.save()
    with pytest.raises(NotPromotable, match="May I return it"):
        promote(version=version, by=mia)


def test_a_check_of_other_cases_does_not_count(mia):
    version = a_version()
    PinnedCase.objects.create(question="May I return it?", answer="30 days")
    with pytest.raises(NotPromotable, match="have changed since"):
        promote(version=version, by=mia)


def test_one_version_of_a_kind_answers_and_the_one_before_comes_back(mia):
    first = promote(version=a_version(1), by=mia)
    second = promote(version=a_version(2, against=first.pk), by=mia)
    first.refresh_from_db()
    assert first.state == "retired"
    assert versions.model_for("retriever", "configured") == second.path
    assert roll_back(version=second, by=mia) == first
    first.refresh_from_db()
    assert first.is_active
    assert roll_back(version=first, by=mia) is None
    assert versions.model_for("retriever", "configured") == "configured"


def test_only_what_answers_can_be_rolled_back(mia):
    with pytest.raises(NotPromotable, match="does not answer"):
        roll_back(version=a_version(), by=mia)


def test_one_version_is_in_the_shadow(mia):
    shadow = set_shadow(version=a_version(1), by=mia, is_on=True)
    with pytest.raises(NotPromotable, match="Another version"):
        set_shadow(version=a_version(2), by=mia, is_on=True)
    assert set_shadow(version=shadow, by=mia, is_on=False).state == "candidate"


def test_the_database_refuses_two_answering_versions(mia):
    promote(version=a_version(1), by=mia)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=a_version(2).pk).update(
            state="active", promoted_by=mia, promoted_at="2026-01-01T00:00Z"
        )


def test_the_database_refuses_an_answering_version_that_nobody_promoted(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=a_version().pk).update(state="active")


def test_the_database_refuses_a_pinned_case_that_expects_nothing(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        PinnedCase.objects.create(question="What?")


def test_a_candidates_index_is_built_beside_and_then_switched_to(mia, shelf, other_model):
    index = indexing.build_beside(other_model)
    assert EmbeddingIndex.objects.active() == shelf
    assert index.embeddings.count() == 2
    version = a_version(path=other_model)
    promote(version=version, by=mia)
    assert EmbeddingIndex.objects.active() == index
    assert embedding_indexes.target() == index


def test_a_roll_back_needs_no_rebuilding(mia, shelf, other_model):
    indexing.build_beside(other_model)
    version = promote(version=a_version(path=other_model), by=mia)
    assert PassageEmbedding.objects.filter(index=shelf).count() == 2
    roll_back(version=version, by=mia)
    assert EmbeddingIndex.objects.active() == shelf


def test_a_candidate_is_asked_without_answering_anybody(shelf, other_model):
    index = indexing.build_beside(other_model)
    with versions.using(a_version(path=other_model)):
        assert EmbeddingIndex.objects.active() == index
        assert answer_question("return an item?", viewer=comparing.CUSTOMER).fingerprint
    assert EmbeddingIndex.objects.active() == shelf


def test_a_comparison_asks_both_and_keeps_what_came_of_it(shelf, other_model):
    case = PinnedCase.objects.create(question="Can I pay with shells?", is_unanswerable=True)
    version = a_version(path=other_model)
    asked = [Asked("How long does a parcel to Norway take?", frozenset({"shipping-to-norway"}))]
    comparing.compare(version, asked * 60)
    version.refresh_from_db()
    assert version.comparison["questions"] == 60
    assert version.comparison["before"] == version.comparison["after"] == 1.0
    assert not version.comparison["is_better"]
    assert version.pinned["digest"] == pinned.digest([case])
    assert any("not better" in reason for reason in promotion.refusals(version))


def test_a_discarded_versions_vectors_go(mia, shelf, other_model):
    index = indexing.build_beside(other_model)
    promotion.discard(version=a_version(path=other_model), by=mia)
    assert index.embeddings.count() == 0
    assert EmbeddingIndex.objects.active() == shelf
