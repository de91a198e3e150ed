"""Deciding on drafts: what is sent, what is refused, and what the world then looks like."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from helpdesk.drafting import store_result
from helpdesk.exceptions import DraftAlreadyDecided, DraftHasNoAnswer, DraftStale
from helpdesk.models import Citation, Draft, Message
from helpdesk.services.drafts import approve_draft, draft_again, reject_draft
from helpdesk.services.messages import post_reply, post_requester_reply
from helpdesk.services.undoing import undo_reply
from qa_engine.types import DraftResult, Reason


def result_of(body: str = "You have 30 days.", reason: Reason | None = None) -> DraftResult:
    return DraftResult(
        body=body,
        sentences=(),
        questions=(),
        confidence=0.9 if body else 0.1,
        reason=reason,
        fingerprint="test",
        seconds=0.1,
    )


@pytest.fixture
def draft(message) -> Draft:
    return store_result(message=message, attempt=1, result=result_of())


def test_an_approved_draft_is_queued_as_the_agents_reply(ada, draft, ticket):
    reply = approve_draft(draft=draft, by=ada)

    draft.refresh_from_db()
    ticket.refresh_from_db()
    assert (reply.body, reply.delivery, reply.approved_by) == ("You have 30 days.", "queued", ada)
    assert (draft.state, draft.reply, draft.decided_by) == (Draft.State.APPROVED, reply, ada)
    assert ticket.status == "pending"
    assert ticket.first_replied_at is not None


def test_an_edited_draft_keeps_what_the_engine_wrote(ada, draft):
    reply = approve_draft(draft=draft, by=ada, body="You have 60 days.")

    draft.refresh_from_db()
    assert draft.state == Draft.State.EDITED
    assert (draft.body, reply.body) == ("You have 30 days.", "You have 60 days.")


def test_the_second_agent_is_told_who_was_first(ada, bo, draft):
    approve_draft(draft=draft, by=ada)
    with pytest.raises(DraftAlreadyDecided, match="Ada Novak"):
        approve_draft(draft=draft, by=bo)
    assert Message.objects.filter(delivery="queued").count() == 1


def test_a_draft_is_stale_once_the_requester_writes_again(ada, rex, draft, ticket):
    post_requester_reply(ticket=ticket, author=rex, body="And boots?")
    with pytest.raises(DraftStale):
        approve_draft(draft=draft, by=ada)


def test_a_result_that_comes_late_is_not_kept(rex, ticket, message):
    post_requester_reply(ticket=ticket, author=rex, body="And boots?")
    assert store_result(message=message, attempt=1, result=result_of()) is None


def test_the_same_attempt_is_stored_once(message, draft):
    assert store_result(message=message, attempt=1, result=result_of()) is None
    assert Draft.objects.count() == 1


def test_drafting_again_replaces_the_waiting_draft(ada, ticket, message, draft):
    assert draft_again(ticket=ticket, by=ada) == 2
    newer = store_result(message=message, attempt=2, result=result_of("Within 30 days."))
    draft.refresh_from_db()
    assert (draft.state, newer.state) == (Draft.State.SUPERSEDED, Draft.State.WAITING)


def test_a_rejected_draft_says_why(ada, draft):
    reject_draft(draft=draft, by=ada, reason="outdated", comment="It is 60 days now.")
    draft.refresh_from_db()
    assert (draft.state, draft.reject_reason) == (Draft.State.REJECTED, "outdated")


def test_nothing_is_sent_from_a_draft_without_an_answer(ada, message):
    empty = store_result(
        message=message, attempt=1, result=result_of("", reason=Reason.NO_PASSAGE)
    )
    with pytest.raises(DraftHasNoAnswer):
        approve_draft(draft=empty, by=ada)


def test_taking_a_reply_back_brings_the_draft_and_the_status_back(ada, draft, ticket):
    reply = approve_draft(draft=draft, by=ada)
    assert undo_reply(message=reply, by=ada) == draft

    draft.refresh_from_db()
    ticket.refresh_from_db()
    assert (draft.state, ticket.status, ticket.first_replied_at) == ("waiting", "new", None)
    assert not Message.objects.filter(author=ada).exists()


def test_an_agents_own_reply_replaces_the_draft(ada, draft, ticket):
    post_reply(ticket=ticket, author=ada, body="Hello, thirty days.")
    draft.refresh_from_db()
    assert draft.state == Draft.State.SUPERSEDED


def test_the_database_refuses_mail_that_nobody_approved(ticket):
    with pytest.raises(IntegrityError, match="message_mailed_only_if_approved"):
        Message.objects.create(
            ticket=ticket, body="Hello", delivery="queued", message_id="<1@localhost>"
        )


def test_the_database_refuses_a_quote_that_the_article_does_not_contain(draft, revision):
    with pytest.raises(IntegrityError, match="citation_quote"), transaction.atomic():
        Citation.objects.create(
            draft=draft,
            number=1,
            sentence_start=0,
            sentence_end=5,
            revision=revision,
            start=0,
            end=5,
            quote="wrong",
        )
    Citation.objects.create(
        draft=draft,
        number=1,
        sentence_start=0,
        sentence_end=5,
        revision=revision,
        start=4,
        end=8,
        quote=revision.body[4:8],
    )
