"""A draft is read with its requester's eyes, and waits when they may not read what it says."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from helpdesk import drafting, gap_proposing, holding, jobs
from helpdesk.exceptions import DraftHeld
from helpdesk.models import Draft, ErrorPromise, Job, Message, Ticket, TicketEvent, User
from helpdesk.sending import may_go
from helpdesk.services.drafts import approve_draft
from helpdesk.services.messages import post_reply
from helpdesk.work import run_batch
from knowledge.models import Article, ReaderGroup
from knowledge.services import change_details, join_group, leave_group
from knowledge.types import ArticleDetails, Viewer
from qa_engine import indexing
from tests.factories import MessageFactory, TicketFactory, UserFactory, publish_article

pytestmark = pytest.mark.django_db

PEGS = "There is a discount of 40 % on wholesale orders of tent pegs."
ASKED = "How much discount is there on wholesale orders of tent pegs?"


@pytest.fixture
def prices(wholesale):
    revision = publish_article("Wholesale prices", PEGS)
    publish_article("Washing wool", "Wash wool cold and by hand.")
    change_details(article=revision.article, details=restricted(wholesale))
    while indexing.sync_due():
        pass
    do("index", "source")
    return revision


def restricted(*groups):
    ids = tuple(group.pk for group in groups)
    return ArticleDetails(visibility="restricted", reader_groups=ids)


def do(*kinds: str) -> None:
    for kind in kinds:
        while run_batch(kind, limit=8):
            pass
    assert not Job.objects.exclude(last_error="").exists()


def ask(requester) -> Ticket:
    message = MessageFactory(ticket=TicketFactory(requester=requester), body=ASKED)
    jobs.enqueue(Job.Kind.DRAFT, drafting.job_key(message, 1))
    return message.ticket


def drafted(requester) -> Draft:
    ticket = ask(requester)
    do("draft")
    return Draft.objects.waiting().get(ticket=ticket)


def now(ticket) -> Draft:
    """After the workers have done what is due."""
    do("index", "draft")
    return Draft.objects.waiting().get(ticket=ticket)


def test_a_draft_quotes_a_restricted_article_to_members_only(prices, wim, olga):
    for requester in (olga, wim):
        ask(requester)
    do("draft")  # both in one batch
    said = {draft.ticket.requester: draft.body for draft in Draft.objects.waiting()}
    assert "40 %" in said[wim]
    assert "40 %" not in said[olga]


def test_an_agent_who_asks_as_a_customer_is_answered_as_one(prices, ada, mia):
    for agent in (ada, mia):
        assert "40 %" not in drafted(agent).body


def test_a_batch_costs_the_same_statements_however_many_members_ask(prices, wholesale):
    def statements(count: int) -> int:
        for _number in range(count):
            person = UserFactory()
            join_group(group=wholesale, person=person)
            ask(person)
        with CaptureQueriesContext(connection) as queries:
            assert run_batch("draft", limit=count + 1) == count
        return len(queries)

    statements(2)  # what is read once and kept
    assert statements(16) <= statements(4) + 2


@pytest.mark.parametrize("visibility", ["internal", "another group"])
def test_a_draft_is_held_and_written_anew_when_its_article_is_closed_to_the_requester(
    prices, wim, ada, visibility
):
    draft = drafted(wim)
    club = ReaderGroup.objects.create(name="Trail Club")
    details = (
        restricted(club) if visibility != "internal" else ArticleDetails(visibility="internal")
    )
    assert holding.open_reasons(draft) == []
    change_details(article=prices.article, details=details)
    with pytest.raises(DraftHeld, match="may not read"):  # at once, before any worker has run
        approve_draft(draft=draft, by=ada)
    newer = now(draft.ticket)
    assert newer.pk != draft.pk
    assert "40 %" not in newer.body


def test_a_draft_is_held_and_written_anew_when_its_requester_leaves_the_group(
    prices, wim, wholesale, ada
):
    draft = drafted(wim)
    leave_group(group=wholesale, person=wim)
    draft = Draft.objects.get(pk=draft.pk)
    with pytest.raises(DraftHeld, match="may not read"):
        approve_draft(draft=draft, by=ada)
    newer = now(draft.ticket)
    assert newer.pk != draft.pk
    assert "40 %" not in newer.body


def test_who_joins_is_answered_from_what_they_may_read_now(prices, olga, wholesale):
    draft = drafted(olga)
    assert "40 %" not in draft.body
    Draft.objects.filter(pk=draft.pk).update(body="", reason="no_passage")
    join_group(group=wholesale, person=olga)
    assert "40 %" in now(draft.ticket).body


def test_a_draft_that_quotes_what_its_requester_still_reads_is_left_alone(prices, wim, wholesale):
    draft = drafted(wim)
    club = ReaderGroup.objects.create(name="Trail Club")
    join_group(group=club, person=wim)
    change_details(article=prices.article, details=restricted(club, wholesale))
    assert now(draft.ticket).pk == draft.pk


def test_opening_an_article_to_all_holds_nothing(prices, wim, ada):
    draft = drafted(wim)
    change_details(article=prices.article, details=ArticleDetails())
    assert now(draft.ticket).pk == draft.pk
    assert approve_draft(draft=draft, by=ada)


def test_an_agent_who_has_read_why_sends_it_all_the_same_and_that_is_kept(
    prices, wim, wholesale, ada
):
    draft = drafted(wim)
    leave_group(group=wholesale, person=wim)
    draft = Draft.objects.get(pk=draft.pk)
    approve_draft(draft=draft, by=ada, despite_hold=True)
    event = TicketEvent.objects.get(kind=TicketEvent.Kind.DRAFT_APPROVED)
    assert event.data["despite"] == [
        "It quotes “Wholesale prices”, which the requester may not read."
    ]


def test_no_rule_sends_what_the_requester_may_not_read(prices, wim, wholesale):
    draft = drafted(wim)
    draft.is_sure = True
    promise = ErrorPromise(queue=draft.ticket.queue, checked_share=0)
    assert may_go(draft, draft.ticket, promise)
    leave_group(group=wholesale, person=wim)
    draft = Draft.objects.get(pk=draft.pk)
    draft.is_sure = True
    assert not may_go(draft, draft.ticket, promise)


def test_the_desk_says_that_the_requester_may_not_read_an_article(
    prices, wim, olga, browser_of, ada
):
    for requester, is_warned in ((wim, False), (olga, True)):
        ticket = TicketFactory(requester=requester)
        address = reverse("admin:helpdesk_ticket_article", args=[ticket.pk, prices.pk])
        page = browser_of(ada).get(address).content.decode()
        assert ("the requester may not read it" in page) == is_warned


def test_the_ticket_page_shows_why_a_draft_is_held(prices, wim, wholesale, ada, browser_of):
    draft = drafted(wim)
    leave_group(group=wholesale, person=wim)
    address = reverse("admin:helpdesk_ticket_change", args=[draft.ticket_id])
    assert "which the requester may not read" in browser_of(ada).get(address).content.decode()


def test_a_gap_takes_no_reply_to_somebody_who_reads_restricted_articles(prices, wim, olga, ada):
    replies = {}
    for requester in (wim, olga):
        ticket = TicketFactory(requester=requester)
        MessageFactory(ticket=ticket)
        replies[requester] = post_reply(ticket=ticket, author=ada, body="Pegs are at 40 % off.")
    tickets = list(Ticket.objects.all())
    assert gap_proposing._replies(tickets) == [replies[olga]]


def test_a_gap_takes_no_reply_on_a_ticket_whose_draft_quotes_what_is_not_public(
    prices, wim, wholesale, ada
):
    draft = drafted(wim)
    leave_group(group=wholesale, person=wim)
    post_reply(ticket=draft.ticket, author=ada, body=f"Hello, {PEGS}")
    assert gap_proposing._replies([draft.ticket]) == []


def test_a_group_that_no_article_is_for_closes_nothing(wim, ada):
    ticket = TicketFactory(requester=wim)
    MessageFactory(ticket=ticket)
    reply = post_reply(ticket=ticket, author=ada, body="Wash it cold.")
    assert not Article.objects.filter(visibility="restricted").exists()
    assert gap_proposing._replies([ticket]) == [reply]


def test_a_replay_asks_as_the_requester(prices, wim, olga):
    from helpdesk.replaying import _past

    for requester in (wim, olga):
        ticket = ask(requester)
        message = Message.objects.get(ticket=ticket)
        expected = Viewer.of(User.objects.get(pk=requester.pk))
        assert _past(message).request.viewer == expected
