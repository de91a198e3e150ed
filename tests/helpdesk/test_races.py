"""Two at once: real threads, real transactions, one winner, and the other is told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from helpdesk import work
from helpdesk.drafting import store_result
from helpdesk.exceptions import CannotUndo, DraftAlreadyDecided, TicketAlreadyTaken
from helpdesk.models import Draft, Job, Message, Tag, Ticket
from helpdesk.replays import ask_for_replay
from helpdesk.services.drafts import approve_draft
from helpdesk.services.messages import post_reply
from helpdesk.services.tickets import set_tags, take_ticket
from helpdesk.services.undoing import undo_reply
from tests.factories import TicketFactory
from tests.helpdesk.test_drafts import result_of
from tests.helpdesk.test_jobs import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_agents_who_approve_at_once_one_wins(ada, bo, message):
    draft = store_result(message=message, attempt=1, result=result_of())

    def approve(number: int) -> str:
        try:
            approve_draft(draft=Draft.objects.get(), by=(ada, bo)[number])
        except DraftAlreadyDecided as refusal:
            return refusal.message
        return "won"

    assert draft is not None
    won, told = sorted(map(str, in_threads(2, approve)), key="won".__ne__)
    draft.refresh_from_db()
    assert won == "won"
    assert f"({draft.decided_by})" in told
    assert Message.objects.filter(delivery="queued").count() == 1


def test_of_two_agents_who_take_a_ticket_one_gets_it(ada, bo, ticket):
    def take(number: int) -> str:
        try:
            take_ticket(ticket=Ticket.objects.get(), agent=(ada, bo)[number])
        except TicketAlreadyTaken:
            return "told"
        return "won"

    assert Counter(in_threads(2, take)) == {"won": 1, "told": 1}


def test_a_replay_that_two_ask_for_at_once_is_one(db):
    for threshold in (0.2, 0.3, 0.4, 0.5):
        asked = in_threads(4, lambda _number, at=threshold: ask_for_replay(threshold=at).pk)
        assert len(set(asked)) == 1
    assert Job.objects.filter(kind="replay").count() == 4


def test_a_reply_is_taken_back_or_mailed_but_never_both(ada, ticket):
    for _ in range(5):
        mail.outbox.clear()
        reply = post_reply(ticket=ticket, author=ada, body="Hello.")
        # A worker whose clock is ahead takes the job while the agent may still undo.
        Job.objects.filter(kind="mail", state="queued").update(run_at=timezone.now())

        def act(number: int, reply: Message = reply) -> str:
            if number == 0:
                work.run_batch("mail", limit=5)
                return ""
            try:
                undo_reply(message=reply, by=ada)
            except CannotUndo:
                return "too late"
            return "taken back"

        said = in_threads(2, act)[1]
        is_kept = Message.objects.filter(pk=reply.pk, delivery="sent").exists()
        assert (said, len(mail.outbox), is_kept) in [
            ("too late", 1, True),
            ("taken back", 0, False),
        ]


def test_replies_that_are_mailed_at_once_are_all_in_the_references(ada, ticket):
    for number in range(4):
        post_reply(ticket=ticket, author=ada, body=f"Part {number}.")
    Job.objects.filter(kind="mail").update(run_at=timezone.now() - timedelta(seconds=1))
    in_threads(4, lambda _: work.run_batch("mail", limit=1))
    while work.run_batch("mail", limit=1):
        pass
    ticket.refresh_from_db()
    sent = Message.objects.filter(delivery="sent").values_list("message_id", flat=True)
    assert sorted(ticket.mail_references) == sorted(sent)
    assert len(sent) == 4


def test_two_agents_make_the_same_tag_at_once(ada):
    tickets = [TicketFactory() for _ in range(2)]
    in_threads(2, lambda n: set_tags(ticket=tickets[n], names=["zip"], by=ada))
    assert Tag.objects.get().tickets.count() == 2
