"""Articles that show their age are brought to people, with the reason in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge import staleness
from knowledge.exceptions import SuggestionInvalid
from knowledge.likelihood import surely_above
from knowledge.models import Article, ArticleEvent, ArticleFeedback, Suggestion
from knowledge.proposals import Kind
from knowledge.services import publish, save_revision
from knowledge.services.suggestions import accept, dismiss, propose, supersede_unless
from knowledge.types import ArticleText
from tests.knowledge.factories import BODY, make_article

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def vote(article: Article, *, good: int = 0, bad: int = 0, days_ago: int = 30, comment: str = ""):
    for number in range(good + bad):
        feedback = ArticleFeedback.objects.create(
            revision=article.published_revision,
            visitor=f"{days_ago}:{number}",
            is_helpful=number < good,
            comment=comment if number >= good else "",
        )
        at = NOW - timedelta(days=days_ago)
        ArticleFeedback.objects.filter(pk=feedback.pk).update(created_at=at)


def rewrite(article: Article, body: str, significance: str) -> None:
    save_revision(article=article, text=ArticleText("Returns", body), significance=significance)
    publish(article=article)


def only(proposals):
    (proposal,) = proposals
    return proposal


def test_few_votes_say_little():
    assert surely_above(0, 0) == 0
    assert surely_above(3, 3) < surely_above(5, 5) < 1
    assert surely_above(6, 9) < 0.5 < surely_above(7, 9)


def test_what_most_readers_find_unhelpful_is_to_be_looked_at():
    article = make_article()
    vote(article, good=2, bad=7, comment="It does not say who pays.")
    proposal = only(staleness.unhelpful(NOW))
    assert proposal.kind == Kind.CHECK
    assert proposal.rationale == "7 of 9 readers since 3 October 2026 found it unhelpful."
    assert proposal.confidence == pytest.approx(0.504, abs=0.001)
    assert [item.quote for item in proposal.evidence[:1]] == ["It does not say who pays."]
    suggestion = propose(proposal).suggestion
    assert suggestion.effect == {"readers": 9, "unhelpful": 7}
    assert not propose(only(staleness.unhelpful(NOW))).is_new


@pytest.mark.parametrize(
    ("good", "bad", "days_ago"), [(0, 4, 30), (3, 6, 30), (9, 2, 30), (0, 9, 200)]
)
def test_few_mixed_or_old_votes_are_no_reason(good, bad, days_ago):
    vote(make_article(), good=good, bad=bad, days_ago=days_ago)
    assert list(staleness.unhelpful(NOW)) == []


def test_votes_from_before_a_major_change_do_not_count():
    article = make_article()
    vote(article, bad=9)
    rewrite(article, BODY.replace("items", "things"), "minor")
    assert len(list(staleness.unhelpful(NOW))) == 1
    rewrite(article, BODY.replace("30", "60"), "major")
    assert list(staleness.unhelpful(NOW)) == []


def test_found_to_hold_it_is_asked_about_only_after_new_votes(mia):
    article = make_article()
    vote(article, bad=9)
    suggestion = propose(only(staleness.unhelpful(NOW))).suggestion
    accept(suggestion=suggestion, reviewer=mia)
    assert suggestion.state == Suggestion.State.ACCEPTED
    assert suggestion.revision is None
    assert article.events.filter(kind=ArticleEvent.Kind.CONFIRMED, by=mia).exists()
    article.refresh_from_db()
    assert article.state == Article.State.PUBLISHED
    assert article.review_by is not None
    assert list(staleness.unhelpful(NOW)) == []


def test_dismissed_it_does_not_come_back_however_many_votes(mia):
    article = make_article()
    vote(article, bad=6)
    suggestion = propose(only(staleness.unhelpful(NOW))).suggestion
    dismiss(suggestion=suggestion, reviewer=mia, reason="wrong")
    vote(article, bad=40, days_ago=3, comment="No.")
    assert not propose(only(staleness.unhelpful(NOW))).is_open
    rewrite(article, BODY.replace("30", "60"), "major")
    Article.objects.update(rewritten_at=NOW - timedelta(days=4))
    assert propose(only(staleness.unhelpful(NOW))).is_new


def test_it_can_be_edited_or_archived_instead(mia):
    first, second = make_article(), make_article("Shipping")
    for article in (first, second):
        vote(article, bad=9)
    edited, archived = (propose(one).suggestion for one in staleness.unhelpful(NOW))
    accept(suggestion=edited, reviewer=mia, body="Items can be returned for 60 days.")
    assert edited.state == Suggestion.State.CHANGED
    assert edited.revision is not None
    accept(suggestion=archived, reviewer=mia, puts_away=True)
    second.refresh_from_db()
    assert (archived.state, second.state) == (Suggestion.State.CHANGED, Article.State.ARCHIVED)


def test_only_what_is_to_be_looked_at_is_put_away_so(mia):
    make_article(valid_until=NOW - timedelta(days=1))
    suggestion = propose(only(staleness.expired(NOW))).suggestion
    with pytest.raises(SuggestionInvalid):
        accept(suggestion=suggestion, reviewer=mia, puts_away=True)


def test_what_is_past_its_last_day_is_retired(mia):
    article = make_article(valid_until=NOW - timedelta(days=3))
    make_article("Shipping", valid_until=NOW + timedelta(days=3))
    proposal = only(staleness.expired(NOW))
    assert (proposal.kind, proposal.fact_key) == (Kind.RETIRE, "expired:2026-10-30")
    assert "until 30 October 2026" in proposal.rationale
    accept(suggestion=propose(proposal).suggestion, reviewer=mia)
    article.refresh_from_db()
    assert article.state == Article.State.ARCHIVED
    assert list(staleness.expired(NOW)) == []


def test_what_was_to_be_looked_at_names_who_was_to(ada):
    article = make_article()
    Article.objects.filter(pk=article.pk).update(review_by="2026-11-01", owner=ada)
    assert only(staleness.to_review(NOW)).rationale == (
        "Ada Novak was to look at it by 1 November 2026."
    )
    Article.objects.filter(pk=article.pk).update(review_by="2026-11-02")
    assert list(staleness.to_review(NOW)) == []


def test_a_need_that_is_no_more_closes_its_suggestion():
    first = make_article(valid_until=NOW - timedelta(days=3))
    make_article("Shipping", valid_until=NOW - timedelta(days=3))
    for proposal in staleness.expired(NOW):
        propose(proposal)
    closed = supersede_unless(
        origin="review", facts=staleness.EXPIRED, needed={(first.pk, "expired:2026-10-30")}
    )
    assert closed == 1
    assert Suggestion.objects.open().get().article == first
