"""A candidate drafts beside the model that answers; nobody is sent what it writes."""

from __future__ import annotations

import pytest

from helpdesk import shadowing, work
from helpdesk.drafting import store_result
from helpdesk.models import Draft, Job, Message, ShadowDraft
from helpdesk.services.drafts import approve_draft
from qa_engine import indexing
from qa_engine.promotion import set_shadow
from qa_engine.services import write_drafts
from qa_engine.types import DraftRequest
from tests.factories import MessageFactory, TicketFactory
from tests.training.test_promotion import a_version

QUESTION = "How long does a parcel to Norway take?"


@pytest.fixture
def candidate(mia, shelf, other_model):
    """A retriever in the shadow, with an index of its own."""
    indexing.build_beside(other_model)
    return set_shadow(version=a_version(path=other_model), by=mia, is_on=True)


def drafted() -> Draft:
    message = MessageFactory(ticket=TicketFactory(subject="Norway"), body=QUESTION)
    [result] = write_drafts([DraftRequest(text=QUESTION, subject="Norway")])
    draft = store_result(message=message, attempt=1, result=result)
    assert draft is not None
    assert "4 to 7 working days" in draft.body
    return draft


def test_the_candidates_draft_is_kept_beside_and_changes_nothing(candidate):
    draft = drafted()
    [job] = Job.objects.filter(kind=Job.Kind.SHADOW)
    assert job.key == str(draft.pk)
    assert work.run_batch("shadow", limit=4) == 1

    shadow = ShadowDraft.objects.get()
    assert (shadow.draft, shadow.version) == (draft, candidate)
    assert "4 to 7 working days" in shadow.body
    before = (draft.body, draft.state, draft.fingerprint)
    draft.refresh_from_db()
    assert (draft.body, draft.state, draft.fingerprint) == before
    assert draft.is_waiting
    assert not Message.objects.exclude(delivery="none").exists()
    assert "1 drafts" in shadowing.told(candidate)

    Job.objects.create(kind=Job.Kind.SHADOW, key=job.key)  # asked twice: one row
    work.run_batch("shadow", limit=4)
    assert ShadowDraft.objects.count() == 1


def test_what_an_agent_made_of_it_tells_which_was_nearer(candidate, ada):
    draft = drafted()
    work.run_batch("shadow", limit=4)
    ShadowDraft.objects.update(body="Parcels to Norway arrive within 9 days.", is_same=False)
    approve_draft(draft=draft, by=ada, body="Parcels to Norway arrive within 9 days, usually.")
    told = shadowing.told(candidate)
    assert "0 the same" in told
    assert "the shadow 1 times, the draft 0 times" in told


def test_without_a_candidate_nothing_is_drafted_twice(shelf):
    drafted()
    assert not Job.objects.filter(kind=Job.Kind.SHADOW).exists()


def test_a_job_that_comes_after_the_shadow_was_switched_off_writes_nothing(candidate, mia):
    drafted()
    set_shadow(version=candidate, by=mia, is_on=False)
    assert work.run_batch("shadow", limit=4) == 1
    assert not ShadowDraft.objects.exists()
    assert shadowing.told(candidate) == "–"
