"""The queue of suggestions and their pages: what they show to whom, and what they do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from helpdesk.models import Draft
from helpdesk.services.messages import post_reply
from helpdesk.suggestions.outcome import outcome_of
from knowledge.models import Suggestion
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, TracedSentence
from knowledge.services import publish, save_revision
from knowledge.services.suggestions import accept, propose
from knowledge.types import ArticleText
from tests.factories import MessageFactory, TicketFactory, publish_article
from tests.knowledge.factories import (
    CategoryFactory,
    make_article,
    make_evidence,
    make_proposal,
)

pytestmark = pytest.mark.django_db

QUEUE = "admin:knowledge_suggestion_changelist"


@pytest.fixture
def suggestion(revision, ticket, ada):
    reply = post_reply(ticket=ticket, author=ada, body="Hello Rex, you have 60 days. Ada")
    quoted = EvidenceItem(
        EvidenceKind.REPLY, "you have 60 days.", timezone.now(), ticket.number, reply.pk,
        label="Ada", before="You have 30 days.",
    )  # fmt: skip
    return propose(make_proposal(revision, evidence=(quoted,))).suggestion


def at(name, suggestion):
    return reverse(f"admin:knowledge_suggestion_{name}", args=[suggestion.pk])


def test_the_page_shows_the_change_in_words_and_the_tickets_beside_it(
    browser_of, ada, suggestion, ticket
):
    address = at("change", suggestion)
    for view in ("inline", "side"):
        said = browser_of(ada).get(address, {"view": view}).content.decode()
        assert "<del>30</del>" in said
        assert "<ins>60</ins>" in said
    assert "2 tickets a week · ~16 min of work" in said
    assert f"#{ticket.number}" in said
    assert "<mark>you have 60 days.</mark>" in said
    assert "How long do I have to return a jacket?" in said
    assert "You have 30 days." in said
    assert 'id="sg-accept"' not in said  # agents read, admins decide


def test_requesters_see_nothing_of_it(browser_of, rex, suggestion):
    assert browser_of(rex).get(at("change", suggestion)).status_code == 302
    assert not Suggestion.objects.visible_to(rex).exists()


def test_accepting_publishes_and_says_later_what_came_of_it(browser_of, mia, suggestion, revision):
    browser = browser_of(mia)
    response = browser.post(at("accept", suggestion), follow=True)
    said = response.content.decode()
    assert "Accepted and published." in said
    assert "No draft has cited the new text yet." in said
    suggestion.refresh_from_db()
    new = suggestion.revision
    assert new.author == mia
    message = MessageFactory()
    start = new.body.index("60")
    draft = Draft.objects.create(
        ticket=message.ticket, message=message, fingerprint="t", body="60 days.", confidence=0.9
    )
    draft.citations.create(
        number=1, sentence_start=0, sentence_end=8, revision=new, start=start, end=start + 2,
        quote="60",
    )  # fmt: skip
    assert outcome_of(suggestion).drafts == 1
    said = browser.get(at("change", suggestion)).content.decode()
    assert "1 draft has cited the new text since" in said


def test_own_words_are_accepted_with_changes_and_can_be_taken_back(
    browser_of, mia, suggestion, revision
):
    browser = browser_of(mia)
    data = {
        "edited": "1", "title": "Returns", "body": "Within 60 days.", "base_revision": revision.pk
    }  # fmt: skip
    browser.post(at("accept", suggestion), data)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.revision.body) == ("changed", "Within 60 days.")
    browser.post(at("undo", suggestion))
    suggestion.refresh_from_db()
    article = suggestion.article
    assert (suggestion.state, article.published_revision.body) == ("open", revision.body)


def test_own_words_are_not_lost_when_the_article_has_moved_on(
    browser_of, mia, suggestion, revision
):
    save_revision(article=revision.article, text=ArticleText("Returns", "Theirs."))
    data = {
        "edited": "1", "title": "Returns", "body": "Typed at length", "base_revision": revision.pk
    }  # fmt: skip
    response = browser_of(mia).post(at("accept", suggestion), data)
    assert response.status_code == 409
    assert "Typed at length" in response.content.decode()


def test_a_conflict_is_said_and_can_only_be_edited(browser_of, mia, suggestion, revision):
    article = revision.article
    new = revision.body.replace("30 days", "two months")
    save_revision(article=article, text=ArticleText("Returns", new))
    publish(article=article)
    browser = browser_of(mia)
    said = browser.get(at("change", suggestion)).content.decode()
    assert "cannot be carried over" in said
    assert 'id="sg-accept"' not in said
    assert browser.post(at("accept", suggestion)).status_code == 409


def test_dismissing_asks_why_and_goes_on_to_the_next(browser_of, mia, suggestion, revision):
    following = propose(make_proposal(revision, fact_key="z", tickets_per_week=0.5)).suggestion
    browser = browser_of(mia)
    assert browser.post(at("dismiss", suggestion)).status_code == 409
    response = browser.post(at("dismiss", suggestion), {"reason": "one_case", "comment": "No."})
    assert response.url == at("change", following)
    suggestion.refresh_from_db()
    assert (suggestion.dismiss_reason, suggestion.decided_by) == ("one_case", mia)


def test_agents_decide_nothing(browser_of, ada, suggestion):
    for name in ("accept", "dismiss", "undo"):
        response = browser_of(ada).post(at(name, suggestion), {"reason": "wrong"})
        assert response.status_code == 403
    suggestion.refresh_from_db()
    assert suggestion.is_open


def test_the_queue_is_ranked_by_effect_and_shows_open_ones(browser_of, mia, revision):
    for minutes, title in ((5, "Small"), (50, "Large"), (20, "Middle")):
        propose(
            make_proposal(
                title=title, fact_key=title, handling_minutes=float(minutes),
                category_id=CategoryFactory().pk,
            )
        )  # fmt: skip
    browser = browser_of(mia)
    rows = browser.get(reverse(QUEUE)).context["cl"].result_list
    assert [row.title for row in rows] == ["Large", "Middle", "Small"]
    assert not browser.get(reverse(QUEUE), {"state": "dismissed"}).context["cl"].result_list
    rows = browser.get(reverse(QUEUE), {"q": "small"}).context["cl"].result_list
    assert [row.title for row in rows] == ["Small"]


def test_several_are_dismissed_at_once_with_a_reason(browser_of, mia, ada, revision):
    rows = [propose(make_proposal(revision, fact_key=key)).suggestion for key in "ab"]
    data = {"action": "dismiss_unwanted", "_selected_action": [row.pk for row in rows]}
    browser_of(ada).post(reverse(QUEUE), data)
    assert Suggestion.objects.open().count() == 2
    said = browser_of(mia).post(reverse(QUEUE), data, follow=True).content.decode()
    assert "2 suggestions dismissed." in said
    assert {row.dismiss_reason for row in Suggestion.objects.all()} == {"unwanted"}


def test_a_new_article_is_shown_as_readers_would_see_it(browser_of, mia):
    proposal = make_proposal(category_id=CategoryFactory(name="Shipping").pk, body="To **Norway**")
    suggestion = propose(proposal).suggestion
    said = browser_of(mia).get(at("change", suggestion)).content.decode()
    assert "<strong>Norway</strong>" in said
    assert "selected>Shipping</option>" in said
    assert 'name="language"' in said


def test_whoever_accepts_a_new_article_says_where_it_stands_and_in_which_language(browser_of, mia):
    proposed, wanted = CategoryFactory(name="Orders"), CategoryFactory(name="Shipping")
    make_article(language="nl")
    suggestion = propose(make_proposal(category_id=proposed.pk)).suggestion
    browser = browser_of(mia)
    for wrong in (
        {"category": "0", "language": "en"},
        {"category": wanted.pk, "language": "tlh"},
        {"category": wanted.pk},
    ):
        response = browser.post(at("accept", suggestion), wrong)
        assert response.status_code == 409
        assert "Please choose a" in response.content.decode()
    suggestion.refresh_from_db()
    assert suggestion.category == proposed
    browser.post(at("accept", suggestion), {"category": wanted.pk, "language": "nl"})
    suggestion.refresh_from_db()
    assert suggestion.state == "accepted"
    article = suggestion.article
    assert (article.category, article.language, article.state) == (wanted, "nl", "published")


def test_the_place_of_an_article_that_there_is_cannot_be_chosen(browser_of, mia, suggestion):
    data = {"category": CategoryFactory().pk, "language": "en"}
    assert browser_of(mia).post(at("accept", suggestion), data).status_code == 409
    suggestion.refresh_from_db()
    assert suggestion.is_open


def test_sentences_are_numbered_and_lead_to_the_replies_that_say_them(
    browser_of, mia, ticket, ada
):
    reply = post_reply(
        ticket=ticket, author=ada, body="Hi Rex, we ship to Norway. That is all.\nIt takes a week."
    )
    quoted = EvidenceItem(
        EvidenceKind.REPLY, "we ship to Norway.\nIt takes a week.", timezone.now(),
        ticket.number, reply.pk,
    )  # fmt: skip
    proposal = make_proposal(
        category_id=CategoryFactory().pk,
        body="we ship to Norway. It takes a week.",
        evidence=(make_evidence(1042, "Do you?"), quoted),
        sentences=(
            TracedSentence("we ship to Norway.", (reply.pk,)),
            TracedSentence("It takes a week.", (reply.pk,)),
            TracedSentence("Somebody has rewritten this.", (reply.pk,)),
        ),
    )
    suggestion = propose(proposal).suggestion
    row = suggestion.evidence.get(message_id=reply.pk)
    said = browser_of(mia).get(at("change", suggestion)).content.decode()
    for number, sentence in ((1, "we ship to Norway."), (2, "It takes a week.")):
        note = f'<sup class="sg-note"><a href="#sg-proof-{row.pk}">{number}</a></sup>'
        assert sentence + note in said
        assert f"<mark>{sentence}</mark>" in said
    assert f'id="sg-proof-{row.pk}"' in said
    assert "says sentences 1, 2" in said
    assert "rewritten" not in said


def test_retiring_says_so(browser_of, mia, revision):
    proposal = make_proposal(
        revision, kind=Kind.RETIRE, body="", fact_key="retire", paragraph_at=None
    )
    suggestion = propose(proposal).suggestion
    browser = browser_of(mia)
    assert "Accept and archive" in browser.get(at("change", suggestion)).content.decode()
    browser.post(at("accept", suggestion))
    revision.article.refresh_from_db()
    assert revision.article.state == "archived"


def test_the_queue_and_the_page_cost_the_same_however_much_there_is(
    browser_of, mia, revision, suggestion
):
    browser = browser_of(mia)
    addresses = [reverse(QUEUE), at("change", suggestion)]
    proposal = make_proposal(revision, fact_key=suggestion.fact_key)
    counts = []
    for more in (1, 12):
        for number in range(more):
            ticket = MessageFactory(ticket=TicketFactory()).ticket
            propose(replace(proposal, evidence=(make_evidence(ticket.number),)))
            other = publish_article(f"Other {more} {number}", "You have 30 days.")
            propose(make_proposal(other))
        for address in addresses:
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 20


def test_taking_over_in_the_article_closes_the_suggestion(suggestion, mia, revision):
    accept(suggestion=suggestion, reviewer=mia)
    assert not Suggestion.objects.open().exists()


@pytest.fixture
def contradiction(db):
    returns = publish_article("Returns", "Return an unused item within 30 days of delivery.")
    sale = publish_article("The sale", "Return an unused item within 14 days of delivery.")
    quoted = tuple(
        EvidenceItem(
            EvidenceKind.PASSAGE, one.body, timezone.now(),
            revision_id=one.pk, start=0, end=len(one.body),
        )
        for one in (returns, sale)
    )  # fmt: skip
    changed = make_proposal(
        sale, kind=Kind.CONTRADICTION, body=returns.body, evidence=quoted,
        other_article_id=returns.article_id, rationale="One says 14 days, the other 30 days.",
    )  # fmt: skip
    return propose(changed).suggestion


def test_a_contradiction_shows_both_statements_and_is_turned_round(browser_of, mia, contradiction):
    browser = browser_of(mia)
    said = browser.get(at("change", contradiction)).content.decode()
    assert "<del>14</del>" in said
    assert said.count("Return an unused item within 30 days of delivery.") >= 1
    assert "Evidence: 0 tickets" not in said
    response = browser.post(at("turn", contradiction), follow=True)
    said = response.content.decode()
    assert "Turned round" in said
    assert "<del>30</del>" in said
    contradiction.refresh_from_db()
    assert contradiction.state == "superseded"
    assert Suggestion.objects.open().get().article.title == "Returns"
    assert browser.post(at("turn", contradiction)).status_code == 409


def test_only_who_may_dismiss_turns_it_round(browser_of, ada, cai, contradiction):
    for person in (ada, cai):
        assert "change the other" not in (
            browser_of(person).get(at("change", contradiction)).content.decode()
        )
        assert browser_of(person).post(at("turn", contradiction)).status_code == 403
    contradiction.refresh_from_db()
    assert contradiction.is_open


def test_an_edit_has_no_other_way_round(browser_of, mia, suggestion):
    browser = browser_of(mia)
    assert "change the other" not in browser.get(at("change", suggestion)).content.decode()
    assert browser.post(at("turn", suggestion)).status_code == 409


def test_a_dismissed_contradiction_says_when_it_comes_back(browser_of, mia, contradiction):
    response = browser_of(mia).post(at("dismiss", contradiction), {"reason": "wrong"}, follow=True)
    assert "only when one of the two says something else" in response.content.decode()
