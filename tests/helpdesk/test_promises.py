"""Decisions as data, what they prove, and what a rule may send by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from helpdesk import calibrating, decisions, jobs, work
from helpdesk.drafting import store_result
from helpdesk.exceptions import PromiseNotProven
from helpdesk.mail import delivery
from helpdesk.models import Draft, DraftDecision, ErrorPromise, Job, Message, TicketEvent
from helpdesk.services.drafts import approve_draft, reject_draft
from helpdesk.services.messages import post_reply, post_requester_reply
from helpdesk.services.promises import (
    check_promise,
    set_promise,
    switch_sending_off,
    switch_sending_on,
)
from helpdesk.services.undoing import undo_reply
from qa_engine import services as engine
from qa_engine.models import CalibrationVersion
from qa_engine.types import DraftResult, QuestionOutcome
from tests.factories import MessageFactory, TicketFactory

BODY = "Hello Rex, you can return a jacket within 30 days. It must be unworn. Kind regards"


def result(confidence: float = 0.9, *, answered: bool = True, body: str = BODY) -> DraftResult:
    outcome = QuestionOutcome("How long?", answered, confidence, features={"score": 0.5})
    open_one = QuestionOutcome("And boots?", False, 0.1)
    return DraftResult(
        body=body,
        sentences=(),
        questions=(outcome,) if answered else (outcome, open_one),
        confidence=confidence,
        reason=None,
        fingerprint=engine.engine_fingerprint(),
        seconds=0.1,
        own_confidence=confidence,
    )


def draft_for(queue, *, confidence: float = 0.9, text: str = "How long?", **options) -> Draft:
    message = MessageFactory(ticket=TicketFactory(queue=queue), body=text)
    draft = store_result(message=message, attempt=1, result=result(confidence, **options))
    assert draft is not None
    draft.refresh_from_db()
    return draft


def decided(queue, count: int, *, wrong: int = 0, confidence: float = 0.9) -> None:
    """So many decisions, quickly: rows as `decisions` writes them."""
    message = MessageFactory(ticket=TicketFactory(queue=queue))
    drafts = Draft.objects.bulk_create(
        Draft(
            ticket=message.ticket,
            message=message,
            attempt=number + 1,
            fingerprint=engine.engine_fingerprint(),
            state=Draft.State.SUPERSEDED,
            body=BODY,
            confidence=confidence,
        )
        for number in range(count)
    )
    DraftDecision.objects.bulk_create(
        DraftDecision(
            draft=draft,
            verdict="rejected" if number < wrong else "approved",
            language="en",
            queue=queue,
            fingerprint=draft.fingerprint,
            own_confidence=confidence,
            confidence=confidence,
        )
        for number, draft in enumerate(drafts)
    )


@pytest.fixture
def queue(ticket):
    return ticket.queue


@pytest.fixture
def promise(queue, mia) -> ErrorPromise:
    """5 % with 95 %, proven by decisions enough; a tenth is kept for a check."""
    decided(queue, 120)
    return set_promise(queue=queue, most_wrong=0.05, surety=0.95, checked_share=0.1, by=mia)


def not_drawn(monkeypatch) -> None:
    monkeypatch.setattr(decisions, "draw_of", lambda draft: 0.99)


# --- decisions --------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        (BODY, "approved"),
        (BODY.replace("Hello Rex", "Dear Rex"), "light"),
        (BODY.replace("30", "60"), "heavy"),
        (BODY.replace("must be", "must not be"), "heavy"),
        ("No idea, sorry.", "heavy"),
    ],
)
def test_an_approval_says_how_much_was_changed(ada, queue, sent, verdict):
    draft = draft_for(queue)
    approve_draft(draft=draft, by=ada, body=sent)
    decision = DraftDecision.objects.get()
    assert decision.verdict == verdict
    assert decision.is_right == (verdict in {"approved", "light"})
    assert (decision.own_confidence, decision.features) == (0.9, [{"score": 0.5}])


def test_a_rejection_is_a_decision(ada, queue):
    reject_draft(draft=draft_for(queue), by=ada, reason="wrong")
    assert DraftDecision.objects.get().verdict == "rejected"


def test_a_draft_that_an_agent_ignores_was_turned_down(ada, queue):
    draft = draft_for(queue)
    post_reply(ticket=draft.ticket, author=ada, body="Please send it to the workshop.")
    assert DraftDecision.objects.get().verdict == "replaced"


def test_who_copies_the_draft_by_hand_found_it_right(ada, queue):
    draft = draft_for(queue)
    post_reply(ticket=draft.ticket, author=ada, body=BODY)
    assert DraftDecision.objects.get().verdict == "approved"


def test_a_decision_that_is_taken_back_is_no_decision(ada, queue):
    draft = draft_for(queue)
    undo_reply(message=approve_draft(draft=draft, by=ada), by=ada)
    assert not DraftDecision.objects.exists()

    other = draft_for(queue)
    undo_reply(message=post_reply(ticket=other.ticket, author=ada, body="Own words."), by=ada)
    assert not DraftDecision.objects.exists()


# --- recalibration ----------------------------------------------------------


def test_the_nightly_job_learns_from_two_hundred_decisions(queue):
    decided(queue, 199, wrong=90)
    jobs.enqueue(Job.Kind.CALIBRATE, "tonight")
    work.run_batch("calibrate", limit=1)
    assert not CalibrationVersion.objects.exists()

    decided(queue, 60, wrong=30)
    jobs.enqueue(Job.Kind.CALIBRATE, "tomorrow")
    work.run_batch("calibrate", limit=1)
    version = CalibrationVersion.objects.in_force().get()
    assert version.decisions == 259
    assert version.figures["log_loss_after"] < version.figures["log_loss_before"]
    assert f"queue:{queue.slug}" in version.scales
    assert not Job.objects.exclude(state="done").exists()


def test_the_same_decisions_are_not_learnt_from_twice(queue):
    decided(queue, 220, wrong=100)
    assert calibrating.learn_from_decisions([]) == {}
    calibrating.learn_from_decisions([])
    assert CalibrationVersion.objects.count() == 1


# --- promises ---------------------------------------------------------------


def test_a_promise_is_refused_in_words_while_there_are_too_few_decisions(queue, mia):
    decided(queue, 10)
    promise = set_promise(queue=queue, most_wrong=0.05, surety=0.95, checked_share=0.1, by=mia)
    assert (promise.threshold, promise.needed) == (None, 76)
    with pytest.raises(PromiseNotProven, match="at least 76 more"):
        switch_sending_on(promise=promise, by=mia)
    assert draft_for(queue, confidence=0.99).is_sure is False


def test_where_too_many_are_wrong_more_decisions_are_not_asked_for(queue, mia):
    decided(queue, 100, wrong=30)
    promise = set_promise(queue=queue, most_wrong=0.05, surety=0.95, checked_share=0.1, by=mia)
    with pytest.raises(PromiseNotProven, match="30 were wrong"):
        switch_sending_on(promise=promise, by=mia)


def test_sure_means_what_the_queue_promises(promise, queue):
    assert promise.threshold is not None
    assert draft_for(queue, confidence=promise.threshold).is_sure
    assert not draft_for(queue, confidence=promise.threshold - 0.02).is_sure


def test_without_a_promise_sure_is_as_before(queue):
    assert draft_for(queue, confidence=0.8).is_sure
    assert not draft_for(queue, confidence=0.79).is_sure


def test_decisions_on_another_engine_prove_nothing(promise, queue):
    DraftDecision.objects.update(fingerprint="older")
    assert check_promise(queue=queue).threshold is None


def test_what_a_rule_sends_counts_for_the_proof_only_where_it_was_drawn(
    promise, queue, mia, ada, monkeypatch
):
    switch_sending_on(promise=promise, by=mia)
    monkeypatch.setattr(decisions, "draw_of", lambda draft: 0.05)
    drawn = draft_for(queue)
    assert drawn.is_waiting
    approve_draft(draft=drawn, by=ada)
    monkeypatch.setattr(decisions, "draw_of", lambda draft: 0.5)
    approve_draft(draft=draft_for(queue, answered=False), by=ada)
    newest = DraftDecision.objects.order_by("-pk")[:2]
    assert [decision.is_drawn for decision in newest] == [False, True]


# --- sending by rule --------------------------------------------------------


def test_nothing_is_sent_by_itself_unless_an_admin_switched_it_on(promise, queue, monkeypatch):
    not_drawn(monkeypatch)
    assert draft_for(queue).is_waiting
    assert not Message.objects.exclude(delivery="none").exists()


def test_a_rule_sends_a_sure_draft_names_itself_and_leaves_time_to_take_it_back(
    promise, queue, mia, ada, monkeypatch, settings
):
    not_drawn(monkeypatch)
    switch_sending_on(promise=promise, by=mia)
    draft = draft_for(queue)
    reply = draft.reply
    assert (draft.state, draft.decided_rule) == ("approved", promise.rule)
    assert (reply.author, reply.approved_by, reply.approved_rule) == (None, None, promise.rule)
    assert (reply.send_after - reply.created_at).total_seconds() == settings.RULE_UNDO_SECONDS
    event = draft.ticket.events.get(kind=TicketEvent.Kind.SENT_BY_RULE)
    assert (event.data["rule"], event.data["most_wrong"]) == (promise.rule, 0.05)
    assert not DraftDecision.objects.filter(draft=draft).exists()  # nobody decided anything

    assert undo_reply(message=reply, by=ada) == draft
    draft.refresh_from_db()
    assert (draft.state, draft.decided_rule) == ("waiting", "")


@pytest.mark.parametrize(
    "text",
    [
        "I will sue you. How long?",
        "My card is 4111 1111 1111 1111. How long?",
        "Where is my parcel?",
    ],
)
def test_what_needs_a_person_never_goes_by_rule(promise, queue, mia, monkeypatch, text):
    not_drawn(monkeypatch)
    switch_sending_on(promise=promise, by=mia)
    assert draft_for(queue, text=text).is_waiting


def test_who_was_sensitive_earlier_in_the_thread_gets_a_person(promise, queue, mia, monkeypatch):
    not_drawn(monkeypatch)
    ticket = TicketFactory(queue=queue)
    MessageFactory(ticket=ticket, body="You are thieves!")
    switch_sending_on(promise=promise, by=mia)
    message = post_requester_reply(ticket=ticket, author=ticket.requester, body="How long?")
    draft = store_result(message=message, attempt=1, result=result())
    assert draft is not None
    assert draft.is_waiting


def test_a_draft_that_leaves_a_question_open_or_is_drawn_waits(promise, queue, mia, monkeypatch):
    switch_sending_on(promise=promise, by=mia)
    not_drawn(monkeypatch)
    assert draft_for(queue, answered=False).is_waiting
    monkeypatch.setattr(decisions, "draw_of", lambda draft: 0.05)
    assert draft_for(queue).is_waiting


def test_a_rule_switches_itself_off_when_its_proof_is_gone(promise, queue, mia, monkeypatch):
    not_drawn(monkeypatch)
    switch_sending_on(promise=promise, by=mia)
    decided(queue, 60, wrong=40)
    calibrating.learn_from_decisions([])
    promise.refresh_from_db()
    assert (promise.sends, promise.threshold) == (False, None)
    assert [entry["what"] for entry in promise.log] == ["off", "on", "set"]
    assert (promise.log[0]["who"], promise.log[1]["who"]) == ("", "Mia Hart")
    assert draft_for(queue).is_waiting


def test_an_admin_switches_it_off(promise, queue, mia, monkeypatch):
    not_drawn(monkeypatch)
    switch_sending_on(promise=promise, by=mia)
    switch_sending_off(promise=promise, by=mia)
    assert draft_for(queue).is_waiting


def test_the_database_refuses_to_send_what_is_not_proven(queue):
    with pytest.raises(IntegrityError, match="promise_sends_only_if_proven"), transaction.atomic():
        ErrorPromise.objects.create(queue=queue, sends=True)


def test_the_database_refuses_an_approval_by_nobody(queue):
    draft = draft_for(queue)
    with pytest.raises(IntegrityError, match="draft_sent_has_decider"), transaction.atomic():
        Draft.objects.filter(pk=draft.pk).update(state="approved")


def test_the_lot_of_a_draft_is_its_own_for_ever(queue):
    draft = draft_for(queue)
    assert decisions.draw_of(draft) == decisions.draw_of(Draft.objects.get(pk=draft.pk))
    other = replace(result(), confidence=0.5)
    assert 0 <= decisions.draw_of(draft) < 1
    assert other.confidence == 0.5


def test_who_writes_again_before_the_rules_reply_has_left_gets_a_person(
    promise, queue, mia, ada, monkeypatch, browser_of
):
    not_drawn(monkeypatch)
    switch_sending_on(promise=promise, by=mia)
    draft = draft_for(queue)
    ticket, reply = draft.ticket, draft.reply
    newer = post_requester_reply(ticket=ticket, author=ticket.requester, body="And how long?")

    assert not Message.objects.filter(pk=reply.pk).exists()
    job = Job.objects.get(kind=Job.Kind.MAIL, key=str(reply.pk))
    assert delivery.deliver_messages([job]) == {}  # nothing is left to mail
    draft.refresh_from_db()
    ticket.refresh_from_db()
    assert (draft.state, draft.reply, draft.decided_rule) == ("stale", None, "")
    assert (ticket.status, ticket.first_replied_at) == ("new", None)
    [event] = ticket.events.filter(kind=TicketEvent.Kind.WITHDRAWN)
    assert (event.actor, event.data) == (None, {"rule": promise.rule, "draft": draft.pk})
    page = browser_of(ada).get(reverse("admin:helpdesk_ticket_change", args=[ticket.pk]))
    assert "withdrew the rule" in page.content.decode()

    again = store_result(message=newer, attempt=1, result=result(0.99))
    assert again is not None
    assert again.is_waiting  # sure, but a rule has been too early here


def test_what_has_left_and_what_an_agent_sent_is_not_withdrawn(
    promise, queue, mia, ada, monkeypatch
):
    not_drawn(monkeypatch)
    switch_sending_on(promise=promise, by=mia)
    draft = draft_for(queue)
    Message.objects.filter(pk=draft.reply_id).update(delivery="sending")
    own = post_reply(ticket=draft.ticket, author=ada, body="I looked it up for you.")
    post_requester_reply(ticket=draft.ticket, author=draft.ticket.requester, body="Thanks, and?")
    assert Message.objects.filter(pk__in=[draft.reply_id, own.pk]).count() == 2
    assert not TicketEvent.objects.filter(kind=TicketEvent.Kind.WITHDRAWN).exists()
