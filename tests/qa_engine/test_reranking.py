"""What a cross-encoder does to the order of passages, and what happens where it cannot be had."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from django.urls import reverse

from helpdesk.drafting import store_result
from knowledge.types import CUSTOMER
from qa_engine import reranking
from qa_engine.answering import engine
from qa_engine.backends.cross_encoder import CrossEncoder
from qa_engine.checks import reranker_is_known
from qa_engine.evaluation.fingerprints import fingerprints
from qa_engine.protocols import ModelUnavailable, Reranker
from qa_engine.questions import Question
from qa_engine.registry import get_reranker, reranking_for
from qa_engine.reranking import LANE, Reranking, mixed
from qa_engine.services import engine_fingerprint, warm_up, write_drafts
from qa_engine.types import Candidate, DraftRequest
from tests.qa_engine.tiny import save_tiny_reranker

QUESTION = "How much is standard shipping to Norway?"
ANSWER = "Standard shipping to Norway costs €14.95."
PAIRS = [
    ("How long?", "Parcels take 4 days."),
    ("How long?", "Express parcels take 2 days. " * 12),
    ("May I return a tent that I slept in?", "No."),
]


@pytest.fixture(params=[pytest.param("cross-encoder", marks=pytest.mark.slow)])
def reranker(request, tmp_path) -> Reranker:
    """Every reranker must pass the same tests."""
    save_tiny_reranker(tmp_path)
    return CrossEncoder(str(tmp_path), device="cpu", dtype="float32")


def test_each_pair_gets_the_score_that_it_gets_alone(reranker):
    scores = reranker.score(PAIRS)
    assert len(set(scores)) == len(PAIRS)
    assert scores == pytest.approx([reranker.score([one])[0] for one in PAIRS], abs=1e-6)
    assert reranker.score(PAIRS[::-1]) == pytest.approx(scores[::-1], abs=1e-6)


def test_nothing_to_score_is_no_score(reranker):
    assert reranker.score([]) == []


def test_warming_up_twice_changes_nothing(reranker):
    reranker.warm_up()
    before = reranker.score(PAIRS)
    reranker.warm_up()
    assert reranker.score(PAIRS) == before


def test_a_pair_that_is_too_long_is_cut_and_not_refused(reranker):
    [score] = reranker.score([("How long? " * 400, "Very long. " * 400)])
    assert score == score  # a number


@pytest.mark.slow
def test_a_fingerprint_names_the_weights(tmp_path):
    save_tiny_reranker(tmp_path / "one")
    save_tiny_reranker(tmp_path / "other", likes="express")
    one, other = (CrossEncoder(str(tmp_path / name)).fingerprint for name in ("one", "other"))
    assert one.startswith("one/")
    assert one.partition("/")[2] != other.partition("/")[2]


@pytest.mark.slow
def test_a_classifier_of_several_labels_is_no_reranker(tmp_path):
    save_tiny_reranker(tmp_path, labels=3)
    with pytest.raises(ModelUnavailable, match=r"QA_RERANKER.* 3 labels"):
        CrossEncoder(str(tmp_path), device="cpu").warm_up()


def test_missing_weights_name_the_setting(tmp_path):
    with pytest.raises(ModelUnavailable, match="QA_RERANKER"):
        CrossEncoder("/no/such/model").warm_up()
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors is missing"):
        _ = CrossEncoder(str(tmp_path)).fingerprint


def _passages(*scores: float) -> list[Candidate]:
    return [
        Candidate(number, number, number, f"Article {number}", "", "Said.", 0, 5, score)
        for number, score in enumerate(scores, start=1)
    ]


def _order(candidates: Sequence[Candidate]) -> list[int]:
    return [one.passage_id for one in candidates]


def test_of_two_neighbours_the_one_that_reads_both_texts_decides():
    assert _order(mixed(_passages(0.9, 0.8), [-3.0, 7.0])) == [2, 1]
    assert _order(mixed(_passages(0.9, 0.8, 0.7, 0.6), [4, 3, 1, 2])) == [1, 2, 4, 3]


def test_what_the_retriever_found_last_does_not_come_first_by_one_score():
    found = mixed(_passages(*(0.9 - n / 100 for n in range(20))), [*range(19, 0, -1), 99.0])
    assert _order(found)[0] == 1
    assert _order(found).index(20) < 12


def test_equal_scores_leave_the_order_as_it_was():
    assert _order(mixed(_passages(0.9, 0.8, 0.7), [1.0, 1.0, 1.0])) == [1, 2, 3]
    assert mixed([], []) == []


def test_the_scores_stay_what_the_reader_was_fitted_to():
    found = mixed(_passages(0.9, 0.5, 0.1), [1.0, 2.0, 3.0])
    assert [one.score for one in found] == [0.9, 0.5, 0.1]
    assert {one.passage_id: one.lanes[LANE] for one in found} == {1: 1.0, 2: 2.0, 3: 3.0}


@pytest.fixture
def norwegian(tmp_path, settings) -> str:
    """A reranker that prefers whatever says "norway"."""
    save_tiny_reranker(tmp_path / "norwegian", likes="norway")
    settings.QA_RERANKER = str(tmp_path / "norwegian")
    return settings.QA_RERANKER


@pytest.mark.slow
def test_a_batch_is_ranked_as_its_questions_are_alone(shop, norwegian):
    questions = [Question("What does a label cost?"), Question("When is my money back?")]
    chosen = engine()
    found = chosen.propose(questions, CUSTOMER)
    assert [_order(one) for one in found] == [
        _order(chosen.propose([question], CUSTOMER)[0]) for question in questions
    ]
    assert all(LANE in one.lanes for some in found for one in some)


@pytest.mark.slow
def test_the_configured_reranker_changes_the_order_and_the_names_of_what_answers(
    shop, settings, norwegian
):
    asked = [Question("What does a return label cost?")]
    named = engine_fingerprint()
    assert engine().fingerprint == named
    assert f"reranking/1+{reranking_for(norwegian).reranker.fingerprint}" in named
    assert fingerprints()["reranker"] == get_reranker().fingerprint
    [ranked] = engine().propose(asked, CUSTOMER)

    settings.QA_RERANKER = ""
    [plain] = engine().propose(asked, CUSTOMER)
    place = {order: titles.index("Shipping to Norway") for order, titles in (
        ("ranked", [one.title for one in ranked]), ("plain", [one.title for one in plain])
    )}  # fmt: skip
    assert place["ranked"] < place["plain"]
    assert sorted(_order(ranked)) == sorted(_order(plain))
    assert get_reranker() is None
    assert engine().fingerprint == engine_fingerprint() != named
    assert fingerprints()["reranker"] == "none"


@pytest.mark.slow
def test_a_draft_names_the_reranker_that_took_part(shop, norwegian):
    [draft] = write_drafts([DraftRequest(text=QUESTION)])
    assert ANSWER in draft.body
    assert draft.fingerprint == engine_fingerprint()
    assert draft.grounding.unranked == ""


def test_a_reranker_that_cannot_be_had_costs_no_draft(
    shop, settings, message, ada, browser_of, ticket, caplog
):
    [before] = write_drafts([DraftRequest(text=QUESTION)])
    settings.QA_RERANKER = "/no/such/model"
    reranking_for.cache_clear()
    with caplog.at_level(logging.WARNING, logger="qa_engine"):
        warm_up()
        [result] = write_drafts([DraftRequest(text=QUESTION)])
        write_drafts([DraftRequest(text=QUESTION)] * 2)

    assert result.body == before.body
    # It names what wrote it, which is what writes without a reranker.
    assert result.fingerprint == before.fingerprint == engine_fingerprint()
    assert fingerprints()["reranker"] == "unavailable"
    assert len([one for one in caplog.records if "reranker unavailable" in one.message]) == 1
    draft = store_result(message=message, attempt=1, result=result)
    assert draft is not None
    assert "QA_RERANKER" in draft.grounding["unranked"]
    page = browser_of(ada).get(reverse("admin:helpdesk_ticket_change", args=[ticket.pk]))
    assert "the reranker could not be used" in page.content.decode()
    assert [one.id for one in reranker_is_known()] == ["qa_engine.W004"]


@pytest.mark.slow
def test_a_device_that_is_full_costs_no_draft(shop, norwegian, monkeypatch):
    import torch

    def full(*_args: object, **_named: object) -> None:
        raise torch.OutOfMemoryError("no memory left")

    monkeypatch.setattr(torch.nn.Module, "to", full)
    [draft] = write_drafts([DraftRequest(text=QUESTION)])
    assert ANSWER in draft.body
    assert "memory does not hold it" in draft.grounding.unranked


def test_no_reranker_is_no_warning(settings):
    assert settings.QA_RERANKER == ""
    assert reranker_is_known() == []
    settings.QA_RERANKER = "cross-encoder/some-model"
    assert reranker_is_known() == []


class Sometimes:
    """A device that others fill up now and then."""

    fingerprint = "sometimes/1"

    def __init__(self) -> None:
        self.is_full = True
        self.tries = 0

    def warm_up(self) -> None:
        self.tries += 1
        if self.is_full:
            raise ModelUnavailable("no memory")

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.warm_up()
        return [float(number) for number, _ in enumerate(pairs)]


def test_a_model_that_failed_is_left_alone_for_a_while_and_then_tried_again(monkeypatch):
    reranker = Sometimes()
    chosen = Reranking(reranker)
    assert chosen.problem() == chosen.problem() == "no memory"
    assert reranker.tries == 1
    reranker.is_full = False
    monkeypatch.setattr(reranking, "RETRY_SECONDS", 0)
    assert chosen.problem() == ""


def test_a_batch_that_cannot_be_scored_stays_in_its_order():
    found = _passages(0.9, 0.8)
    [ranked] = Reranking(Sometimes()).rerank([Question("How long?")], [found])
    assert ranked == found
