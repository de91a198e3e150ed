"""A gap's proposal says later whether the gap is closed, and goes when nobody needs it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from helpdesk.models import Gap
from helpdesk.services.messages import post_reply
from helpdesk.suggestions.outcome import gap_outcome_of
from knowledge.models import Suggestion
from knowledge.services.suggestions import accept
from tests.factories import QueueFactory, publish_article
from tests.helpdesk.test_gaps import ASKED, REPLY, ask, night


@pytest.fixture
def proposal(db, settings, ada) -> Suggestion:
    """What agents replied to three questions alike, proposed as an article."""
    settings.QA_EMBEDDER = "hashing"
    settings.UNDO_SECONDS = 0
    QueueFactory(is_default=True, handling_minutes=8)
    publish_article("Washing wool", "Wash wool cold and by hand.")
    for body in ASKED[:3]:
        post_reply(ticket=ask(body), author=ada, body=REPLY)
    night()
    return Suggestion.objects.get()


def page_of(browser, suggestion: Suggestion) -> str:
    address = reverse("admin:knowledge_suggestion_change", args=[suggestion.pk])
    return browser.get(address).content.decode()


def test_an_accepted_one_says_what_came_of_the_gap(proposal, browser_of, mia):
    assert gap_outcome_of(proposal) is None
    accept(suggestion=proposal, reviewer=mia)
    browser = browser_of(mia)
    gap = Gap.objects.get()
    said = page_of(browser, proposal)
    assert "Nobody has asked it since the decision." in said
    assert reverse("admin:helpdesk_gap_change", args=[gap.pk]) in said

    for body in ASKED[:3]:
        ask(body, answered=True)
    night()
    said = page_of(browser, proposal)
    assert "Since the decision 3 tickets have asked it: 3 answered, 0 not." in said
    assert "Answered</span> since" in said

    ask(ASKED[3])
    night()
    said = page_of(browser, proposal)
    assert "Since the decision 4 tickets have asked it: 3 answered, 1 not." in said
    assert "Open again" in said


def test_a_gap_that_closes_without_its_proposal_takes_it_away(proposal):
    for body in ASKED[:3]:
        ask(body, answered=True)
    night()

    proposal.refresh_from_db()
    assert Gap.objects.get().state == Gap.State.ANSWERED
    assert proposal.state == Suggestion.State.SUPERSEDED


def test_one_that_opens_again_proposes_again(proposal, ada):
    for body in ASKED[:3]:
        ask(body, answered=True)
    night()
    post_reply(ticket=ask(ASKED[3]), author=ada, body=REPLY)
    night()

    assert Gap.objects.get().state == Gap.State.REOPENED
    assert Suggestion.objects.open().get().pk != proposal.pk


def test_what_came_of_a_gap_costs_two_queries(proposal, mia, django_assert_num_queries):
    accept(suggestion=proposal, reviewer=mia)
    for body in ASKED:
        ask(body, answered=True)
    night()
    with django_assert_num_queries(2):
        assert gap_outcome_of(proposal).answered == 4
