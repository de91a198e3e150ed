"""A language model that is wrong or out of reach costs the shop nothing but its wording."""

from __future__ import annotations

import logging

import pytest
from django.urls import reverse

from helpdesk.draft_jobs import job_key
from helpdesk.drafting import draft_messages, store_result
from helpdesk.models import Draft, Job
from qa_engine.backends.causal import CHATML
from qa_engine.backends.locate import locate
from qa_engine.checks import writer_is_known
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import grounding_check, rewriter_for
from qa_engine.services import engine_fingerprint, write_drafts
from qa_engine.types import DraftRequest

QUESTION = "How much is standard shipping to Norway?"
ANSWER = "Standard shipping to Norway costs €14.95."
# Nothing listens on port 9 of this machine.
NOBODY = "http://user:hidden-word@127.0.0.1:9/v1"


@pytest.fixture(params=["openai", "transformers"])
def broken(request, settings, monkeypatch):
    settings.QA_WRITER = request.param
    settings.QA_GENERATOR = "/no/such/model"
    settings.QA_GENERATOR_URL = NOBODY if request.param == "openai" else ""
    settings.QA_GENERATOR_KEY = "hidden-key"
    monkeypatch.setattr("qa_engine.backends.openai_compatible.PAUSE", 0.0)
    rewriter_for.cache_clear()
    yield request.param
    rewriter_for.cache_clear()


def test_the_draft_job_is_done_and_the_desk_says_why(
    broken, shop, message, ada, browser_of, ticket, caplog
):
    message.body = QUESTION
    message.save()
    job = Job.objects.filter(kind=Job.Kind.DRAFT).first() or Job.objects.create(
        kind=Job.Kind.DRAFT, key=job_key(message, 1)
    )
    with caplog.at_level(logging.WARNING, logger="qa_engine"):
        draft_messages([job])
        write_drafts([DraftRequest(text=QUESTION)] * 3)

    draft = Draft.objects.get(message=message)
    assert ANSWER in draft.body
    assert draft.grounding["dropped"].startswith("generator unavailable: ")
    assert draft.fingerprint == engine_fingerprint()
    assert f"+generative/1:{broken}/model" in draft.fingerprint
    page = (
        browser_of(ada)
        .get(reverse("admin:helpdesk_ticket_change", args=[ticket.pk]))
        .content.decode()
    )
    assert "the language model could not be used" in page
    assert "did not pass the check" not in page
    for secret in ("hidden-key", "hidden-word"):
        assert secret not in f"{draft.grounding}{caplog.text}{page}"
    warned = [one for one in caplog.records if "generator unavailable" in one.message]
    assert 1 <= len(warned) <= 2  # out of reach, then left alone for a while; not once a ticket


def test_an_unknown_writer_is_an_error_at_start_up(settings):
    settings.QA_WRITER = "poet"
    [error] = writer_is_known()
    assert (error.id, error.hint) == (
        "qa_engine.E007",
        "Use one of extractive, transformers, openai.",
    )


def test_a_generator_that_cannot_be_had_is_a_warning(settings):
    settings.QA_WRITER, settings.QA_GENERATOR, settings.QA_GENERATOR_URL = "openai", "m", "host"
    assert [one.id for one in writer_is_known()] == ["qa_engine.W001"]
    settings.QA_WRITER, settings.QA_GENERATOR = "transformers", ""
    assert [one.id for one in writer_is_known()] == ["qa_engine.W002"]


def test_a_gguf_file_is_a_model_of_its_own(tmp_path):
    file = tmp_path / "small.gguf"
    file.write_bytes(b"GGUF")
    found = locate(str(file), setting="QA_GENERATOR")
    assert (found.name, found.gguf_file) == (str(tmp_path), "small.gguf")
    with pytest.raises(ModelUnavailable, match=r"no directory or \.gguf"):
        locate("package:qa_engine/none.gguf", setting="QA_GENERATOR")
    assert "<|im_start|>assistant" in CHATML


def test_a_model_for_the_check_that_cannot_be_had_costs_no_draft(
    shop, settings, message, ada, browser_of, ticket, caplog
):
    settings.QA_ENTAILMENT = "/no/such/model"
    grounding_check.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, logger="qa_engine"):
            drafts = write_drafts([DraftRequest(text=QUESTION)] * 2)
            message.body = QUESTION
            draft = store_result(message=message, attempt=1, result=write_drafts([_asked()])[0])
    finally:
        grounding_check.cache_clear()

    assert all(ANSWER in one.body for one in drafts)
    assert all(one.grounding and one.grounding.is_grounded for one in drafts)
    assert draft is not None
    assert draft.grounding["fingerprint"] == "grounding/1"  # names the check that was made
    assert "QA_ENTAILMENT" in draft.grounding["unasked"]
    assert len([one for one in caplog.records if "entailment unavailable" in one.message]) == 1
    page = browser_of(ada).get(reverse("admin:helpdesk_ticket_change", args=[ticket.pk]))
    assert "the model for the check could not be used" in page.content.decode()
    assert [one.id for one in writer_is_known()] == ["qa_engine.W003"]


def _asked():
    return DraftRequest(text=QUESTION)
