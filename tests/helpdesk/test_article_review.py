"""Each night the articles are looked over, by their dates, their readers, and their drafts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk import article_review, jobs, work
from helpdesk.models import Citation, Draft, DraftDecision, Job, Replay
from helpdesk.staleness import CHANGED_DRAFTS, often_changed
from knowledge.models import Article, Suggestion
from knowledge.services.suggestions import accept
from tests.factories import MessageFactory, QueueFactory, TicketFactory, publish_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(db):
    return QueueFactory(handling_minutes=6)


def decide(queue, mia, *revisions, verdict="heavy", reason="", days_ago=10):
    """A draft that cites the revisions, and what an agent made of it."""
    at = timezone.now() - timedelta(days=days_ago)
    message = MessageFactory(ticket=TicketFactory(queue=queue), body="How long do I have?")
    draft = Draft.objects.create(
        ticket=message.ticket,
        message=message,
        fingerprint="test",
        body="You have 30 days.",
        state=Draft.State.REJECTED if verdict == "rejected" else Draft.State.SUPERSEDED,
        reject_reason=reason,
        decided_by=mia,
        decided_at=at,
        confidence=0.8,
        created_at=at,
    )
    for number, revision in enumerate(revisions, start=1):
        Citation.objects.create(
            draft=draft,
            number=number,
            sentence_start=0,
            sentence_end=5,
            revision=revision,
            start=0,
            end=7,
            quote=revision.body[:7],
        )
    DraftDecision.objects.create(
        draft=draft,
        verdict=verdict,
        language="en",
        queue=queue,
        fingerprint="test",
        own_confidence=0.8,
        confidence=0.8,
        decided_at=at,
    )
    return draft


def test_drafts_that_agents_keep_changing_bring_up_their_article(revision, queue, mia):
    other = publish_article("Shipping", "Parcels take two days.")
    for _ in range(6):
        decide(queue, mia, revision)
        decide(queue, mia, other, verdict="approved")
    decide(queue, mia, revision, verdict="rejected", reason="wrong")
    decide(queue, mia, revision, verdict="light")
    (proposal,) = often_changed(timezone.now())
    assert proposal.base_revision_id == revision.pk
    assert proposal.rationale.startswith("Agents rewrote or turned down 7 of 8 drafts")
    assert proposal.tickets_per_week == pytest.approx(7 / (10 / 7), rel=0.01)
    assert proposal.handling_minutes == 6
    assert len({item.ticket_number for item in proposal.evidence} - {None}) == 7


def test_drafts_that_rest_on_another_article_too_or_on_an_older_text_do_not_count(
    revision, queue, mia
):
    other = publish_article("Shipping", "Parcels take two days.")
    for _ in range(20):
        decide(queue, mia, other, verdict="approved")
        decide(queue, mia, revision, other)
        decide(queue, mia, revision, days_ago=40)
        decide(queue, mia, revision, verdict="rejected", reason="tone")
    Article.objects.filter(pk=revision.article_id).update(
        rewritten_at=timezone.now() - timedelta(days=30)
    )
    assert list(often_changed(timezone.now())) == []


def test_where_agents_rewrite_everything_no_article_is_to_blame(revision, queue, mia):
    other = publish_article("Shipping", "Parcels take two days.")
    for _ in range(8):
        decide(queue, mia, revision)
        decide(queue, mia, other)
    assert list(often_changed(timezone.now())) == []


def night():
    jobs.enqueue(Job.Kind.REVIEW, timezone.now())
    while work.run_batch("review", limit=1):
        pass
    assert not Job.objects.filter(kind="review").exclude(last_error="").exists()


def test_a_night_opens_each_need_once_and_closes_what_is_settled(revision, mia):
    article = revision.article
    article.valid_until = timezone.now() - timedelta(days=2)
    article.save()
    publish_article("Shipping", "Parcels take two days.")
    Article.objects.filter(slug="shipping").update(review_by="2020-01-01")
    night()
    night()
    assert set(Suggestion.objects.open().values_list("kind", flat=True)) == {"retire", "check"}
    assert Suggestion.objects.count() == 2
    assert Replay.objects.count() == 1
    article.valid_until = None
    article.save()
    night()
    assert Suggestion.objects.get(kind="retire").state == Suggestion.State.SUPERSEDED


def test_the_page_of_an_article_to_look_at_offers_all_three_ways(revision, mia, browser_of):
    Article.objects.update(review_by="2020-01-01")
    night()
    suggestion = Suggestion.objects.get()
    page = browser_of(mia).get(f"/admin/knowledge/suggestion/{suggestion.pk}/change/")
    shown = page.content.decode()
    for words in ("was to be looked at by 1 January 2020", "It still holds", "Archive it"):
        assert words in shown
    url = f"/admin/knowledge/suggestion/{suggestion.pk}/accept/"
    answer = browser_of(mia).post(url, {"archive": "1"}, follow=True)
    assert "Readers no longer see the article" in answer.content.decode()
    assert Article.objects.get().state == Article.State.ARCHIVED


def test_drafts_from_before_it_was_found_to_hold_do_not_count(revision, queue, mia):
    other = publish_article("Shipping", "Parcels take two days.")
    for _ in range(8):
        decide(queue, mia, revision)
        decide(queue, mia, other, verdict="approved")
    assert article_review.find_stale(CHANGED_DRAFTS) == 1
    suggestion = Suggestion.objects.get()
    accept(suggestion=suggestion, reviewer=mia)
    assert article_review.find_stale(CHANGED_DRAFTS) == 0
    assert Suggestion.objects.open().count() == 0
