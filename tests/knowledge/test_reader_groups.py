"""Articles for groups of readers: who reads them, and what the database holds to be true."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from helpdesk.roles import sync_groups
from knowledge.exceptions import ArticleInvalid, NotAllowed, SuggestionInvalid
from knowledge.linking.inside import Inside, reasons_inside
from knowledge.models import Article, Publication, ReaderGroup, ReaderGroupMember
from knowledge.proposals import Kind, Origin
from knowledge.services import change_details, join_group, leave_group
from knowledge.services.suggestions import accept, propose
from knowledge.types import AGENT, CUSTOMER, ArticleDetails, Viewer
from tests.knowledge.factories import again, make_article, make_proposal, restricted

pytestmark = pytest.mark.django_db


def reads(person, article) -> bool:
    return Article.objects.visible_to(person).filter(pk=article.pk).exists()


def test_members_and_agents_read_a_restricted_article_and_nobody_else(prices, wim, olga, ada, mia):
    assert all(reads(person, prices) for person in (wim, ada, mia))
    assert not any(reads(person, prices) for person in (olga, AnonymousUser(), None))


def test_one_of_its_groups_is_enough_and_another_is_not(wholesale, club, wim, olga):
    join_group(group=club, person=olga)
    both, theirs = restricted("Sizes", wholesale, club), restricted("Hikes", club)
    assert reads(wim, both)
    assert reads(again(olga), both)
    assert not reads(wim, theirs)


def test_joining_and_leaving_count_at_once(prices, wholesale, wim, olga):
    assert join_group(group=wholesale, person=olga)
    assert not join_group(group=wholesale, person=olga)
    assert reads(again(olga), prices)
    assert leave_group(group=wholesale, person=wim)
    assert not leave_group(group=wholesale, person=wim)
    assert not reads(again(wim), prices)


def test_restricting_an_article_counts_at_once(article, wholesale, wim, olga):
    details = ArticleDetails(visibility="restricted", reader_groups=(wholesale.pk,))
    assert reads(olga, article)
    change_details(article=article, details=details)
    assert not reads(olga, article)
    assert reads(wim, article)


def test_a_member_who_was_deactivated_reads_no_more_than_everybody(prices, wim):
    wim.is_active = False
    wim.save()
    assert not reads(again(wim), prices)
    assert Viewer.as_customer(again(wim)) == CUSTOMER


def test_a_member_reads_neither_drafts_nor_what_is_over(wholesale, wim):
    draft = restricted("Next year", wholesale, is_published=False)
    over = restricted("Last year", wholesale, valid_until=timezone.now())
    assert not reads(wim, draft)
    assert not reads(wim, over)


def test_whoever_is_erased_leaves_no_membership(wim):
    wim.delete()
    assert not ReaderGroupMember.objects.exists()


def test_a_viewer_crosses_a_task_queue_and_is_one_value(wim, ada, wholesale, club):
    join_group(group=club, person=wim)
    viewer = Viewer.of(again(wim))
    sent = json.loads(json.dumps([viewer.is_agent, viewer.groups]))
    assert Viewer(sent[0], tuple(sent[1])) == viewer
    assert viewer.groups == tuple(sorted((wholesale.pk, club.pk)))
    assert len({viewer, Viewer.of(again(wim)), Viewer.of(viewer)}) == 1
    assert Viewer.of(ada) == AGENT
    assert Viewer.as_customer(ada) == CUSTOMER


def test_the_rule_is_the_same_in_python_and_in_sql(wholesale, club, article):
    goodwill = make_article("Goodwill", visibility="internal")
    articles = [article, goodwill, restricted("A", wholesale), restricted("B", club, wholesale)]
    groups = ((), (wholesale.pk,), (club.pk,), (wholesale.pk, club.pk))
    for viewer in (AGENT, *(Viewer(groups=own) for own in groups)):
        for one in articles:
            is_meant = viewer.is_meant_by(one.visibility, one.reader_groups)
            assert reads(viewer, one) == is_meant, (viewer, one)


def test_whoever_is_in_no_group_asks_what_was_asked_before_there_were_any(olga):
    sql = str(Article.objects.visible_to(olga).query)
    assert "reader_groups" not in sql.split("WHERE")[1]


def test_a_signed_in_customer_costs_one_query_for_their_groups_however_often_asked(wim, prices):
    person = again(wim)
    with CaptureQueriesContext(connection) as queries:
        for _time in range(3):
            assert reads(person, prices)
    assert len(queries) == 4


# What the database refuses.


@pytest.mark.parametrize(
    "change",
    [
        {"visibility": "restricted"},
        {"visibility": "public", "reader_groups": "known"},
        {"visibility": "internal", "reader_groups": "known"},
        {"visibility": "secret"},
    ],
)
def test_only_a_restricted_article_names_groups_and_it_does(article, wholesale, change):
    if "reader_groups" in change:
        change = change | {"reader_groups": [wholesale.pk]}
    with pytest.raises(IntegrityError, match="article_"), transaction.atomic():
        Article.objects.filter(pk=article.pk).update(**change)


def test_an_article_is_for_groups_that_exist_in_order_and_each_once(article, wholesale, club):
    low, high = sorted((wholesale.pk, club.pk))
    rows = Article.objects.filter(pk=article.pk)
    for unknown in ([high + 1], [low, high + 1], [low, None]):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(visibility="restricted", reader_groups=unknown)
    rows.update(visibility="restricted", reader_groups=[high, low, high])
    assert rows.get().reader_groups == [low, high]


def test_a_group_goes_only_when_no_article_is_for_it(prices, wholesale):
    with (
        pytest.raises(IntegrityError, match="group_of_readers_has_articles"),
        transaction.atomic(),
    ):
        wholesale.delete()
    change_details(article=prices, details=ArticleDetails(visibility="internal"))
    wholesale.delete()
    assert not ReaderGroup.objects.exists()


@pytest.mark.parametrize("name", ["wholesale CUSTOMERS", "Trade, wholesale", ""])
def test_a_group_has_a_name_of_its_own_that_files_can_list(wholesale, name):
    with pytest.raises(IntegrityError, match="reader_group_name"), transaction.atomic():
        ReaderGroup.objects.create(name=name)


def test_nobody_is_in_a_group_twice(wim, wholesale):
    with pytest.raises(IntegrityError, match="reader_group_member_once"), transaction.atomic():
        ReaderGroupMember.objects.create(group=wholesale, person=wim)


def test_what_showed_is_kept_with_the_groups_of_its_time(wholesale, club, prices):
    first = timezone.now()
    change_details(
        article=prices, details=ArticleDetails(visibility="restricted", reader_groups=(club.pk,))
    )
    second = timezone.now()

    def shown(at, *groups):
        viewer = Viewer(groups=tuple(group.pk for group in groups))
        return Publication.objects.shown_at(at, viewer).exists()

    assert (shown(first, wholesale), shown(first, club), shown(first)) == (True, False, False)
    assert (shown(second, wholesale), shown(second, club), shown(second)) == (False, True, False)


# What the services refuse.


@pytest.mark.parametrize(
    ("visibility", "groups"),
    [("restricted", ()), ("public", ("known",)), ("internal", ("known",)), ("restricted", (0,))],
)
def test_who_reads_it_is_never_guessed(article, wholesale, visibility, groups):
    ids = tuple(wholesale.pk if group == "known" else group for group in groups)
    with pytest.raises(ArticleInvalid):
        change_details(
            article=article, details=ArticleDetails(visibility=visibility, reader_groups=ids)
        )


def test_only_a_publisher_opens_a_published_article_to_others(prices, club, cai, pia):
    sync_groups()
    wider = ArticleDetails(visibility="restricted", reader_groups=(club.pk,))
    with pytest.raises(NotAllowed):
        change_details(article=prices, details=wider, by=cai)
    assert change_details(article=prices, details=wider, by=pia)


def test_no_suggestion_joins_articles_for_different_readers(prices, club, article, mia):
    others = [article, restricted("Hikes", club), make_article("Goodwill", visibility="internal")]
    for other in others:
        for one, two in ((prices, other), (other, prices)):
            proposal = make_proposal(
                one.published_revision, kind=Kind.MERGE, origin=Origin.REVIEW,
                other_article_id=two.pk,
            )  # fmt: skip
            with pytest.raises(SuggestionInvalid):
                propose(proposal)


def test_a_suggestion_is_refused_once_the_two_are_for_different_readers(
    prices, wholesale, article, mia
):
    sync_groups()
    twin = restricted("Trade prices again", wholesale)
    proposal = make_proposal(
        prices.published_revision, kind=Kind.MERGE, origin=Origin.REVIEW, other_article_id=twin.pk
    )
    suggestion = propose(proposal).suggestion
    change_details(article=prices, details=ArticleDetails())
    with pytest.raises(SuggestionInvalid):
        accept(suggestion=suggestion, reviewer=mia)
    twin.refresh_from_db()
    assert twin.state == Article.State.PUBLISHED


def test_a_link_leads_nowhere_where_its_readers_may_not_follow(prices, article):
    goodwill = make_article("Goodwill", visibility="internal")
    cases = [
        (prices, Inside(prices.get_absolute_url(), True), "not_shown"),
        (prices, Inside(prices.get_absolute_url(), False, True), ""),
        (goodwill, Inside(goodwill.get_absolute_url(), False, True), "not_shown"),
        (article, Inside(article.get_absolute_url(), False, True), ""),
    ]
    for target, place, reason in cases:
        assert reasons_inside([place]) == [reason], (target, place)
