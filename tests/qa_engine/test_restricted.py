"""What is for a group of readers is quoted, compared and taught among these readers only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import Article, Publication, ReaderGroup, Suggestion
from knowledge.services import archive, change_details
from knowledge.types import AGENT, CUSTOMER, ArticleDetails, ArticleText, Viewer
from qa_engine import indexing, reviewing, tasks
from qa_engine.answering import answer_question, engine, write_drafts
from qa_engine.lexical import lexical_lane
from qa_engine.models import Passage
from qa_engine.replaying.past import Past
from qa_engine.replaying.running import replay
from qa_engine.replaying.values import Change, Edit, Outcome, PastMessage
from qa_engine.retrieval import HybridRetriever, dense_lane
from qa_engine.suggesting.lessons import Claim, SentReply, lessons_of
from qa_engine.types import DraftRequest
from tests.factories import publish_article
from tests.qa_engine.test_duplicates import OLDER, RETURNS

ASKED = "How much discount is there on wholesale orders of tent pegs?"
PEGS = "There is a discount of 40 % on wholesale orders of tent pegs."


@pytest.fixture
def trade(wholesale):
    """The viewer that a wholesale customer is."""
    return Viewer(groups=(wholesale.pk,))


@pytest.fixture
def prices(shop, wholesale):
    revision = publish_article("Wholesale prices", PEGS)
    restrict(revision, wholesale)
    sync()
    return revision


def restrict(revision, *groups):
    ids = [group.pk for group in groups]
    Article.objects.filter(pk=revision.article_id).update(
        visibility="restricted", reader_groups=ids
    )


def sync():
    while indexing.sync_due():
        pass


def night():
    sync()
    reviewing.close_settled()
    reviewing.compare_articles(seconds=60)


def titles(viewer, query=ASKED):
    found = HybridRetriever().retrieve([query], viewer=viewer, top_k=8)[0]
    return [one.title for one in found]


def request(viewer, text=ASKED):
    return DraftRequest(text=text, requester_name="Wim", viewer=viewer)


@pytest.mark.parametrize("lane", [lexical_lane, dense_lane])
def test_no_lane_proposes_it_to_others(prices, trade, wholesale, lane):
    own = set(Passage.objects.filter(revision=prices).values_list("pk", flat=True))
    others = Viewer(groups=(wholesale.pk + 1,))
    for viewer, is_proposed in ((trade, True), (AGENT, True), (CUSTOMER, False), (others, False)):
        assert bool(own & {pk for pk, _ in lane([ASKED], viewer)[0]}) == is_proposed


def test_how_rare_a_word_is_tells_others_nothing(prices, trade):
    rarity = HybridRetriever().rarity
    assert rarity(["wholesale"], viewer=CUSTOMER)["wholesale"] == 1
    assert rarity(["wholesale"], viewer=trade)["wholesale"] < 1


def test_restricting_counts_before_any_sync(shop, wholesale, trade):
    assert "Shipping to Norway" in titles(CUSTOMER, "shipping to Norway")
    restrict(shop["norway"], wholesale)
    assert "Shipping to Norway" not in titles(CUSTOMER, "shipping to Norway")
    assert titles(trade, "shipping to Norway")[0] == "Shipping to Norway"


def test_retrieval_costs_the_same_statements_for_a_member(prices, trade):
    counts = []
    for viewer in (CUSTOMER, trade, Viewer(groups=tuple(range(1, 40)))):
        for size in (1, 12):
            with CaptureQueriesContext(connection) as queries:
                HybridRetriever().retrieve([ASKED] * size, viewer=viewer, top_k=4)
            counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_a_batch_of_drafts_is_read_with_each_requesters_eyes(prices, trade):
    viewers = [CUSTOMER, trade, CUSTOMER, trade]
    drafts = write_drafts([request(viewer) for viewer in viewers])
    assert ["40 %" in draft.body for draft in drafts] == [False, True, False, True]


def test_the_live_task_reads_as_whoever_asks(prices, trade):
    assert "40 %" in tasks.answer_live(ASKED, False, list(trade.groups))["text"]
    assert "40 %" not in tasks.answer_live(ASKED, False)["text"]  # as older web processes ask
    assert "40 %" in tasks.answer_live(ASKED, True)["text"]
    assert "40 %" in answer_question(ASKED, viewer=trade).text


def test_the_past_is_read_with_the_groups_of_its_day(prices, trade):
    Publication.objects.update(shown_from=timezone.now() - timedelta(days=365))
    before = timezone.now()
    archive(article=prices.article)
    sync()
    assert [one.text.body for one in Past(before, trade).at(before).shown] == [PEGS]
    assert Past(before, CUSTOMER).at(before).shown == ()
    messages = [
        PastMessage(number, request(viewer), before)
        for number, viewer in enumerate((CUSTOMER, trade))
    ]
    new = Article.objects.get(pk=prices.article_id)
    change = Change(
        edits=(Edit(new.pk, -1, ArticleText("Wholesale prices", "None."), prices.text),)
    )
    other, member = replay(messages, change, engine())
    assert other.outcome is Outcome.SAME
    assert member.outcome in {Outcome.LOST, Outcome.CHANGED, Outcome.WORSE}
    assert "40 %" in member.before.body


SAYS = "You can return an unused item within 30 days of delivery. Keep the receipt of the shop."
DENIES = "You can return an unused item within 14 days of delivery. The sale ends on Sunday."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("titles", "bodies"),
    [
        (("Returns", "The sale"), (SAYS, DENIES)),
        (("Returns", "Returning items"), (RETURNS, OLDER)),
    ],
    ids=["contradiction", "merge"],
)
@pytest.mark.parametrize("case", ["public", "another group", "one group more", "the same"])
def test_only_articles_for_the_same_readers_are_compared(titles, bodies, case, wholesale):
    club = ReaderGroup.objects.create(name="Trail Club")
    for number in range(12):
        publish_article(f"Article {number}", f"Something else is told, number {number} of many.")
    one, other = map(publish_article, titles, bodies)
    restrict(one, wholesale)
    groups = {
        "another group": [club],
        "one group more": [club, wholesale],
        "the same": [wholesale],
    }
    if case in groups:
        restrict(other, *groups[case])
    sync()
    night()
    assert Suggestion.objects.open().exists() == (case == "the same")


@pytest.mark.django_db
@pytest.mark.parametrize("is_same", [True, False])
def test_articles_for_other_readers_are_not_even_looked_at(wholesale, is_same):
    club = ReaderGroup.objects.create(name="Trail Club")
    one, other = publish_article("Returns", RETURNS), publish_article("Returning items", OLDER)
    restrict(one, wholesale)
    restrict(other, wholesale if is_same else club)
    night()
    article = Article.objects.get(pk=one.article_id)
    expected = [other.article_id] if is_same else []
    assert list(reviewing._near(article, article.reviewed.bands)) == expected


@pytest.mark.django_db
def test_a_pair_is_closed_and_looked_for_anew_as_their_readers_change(wholesale):
    for number in range(12):
        publish_article(f"Article {number}", f"Something else is told, number {number} of many.")
    one, other = publish_article("Returns", SAYS), publish_article("The sale", DENIES)
    sync()
    night()
    assert Suggestion.objects.open().get().kind == "contradiction"
    details = ArticleDetails(visibility="restricted", reader_groups=(wholesale.pk,))
    change_details(article=one.article, details=details)
    night()
    assert not Suggestion.objects.open().exists()
    change_details(article=other.article, details=details)
    night()
    assert Suggestion.objects.open().get().kind == "contradiction"
    assert not reviewing.is_left()


def test_a_member_is_answered_in_a_language_that_only_their_articles_are_in(prices, trade):
    Article.objects.filter(pk=prices.article_id).update(language="de")
    assert "de" in engine().languages
    Article.objects.filter(pk=prices.article_id).update(visibility="internal", reader_groups=[])
    assert "de" not in engine().languages


def taught(said, viewer, *claims):
    return [one.revision_id for one in lessons_of(SentReply(said, claims, viewer=viewer))]


def test_a_fact_goes_where_its_requester_reads_it(prices, trade):
    said = "There is a discount of 45 % on wholesale orders of tent pegs."
    assert taught(said, trade) == [prices.pk]
    assert prices.pk not in taught(said, CUSTOMER)


def test_what_a_restricted_article_says_is_no_lesson_for_a_public_one(prices, trade):
    near = publish_article("Orders of tent pegs", "There is a leaflet on orders of tent pegs.")
    sync()
    assert taught(PEGS, trade) == []
    assert taught(PEGS, CUSTOMER) == [near.pk]  # nobody has told them of it


def test_a_reply_that_rests_on_a_restricted_article_teaches_no_public_one(prices, trade, shop):
    said = "Standard shipping to Norway costs €9.95."
    assert shop["norway"].pk in taught(said, trade)
    claim = Claim(PEGS, prices.pk, 0, len(PEGS))
    assert shop["norway"].pk not in taught(f"{PEGS} {said}", trade, claim)
