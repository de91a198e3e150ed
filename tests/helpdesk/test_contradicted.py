"""Drafts that quote what another article contradicts wait until somebody has settled it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from helpdesk import article_review, checks, contradicted, following, holding, jobs
from helpdesk.exceptions import DraftHeld
from helpdesk.models import Draft, DraftHold, Job
from helpdesk.services.drafts import approve_draft
from helpdesk.work import run_batch
from knowledge.models import Suggestion
from knowledge.services.suggestions import accept, dismiss
from qa_engine import claim_reading, indexing, reviewing
from qa_engine.models import ArticleClaims, ReviewedArticle
from qa_engine.turning import turn_round
from tests.factories import MessageFactory, publish_article

RETURNS = "You can return an unused item within 30 days of delivery. Keep the receipt of the shop."
SALE = "You can return an unused item within 14 days of delivery.\n\nThe sale ends on Sunday."


@pytest.fixture
def shop(db):
    for number in range(12):
        publish_article(f"Article {number}", f"Something else is told, number {number} of many.")
    articles = {
        "returns": publish_article("Returns", RETURNS),
        "sale": publish_article("The sale", SALE),
    }
    while indexing.sync_due():
        pass
    return articles


def quoting(revision, quote) -> Draft:
    message = MessageFactory()
    draft = Draft.objects.create(
        ticket=message.ticket, message=message, fingerprint="t", body=quote, confidence=0.9
    )
    start = revision.body.index(quote)
    draft.citations.create(
        number=1, sentence_start=0, sentence_end=5, revision=revision,
        start=start, end=start + len(quote), quote=quote,
    )  # fmt: skip
    return draft


def night() -> Suggestion:
    jobs.enqueue(Job.Kind.REVIEW, "night")
    for kind in ("review", "source"):
        while run_batch(kind, limit=8):
            pass
    return Suggestion.objects.open().get(kind="contradiction")


@pytest.fixture
def drafts(shop):
    return {
        "returns": quoting(shop["returns"], "within 30 days of delivery"),
        "sale": quoting(shop["sale"], "within 14 days of delivery"),
        "other": quoting(shop["returns"], "Keep the receipt of the shop."),
    }


def test_drafts_that_quote_either_statement_are_held_with_the_reason(drafts, ada, settings):
    suggestion = night()
    assert suggestion.confidence >= settings.HOLD_CONTRADICTED_FROM
    for name in ("returns", "sale"):
        [reason] = holding.open_reasons(drafts[name])
        assert suggestion.rationale in reason
        with pytest.raises(DraftHeld), transaction.atomic():
            approve_draft(draft=drafts[name], by=ada)
    approve_draft(draft=drafts["other"], by=ada)


def test_a_night_of_short_steps_reads_all_texts_then_compares_them(drafts, monkeypatch):
    monkeypatch.setattr(article_review, "STEP_SECONDS", 0)
    for module in (claim_reading, reviewing):
        monkeypatch.setattr(module, "BATCH", 5)
    jobs.enqueue(Job.Kind.REVIEW, article_review.REST)
    steps = []
    while run_batch("review", limit=1):
        steps.append((ArticleClaims.objects.count(), ReviewedArticle.objects.count()))
    assert steps[:4] == [(5, 0), (10, 0), (14, 0), (14, 5)]
    assert steps[-1] == (14, 14)
    assert Suggestion.objects.open().filter(kind="contradiction").exists()


def test_a_contradiction_that_is_not_sure_holds_nothing(drafts, settings):
    suggestion = night()
    DraftHold.objects.all().delete()
    unsure = settings.HOLD_CONTRADICTED_FROM - 0.01
    Suggestion.objects.filter(pk=suggestion.pk).update(confidence=unsure)
    assert contradicted.hold_waiting() == 0


def test_a_shop_may_have_no_draft_held_for_contradictions(drafts, settings):
    settings.HOLD_CONTRADICTED_FROM = 2.0
    night()
    assert not DraftHold.objects.exists()


@pytest.mark.parametrize(("least", "ids"), [(0.4, ["helpdesk.E006"]), (0.5, []), (2.0, [])])
def test_a_confidence_that_holds_nearly_everything_is_refused(least, ids, settings):
    settings.HOLD_CONTRADICTED_FROM = least
    assert [one.id for one in checks.contradictions_hold_some()] == ids


def test_dismissed_it_lets_the_drafts_go(drafts, mia, ada):
    dismiss(suggestion=night(), reviewer=mia, reason="wrong")
    following.settle()
    assert {hold.outcome for hold in DraftHold.objects.all()} == {"settled"}
    approve_draft(draft=drafts["sale"], by=ada)


def test_accepted_the_wrong_ones_are_drafted_anew_and_the_others_go(drafts, mia, ada):
    suggestion = night()
    wrong = "returns" if suggestion.article.title == "Returns" else "sale"
    accept(suggestion=suggestion, reviewer=mia)
    run_batch("index", limit=8)
    following.settle()
    (job,) = Job.objects.filter(kind=Job.Kind.DRAFT)
    assert job.key.startswith(f"{drafts[wrong].message_id}:")
    approve_draft(draft=drafts["sale" if wrong == "returns" else "returns"], by=ada)


def test_turned_round_the_drafts_go_on_waiting(drafts, ada):
    turn_round(night())
    following.settle()
    for name in ("returns", "sale"):
        assert len(holding.open_reasons(drafts[name])) == 1


def test_a_draft_written_later_is_held_too(shop, drafts):
    night()
    late = quoting(shop["sale"], "within 14 days of delivery")
    assert contradicted.hold_waiting([late]) == 1
    assert contradicted.hold_waiting([late]) == 0


def test_a_hold_has_one_reason_once(drafts):
    night()
    hold = DraftHold.objects.filter(draft=drafts["sale"]).get()
    for values in ({"statement": None}, {"statement": hold.statement}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DraftHold.objects.create(draft=drafts["sale"], reason="Again.", **values)


def test_holding_asks_the_database_as_often_however_many_drafts(
    shop, drafts, django_assert_num_queries
):
    night()
    for _number in range(5):
        quoting(shop["sale"], "within 14 days of delivery")
    with django_assert_num_queries(3):
        assert contradicted.hold_waiting() == 5


def test_what_another_suggestion_says_is_not_looked_at_again(shop, drafts):
    """A night proposes thousands; each looks for what quotes its own statements alone."""
    suggestion = night()
    DraftHold.objects.all().delete()
    other = Suggestion.objects.exclude(pk=suggestion.pk).first() or Suggestion(pk=0)
    assert contradicted.hold_waiting(suggestion=other) == 0
    assert contradicted.hold_waiting(suggestion=suggestion) == 2
