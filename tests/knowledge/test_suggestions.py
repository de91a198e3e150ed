"""Suggestions: one a need, in step with their articles, decided by people, and forgettable."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledge.exceptions import (
    ArticleMovedOn,
    CannotUndoAccept,
    NotAllowed,
    SuggestionConflicts,
    SuggestionDecided,
    SuggestionInvalid,
)
from knowledge.models import Article, Suggestion
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind
from knowledge.services import publish, save_revision
from knowledge.services.suggestions import (
    accept,
    dismiss,
    expire,
    forget_tickets,
    propose,
    rebase,
    supersede,
    undo_accept,
)
from knowledge.types import ArticleText
from tests.knowledge.factories import CategoryFactory, make_article, make_evidence, make_proposal

pytestmark = pytest.mark.django_db

BODY = "Intro.\n\nReturn within **30 days**, unworn.\n\nRefunds take a week."


@pytest.fixture
def article(db):
    return make_article(body=BODY)


@pytest.fixture
def proposal(article):
    return make_proposal(article.head, paragraph_at=BODY.index("30"))


@pytest.fixture
def suggestion(proposal):
    return propose(proposal).suggestion


def rewrite(article, old, new):
    article.refresh_from_db()
    text = ArticleText(article.head.title, article.head.body.replace(old, new))
    save_revision(article=article, text=text)
    return publish(article=article)


def test_a_need_seen_again_adds_evidence_and_raises_the_suggestion(proposal):
    first = propose(proposal)
    again = propose(
        replace(
            proposal,
            evidence=(make_evidence(1042), make_evidence(1043)),
            confidence=0.9,
            tickets_per_week=1.0,
        )
    )
    assert (first.is_new, again.is_new, again.evidence_added) == (True, False, 1)
    row = Suggestion.objects.get()
    assert (row.ticket_count, row.confidence, row.tickets_per_week) == (2, 0.9, 2.0)
    assert row.weekly_minutes == 16.0
    assert row.evidence.count() == 2


def test_another_fact_or_paragraph_is_another_suggestion(proposal):
    propose(proposal)
    propose(replace(proposal, fact_key="unworn"))
    propose(replace(proposal, paragraph_at=0))
    propose(replace(proposal, paragraph_at=None))
    assert Suggestion.objects.open().count() == 4


def test_the_database_refuses_a_second_open_one_for_the_same_fact(suggestion):
    suggestion.pk = None
    with pytest.raises(IntegrityError, match="suggestion_open_once_per_fact"):
        suggestion.save(force_insert=True)


def test_a_new_article_too_is_proposed_once(db):
    proposal = make_proposal(category_id=CategoryFactory().pk)
    assert propose(proposal).is_new
    assert not propose(proposal).is_new
    assert Suggestion.objects.get().article is None


@pytest.mark.parametrize(
    "changes",
    [
        {"evidence": ()},
        {"fact_key": ""},
        {"kind": Kind.NEW_ARTICLE},
        {"body": BODY},
        {"base_revision_id": 10**9},
    ],
)
def test_what_is_not_whole_is_refused(proposal, changes):
    with pytest.raises(SuggestionInvalid):
        propose(replace(proposal, **changes))


def test_a_dismissed_need_comes_back_only_with_as_much_new_evidence(proposal, mia):
    more = replace(proposal, evidence=(make_evidence(1), make_evidence(2)))
    dismiss(suggestion=propose(more).suggestion, reviewer=mia, reason="wrong")
    quiet = propose(replace(more, evidence=(make_evidence(2), make_evidence(3))))
    assert not quiet.is_open
    loud = propose(replace(more, evidence=(make_evidence(3), make_evidence(4))))
    assert loud.is_open
    assert loud.is_new


def test_accepting_makes_a_published_revision_by_the_reviewer(suggestion, article, mia, changes):
    accept(suggestion=suggestion, reviewer=mia)
    article.refresh_from_db()
    assert "60 days" in article.published_revision.body
    assert article.published_revision == suggestion.revision == article.head
    assert (article.head.author, article.head.note) == (mia, suggestion.rationale)
    assert (suggestion.state, suggestion.decided_by) == ("accepted", mia)
    assert article.head.from_suggestion == suggestion
    assert changes == [article.pk]


def test_accepting_with_other_words_says_so(suggestion, article, mia):
    accept(suggestion=suggestion, reviewer=mia, body="Return within 60 days.")
    article.refresh_from_db()
    assert suggestion.state == "changed"
    assert article.published_revision.body == "Return within 60 days."


def test_the_second_reviewer_is_told_who_was_first(suggestion, mia):
    accept(suggestion=suggestion, reviewer=mia)
    with pytest.raises(SuggestionDecided, match="Mia"):
        dismiss(suggestion=suggestion, reviewer=mia, reason="wrong")
    with pytest.raises(SuggestionDecided, match="Accepted"):
        accept(suggestion=suggestion, reviewer=mia)


def test_who_may_not_change_articles_decides_nothing(suggestion, ada):
    with pytest.raises(NotAllowed):
        accept(suggestion=suggestion, reviewer=ada)
    with pytest.raises(NotAllowed):
        dismiss(suggestion=suggestion, reviewer=ada, reason="wrong")


def test_a_dismissal_needs_a_reason(suggestion, mia):
    with pytest.raises(SuggestionInvalid):
        dismiss(suggestion=suggestion, reviewer=mia, reason="")


def test_an_edit_follows_an_article_that_changed_elsewhere(suggestion, article, mia):
    rewrite(article, "Intro.", "A new first paragraph.\n\nIntro.")
    assert rebase(suggestion)
    assert suggestion.base_revision == article.head
    row = suggestion
    assert "30 days" in row.base_revision.body[row.paragraph_start : row.paragraph_end]
    accept(suggestion=suggestion, reviewer=mia)
    article.refresh_from_db()
    assert "A new first paragraph." in article.head.body
    assert "60 days" in article.head.body


def test_an_edit_follows_other_words_of_the_same_paragraph(suggestion, article):
    rewrite(article, "unworn", "with its tags")
    assert rebase(suggestion)
    assert "Return within **60 days**, with its tags." in suggestion.body


def test_an_edit_of_words_that_have_changed_says_that_it_cannot_follow(suggestion, article, mia):
    rewrite(article, "30 days", "two months")
    assert not rebase(suggestion)
    assert suggestion.conflicts_with == article.head
    with pytest.raises(SuggestionConflicts):
        accept(suggestion=suggestion, reviewer=mia)
    suggestion.refresh_from_db()
    assert suggestion.is_open
    base = article.head
    accept(suggestion=suggestion, reviewer=mia, body="In 60 days.", base_revision=base)
    assert suggestion.state == "changed"


def test_own_words_written_against_an_old_text_are_refused(suggestion, article, mia):
    base = article.head
    rewrite(article, "30 days", "two months")
    with pytest.raises(ArticleMovedOn):
        accept(suggestion=suggestion, reviewer=mia, body="In 60 days.", base_revision=base)


def test_an_edit_that_the_article_has_taken_over_is_superseded(suggestion, article, mia):
    rewrite(article, "30 days", "60 days")
    rebase(suggestion)
    assert suggestion.state == "superseded"
    with pytest.raises(SuggestionDecided):
        accept(suggestion=suggestion, reviewer=mia)


def test_accepting_one_edit_rebases_the_others_of_the_article(suggestion, proposal, mia):
    other = propose(
        replace(
            proposal,
            fact_key="2 week",
            paragraph_at=BODY.index("Refunds"),
            body=BODY.replace("a week", "two weeks"),
        )
    ).suggestion
    accept(suggestion=suggestion, reviewer=mia)
    other.refresh_from_db()
    assert other.base_revision == suggestion.revision
    assert "60 days" in other.body
    assert "two weeks" in other.body


def test_an_unpublished_text_of_a_colleague_is_not_published_with_the_edit(
    suggestion, article, mia
):
    text = ArticleText(article.title, BODY + "\n\nUnfinished")
    save_revision(article=article, text=text)
    accept(suggestion=suggestion, reviewer=mia)
    article.refresh_from_db()
    assert "Unfinished" in article.head.body
    assert "60 days" in article.head.body
    assert article.published_revision.body == BODY


def test_a_new_article_is_written_and_published_on_its_shelf(db, mia):
    shelf = CategoryFactory()
    suggestion = propose(make_proposal(category_id=shelf.pk)).suggestion
    accept(suggestion=suggestion, reviewer=mia)
    article = Article.objects.get()
    assert (article.category, article.state) == (shelf, "published")
    assert suggestion.article == article


def test_merging_archives_the_other_article_and_retiring_the_one(article, proposal, mia):
    other = make_article("Sending things back")
    merge = replace(proposal, kind=Kind.MERGE, other_article_id=other.pk)
    accept(suggestion=propose(merge).suggestion, reviewer=mia)
    other.refresh_from_db()
    article.refresh_from_db()
    assert (other.state, "60 days" in article.head.body) == ("archived", True)
    retire = make_proposal(
        article.head, kind=Kind.RETIRE, body="", fact_key="retire", paragraph_at=None
    )
    suggestion = propose(retire).suggestion
    accept(suggestion=suggestion, reviewer=mia)
    article.refresh_from_db()
    assert (article.state, suggestion.revision) == ("archived", None)


def test_an_accepted_edit_can_be_taken_back_while_nobody_has_changed_the_article(
    suggestion, article, mia
):
    accept(suggestion=suggestion, reviewer=mia)
    undo_accept(suggestion=suggestion, by=mia)
    article.refresh_from_db()
    assert article.published_revision.body == BODY
    assert (suggestion.state, suggestion.revision, suggestion.decided_by) == ("open", None, None)
    accept(suggestion=suggestion, reviewer=mia)
    rewrite(article, "Intro.", "Hello.")
    with pytest.raises(CannotUndoAccept):
        undo_accept(suggestion=suggestion, by=mia)


def test_what_nobody_has_seen_for_long_expires(suggestion):
    now = timezone.now()
    assert expire(unseen_since=now - timedelta(days=1)) == 0
    assert expire(unseen_since=now + timedelta(seconds=1)) == 1
    suggestion.refresh_from_db()
    assert suggestion.state == "expired"
    assert not supersede(suggestion=suggestion)


def test_erasing_takes_the_words_out_of_the_evidence_and_leaves_the_count(proposal):
    evidence = (make_evidence(1), make_evidence(2))
    suggestion = propose(replace(proposal, evidence=evidence)).suggestion
    assert forget_tickets([1]) == 1
    rows = {row.ticket_number: (row.quote, row.before) for row in suggestion.evidence.all()}
    assert rows == {1: ("", ""), 2: ("You have 60 days.", "You have 30 days.")}
    suggestion.refresh_from_db()
    assert suggestion.ticket_count == 2


def test_evidence_refers_to_what_its_kind_says(suggestion):
    item = EvidenceItem(EvidenceKind.SOURCE, "5 to 7 days", timezone.now())
    with pytest.raises(IntegrityError, match="evidence_refers_to_its_kind"), transaction.atomic():
        suggestion.evidence.create(kind="source", key=item.key, quote=item.quote)
    with pytest.raises(IntegrityError, match="evidence_has_quote"), transaction.atomic():
        suggestion.evidence.create(kind="reply", key="x", ticket_number=1)
