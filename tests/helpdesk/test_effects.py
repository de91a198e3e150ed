"""What comes from no ticket is worth the tickets that rest on it, and stands in the queue so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk import effects
from helpdesk.models import Citation, Draft, Queue
from helpdesk.suggestions.page import effect_in_words
from helpdesk.work import run_batch
from knowledge.models import Article, Revision, Suggestion
from knowledge.proposals import Kind, Origin
from knowledge.services.sources import add_version
from knowledge.services.suggestions import propose
from knowledge.sourcing.reading import read_pasted
from tests.factories import MessageFactory, QueueFactory, TicketFactory
from tests.knowledge.factories import make_article, make_evidence, make_proposal

RETURNED = "You can return any unused item within 30 days of delivery."
KEPT = "Keep the receipt."
JACKET = "id,name\nC,Cairn jacket\n"


@pytest.fixture
def queue(db) -> Queue:
    return QueueFactory(handling_minutes=10)


@pytest.fixture
def returns(db) -> Revision:
    revision = make_article("Returning an item", f"{RETURNED}\n\n{KEPT}").published_revision
    assert revision is not None
    return revision


def cite(queue: Queue, revision: Revision, words: str = RETURNED, days_ago: int = 1) -> None:
    """A ticket whose draft quotes these words."""
    message = MessageFactory(ticket=TicketFactory(queue=queue))
    draft = Draft.objects.create(
        ticket=message.ticket, message=message, body="Yes.", confidence=0.5, fingerprint="f"
    )
    Draft.objects.update_or_create(
        pk=draft.pk, defaults={"created_at": timezone.now() - timedelta(days=days_ago)}
    )
    start = revision.body.index(words)
    Citation.objects.create(
        draft=draft, number=1, sentence_start=0, sentence_end=4, revision=revision,
        start=start, end=start + len(words), quote=words,
    )  # fmt: skip


def change(kind: str, name: str, *texts: str) -> None:
    for text in texts:
        add_version(name=name, source=read_pasted(kind, text))
        while run_batch("source", limit=8):
            pass


def change_policy() -> Suggestion:
    change(
        "policy", "Returns policy",
        "Unused items can be returned within 30 days of delivery.",
        "Unused items can be returned within 14 days of delivery.",
    )  # fmt: skip
    return Suggestion.objects.get(kind="edit", origin="source")


def test_an_edit_of_a_much_cited_article_stands_above_a_gap_seen_once(queue, returns):
    for _ in range(8):
        cite(queue, returns)
    propose(
        make_proposal(
            origin=Origin.GAP, category_id=returns.article.category_id,
            evidence=(make_evidence(1),), tickets_per_week=0.25, handling_minutes=10.0,
        )
    )  # fmt: skip

    edit = change_policy()

    assert (edit.tickets_per_week, edit.handling_minutes, edit.weekly_minutes) == (2, 10, 20)
    assert [one.origin for one in Suggestion.objects.open()][:2] == ["source", "gap"]
    assert effect_in_words(edit) == "2 tickets a week · ~20 min of work"


def test_only_tickets_of_the_last_weeks_that_rest_on_the_very_words_count(queue, returns):
    cite(queue, returns, days_ago=40)
    cite(queue, returns, KEPT)
    assert change_policy().tickets_per_week == 0


def test_words_that_an_earlier_text_had_too_count(queue, returns):
    cite(queue, returns)
    newer = Revision.objects.create(
        article=returns.article, number=2, title=returns.title,
        body=f"Hello.\n\n{RETURNED}\n\n{KEPT}",
    )  # fmt: skip
    Article.objects.filter(pk=returns.article_id).update(head=newer, published_revision=newer)

    edit = change_policy()

    assert edit.tickets_per_week == 0.25
    assert effect_in_words(edit) == "1 ticket · ~2 min of work"


def test_a_product_that_goes_is_worth_the_tickets_on_its_article(queue):
    tent = make_article("Tarn tent", "The Tarn sleeps two.\n\nIt weighs two kilograms.")
    assert tent.published_revision is not None
    cite(queue, tent.published_revision, "It weighs two kilograms.")
    cite(queue, tent.published_revision, "The Tarn sleeps two.")

    change(
        "feed", "Products", "id,name\nT,Tarn tent\nC,Cairn jacket\n", "id,name\nC,Cairn jacket\n"
    )

    assert Suggestion.objects.get(kind="retire").tickets_per_week == 0.5


def test_a_new_product_is_worth_the_tickets_that_speak_of_it(queue):
    make_article("Cairn jacket", "The Cairn is warm.")
    for body in ("Does the brook filter fit?", "A filter for the BROOK?", "Is Brooklyn far?"):
        MessageFactory(ticket=TicketFactory(queue=queue), body=body)

    change(
        "feed",
        "Products",
        "id,name\nC,Cairn jacket\n",
        "id,name\nC,Cairn jacket\nB,Brook filter\n",
    )

    new = Suggestion.objects.get(kind="new", origin="source")
    assert (new.tickets_per_week, new.handling_minutes) == (0.5, 10)


def test_two_articles_that_say_the_same_are_worth_the_tickets_on_either(queue, returns):
    other = make_article("Sending it back", RETURNED).published_revision
    cite(queue, returns)
    cite(queue, other)
    merge = propose(
        make_proposal(
            returns, kind=Kind.MERGE, origin=Origin.REVIEW, other_article_id=other.article_id,
            tickets_per_week=0.0, handling_minutes=0.0,
        )
    ).suggestion  # fmt: skip

    effects.price_open()

    merge.refresh_from_db()
    assert (merge.tickets_per_week, merge.weekly_minutes) == (0.5, 5)


def test_as_many_queries_for_many_as_for_one(queue, returns, django_assert_max_num_queries):
    change_policy()
    for _ in range(3):
        cite(queue, returns)
    with django_assert_max_num_queries(8) as one:
        assert effects.price_open() == 1
    for number in range(5):
        make_article(f"Returns {number}", RETURNED)
    change("policy", "Returns policy", "Unused items can be returned within 7 days of delivery.")
    with django_assert_max_num_queries(len(one.captured_queries)):
        assert effects.price_open() == 6
