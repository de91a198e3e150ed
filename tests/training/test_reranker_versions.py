"""A trained reranker answers, is judged, drafts in the shadow and is rolled back."""

from __future__ import annotations

import pytest

from helpdesk import shadowing, work
from helpdesk.drafting import store_result
from helpdesk.models import ShadowDraft
from knowledge.types import CUSTOMER
from qa_engine import comparing, indexing, pinned, promotion, versions
from qa_engine.answering import engine
from qa_engine.comparing import Asked
from qa_engine.models import EmbeddingIndex
from qa_engine.promotion import promote, roll_back, set_shadow
from qa_engine.protocols import ModelUnavailable
from qa_engine.questions import Question
from qa_engine.registry import HASHING, get_reranker, reranking_for
from qa_engine.services import engine_fingerprint, write_drafts
from qa_engine.training import recipes, running
from qa_engine.training_models import ModelVersion, PinnedCase, TrainingRun
from qa_engine.types import DraftRequest
from tests.factories import MessageFactory, TicketFactory, publish_article
from tests.qa_engine.tiny import save_tiny_reranker
from tests.training.test_promotion import a_version

pytestmark = pytest.mark.slow
QUESTION = "How long does a parcel take?"


@pytest.fixture
def parcels(db, settings):
    """Two articles that answer, of which the one on Norway is found first."""
    settings.QA_EMBEDDER = HASHING
    settings.QA_MIN_CONFIDENCE = 0.0
    publish_article("A parcel to Norway", "A parcel to Norway may take 4 to 7 working days.")
    publish_article("A parcel by courier", "A parcel by courier may take 2 working days.")
    indexing.sync_due()
    return EmbeddingIndex.objects.active()


def a_reranker(tmp_path, number=1, likes="courier", **comparison) -> ModelVersion:
    folder = tmp_path / f"run-{number}"
    save_tiny_reranker(folder, likes=likes)
    version = a_version(number, kind="reranker", path=str(folder), **comparison)
    version.fingerprint = reranking_for(version.path).reranker.fingerprint
    version.save()
    return version


def first() -> str:
    [found] = engine().propose([Question(QUESTION)], CUSTOMER)
    return found[0].title


def test_a_promoted_reranker_orders_the_next_batch_and_a_roll_back_undoes_it(
    parcels, tmp_path, mia
):
    before, [draft] = engine_fingerprint(), write_drafts(_asked())
    assert "4 to 7" in draft.body
    version = promote(version=a_reranker(tmp_path), by=mia)
    [changed] = write_drafts(_asked())
    assert "2 working days" in changed.body
    assert (
        changed.fingerprint
        == engine_fingerprint()
        == f"{before}+reranking/1+{version.fingerprint}"
    )

    assert roll_back(version=version, by=mia) is None
    [again] = write_drafts(_asked())
    assert (again.body, again.fingerprint) == (draft.body, before)


def test_the_one_before_comes_back_and_then_the_configured_one(parcels, tmp_path, mia, settings):
    save_tiny_reranker(tmp_path / "configured", likes="norway")
    settings.QA_RERANKER = str(tmp_path / "configured")
    configured = get_reranker()
    one = promote(version=a_reranker(tmp_path, 1), by=mia)
    other = promote(version=a_reranker(tmp_path, 2, "norway", against=one.pk), by=mia)
    assert get_reranker() is reranking_for(other.path).reranker
    assert roll_back(version=other, by=mia) == one
    assert get_reranker() is reranking_for(one.path).reranker
    roll_back(version=ModelVersion.objects.get(pk=one.pk), by=mia)
    assert get_reranker() is configured


def test_a_candidate_in_the_shadow_drafts_otherwise_and_nobody_sees_it(parcels, tmp_path, mia):
    version = set_shadow(version=a_reranker(tmp_path), by=mia, is_on=True)
    message = MessageFactory(ticket=TicketFactory(subject="Parcel"), body=QUESTION)
    [result] = write_drafts(_asked())
    draft = store_result(message=message, attempt=1, result=result)
    assert work.run_batch("shadow", limit=4) == 1

    shadow = ShadowDraft.objects.get()
    assert (shadow.draft, shadow.version, shadow.is_same) == (draft, version, False)
    assert "2 working days" in shadow.body
    assert "4 to 7" in draft.body
    assert "0 the same" in shadowing.told(version)
    assert first() == "A parcel to Norway"


def test_a_comparison_asks_the_candidate_itself(parcels, tmp_path, mia):
    """Both articles are found either way: only the order can make the difference."""
    version = a_reranker(tmp_path)
    asked = [Asked(QUESTION, frozenset({"a-parcel-by-courier"}))] * 60
    told = comparing.compare(version, asked)
    version.refresh_from_db()
    assert version.comparison["before"] == 0.5
    assert version.comparison["after"] == 1.0
    assert version.comparison["engine"] == engine_fingerprint()
    assert "0.5 → 1.0 on 60 questions" in told
    assert promotion.refusals(version) == []
    assert first() == "A parcel to Norway"


def test_a_candidate_is_compared_again_once_passages_are_found_by_another_retriever(
    parcels, tmp_path, mia
):
    version = a_reranker(tmp_path)
    questions = [Asked(QUESTION, frozenset({"a-parcel-by-courier"}))] * 60
    comparing.compare(version, questions)
    retriever = promote(version=a_version(kind="retriever"), by=mia)
    [reason] = promotion.refusals(version)
    assert "found or put in order by another model" in reason
    comparing.compare(version, questions)
    assert promotion.refusals(version) == []

    promote(version=version, by=mia)
    other = a_version(2, against=retriever.pk)
    assert "found or put in order by another model" in promotion.refusals(other)[0]


def test_one_that_orders_worse_is_refused_and_the_broken_case_named(parcels, tmp_path, mia):
    case = PinnedCase.objects.create(question=QUESTION, answer="4 to 7 working days")
    version = a_reranker(tmp_path)
    comparing.compare(version, [Asked(QUESTION, frozenset({"a-parcel-to-norway"}))] * 60)
    version.refresh_from_db()
    assert version.pinned["broken"] == [case.pk]
    assert version.pinned["digest"] == pinned.digest([case])
    [worse, broken] = promotion.refusals(version)
    assert "1.0 → 0.5" in worse
    assert QUESTION in broken


def test_compare_again_judges_it_against_what_answers_now(parcels, tmp_path, mia):
    version = a_reranker(tmp_path)
    assert recipes
    run = running.ask("check", options={"version": version.pk})
    ended = running.work_on(run.pk)
    assert ended.state == TrainingRun.State.DONE, ended.log
    version.refresh_from_db()
    assert version.comparison["against"] is None
    assert version.comparison["metric"] == "MRR@10"


def test_a_candidate_whose_weights_are_gone_is_not_compared_as_if_it_were_there(
    parcels, tmp_path, mia
):
    version = a_version(kind="reranker", path=str(tmp_path / "gone"))
    with pytest.raises(ModelUnavailable, match="gone"):
        comparing.compare(version, [Asked(QUESTION, frozenset({"a-parcel-by-courier"}))])
    with versions.using(version):
        assert write_drafts(_asked())[0].body


def _asked():
    return [DraftRequest(text=QUESTION)]
