"""A restricted article by every way on which articles are read, and for each who gets it.

`WAYS` has one line a way. The last test walks all routes of the program, so that a new page which
shows articles to the wrong people fails here though nobody thought of adding it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from knowledge.models import Article, SearchEntry
from knowledge.services import (
    category_at,
    change_details,
    join_group,
    leave_group,
    rename,
)
from knowledge.types import ArticleDetails, Viewer
from qa_engine import indexing
from qa_engine.answering import answer_question
from qa_engine.retrieval import HybridRetriever
from tests.access_rules import KNOWLEDGE
from tests.knowledge.factories import make_article
from tests.test_access import ROUTES, address, world  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db

#: Stands in the article's title, summary and text, and nowhere else.
SECRET = "zirconium"
ASKED = "How much is a wholesale tent peg?"
TEXT = (
    "A wholesale tent peg costs €1.35 with zirconium coating. See [returns](/help/returns/).\n\n"
    "## How is zirconium ordered?\n\nBy the pallet."
)


@pytest.fixture
def prices(wholesale, revision):
    article = make_article(
        "Zirconium tent pegs", TEXT, summary="All zirconium prices.", tags=("pegs",),
        category=category_at(path=["Trade"]), visibility="restricted",
        reader_groups=(wholesale.pk,),
    )  # fmt: skip
    for slug in ("pegs-before", "pegs-now"):
        rename(article=article, slug=slug)
    beside = make_article("Tent pegs", "Pegs hold tents.", tags=("pegs",))
    change_details(article=beside, category=article.category)
    while indexing.sync_due():
        pass
    article.refresh_from_db()
    return article


def page(name: str, *args: object, **query: str) -> Callable[[Client, Any], Any]:
    return lambda client, _person: client.get(reverse(name, args=args), query)


def sent(name: str, *args: object, **said: str) -> Callable[[Client, Any], Any]:
    return lambda client, _person: client.post(reverse(name, args=args), said)


def found(client: Client, person: Any) -> list[str]:
    viewer = Viewer.of(person)
    return [one.text for one in HybridRetriever().retrieve([ASKED], viewer=viewer, top_k=9)[0]]


def answered(client: Client, person: Any) -> str:
    return answer_question(ASKED, viewer=Viewer.of(person)).text


#: Route → the ways by it. Each says the secret to who may read it, or is a 404 to who may not.
WAYS: dict[str, list[Callable[[Client, Any], Any]]] = {
    "kb-home": [page("kb-home")],
    "kb-category": [page("kb-category", "trade")],
    "kb-search": [page("kb-search", q="wholesale peg"), page("kb-search", q="wholesael peg")],
    "kb-article": [
        page("kb-article", "pegs-now"),
        # Its old address, which leads to the new one.
        lambda client, _person: client.get("/help/pegs-before/", follow=True),
        page("kb-article", "tent-pegs"),  # as a related one
    ],
    "kb-feedback": [
        lambda client, _person: client.post(
            reverse("kb-feedback", args=["pegs-now"]), {"helpful": "yes"}, follow=True
        )
    ],
    "ticket-suggestions": [sent("ticket-suggestions", question=ASKED)],
    "ticket-new": [sent("ticket-new", question=ASKED)],
    "api:article-list": [page("api:article-list"), page("api:article-list", q="wholesale peg")],
    "api:article-detail": [page("api:article-detail", "pegs-now")],
    "retrieval": [found],
    "api:answer": [answered],
}
#: Ways that nobody finds it on, member or not: what they say is for everybody, or no article.
FOR_EVERYBODY = {"sitemap", "robots", "kb-image"}


def said(got: Any) -> str:
    return got.content.decode() if hasattr(got, "content") else str(got)


def reads(way: Callable[[Client, Any], Any], person: Any) -> bool:
    client = Client()
    if person is not None:
        client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return SECRET in said(way(client, person)).lower()


ALL_WAYS = [(name, number) for name, ways in WAYS.items() for number in range(len(ways))]


@pytest.mark.parametrize(("name", "number"), ALL_WAYS)
def test_members_and_agents_read_it_and_others_never(name, number, prices, wim, olga, ada):
    way = WAYS[name][number]
    who = {person: reads(way, person) for person in (wim, ada, olga, None)}
    assert who == {wim: True, ada: True, olga: False, None: False}


@pytest.mark.parametrize(("name", "number"), ALL_WAYS)
def test_leaving_the_group_and_closing_the_article_count_on_the_next_request(
    name, number, prices, wim, olga, wholesale
):
    way = WAYS[name][number]
    leave_group(group=wholesale, person=wim)
    join_group(group=wholesale, person=olga)
    people = type(wim).objects.in_bulk([wim.pk, olga.pk])
    assert (reads(way, people[wim.pk]), reads(way, people[olga.pk])) == (False, True)
    change_details(article=prices, details=ArticleDetails(visibility="internal"))
    assert not reads(way, people[olga.pk])


def test_every_page_of_the_help_centre_is_among_the_ways():
    assert set(KNOWLEDGE) == (set(WAYS) & set(KNOWLEDGE)) | FOR_EVERYBODY


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/help/pegs-now/"),
        ("get", "/help/pegs-before/"),
        ("post", "/help/pegs-now/feedback/"),
        ("get", "/api/v1/articles/pegs-now/"),
        ("get", "/help/c/trade/"),
    ],
)
def test_a_foreign_article_is_not_found_as_one_that_never_was(prices, olga, method, path):
    # The only other article on its shelf, for whose sake that would be there.
    change_details(
        article=Article.objects.get(slug="tent-pegs"),
        details=ArticleDetails(visibility="internal"),
    )
    for person in (None, olga):
        client = Client()
        if person:
            client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
        response = getattr(client, method)(path, {"helpful": "yes"})
        assert response.status_code == 404
        assert SECRET not in response.content.decode().lower()


def test_nobody_votes_on_what_they_may_not_read(prices, olga, wim):
    for person, votes in ((olga, 0), (wim, 1)):
        reads(WAYS["kb-feedback"][0], person)
        assert prices.published_revision.feedback.count() == votes


def test_shelves_count_what_the_reader_may_read(prices, olga, wim, browser_of):
    shelves = {}
    for person in (olga, wim):
        top = browser_of(person).get(reverse("kb-home")).context["shelves"]
        shelves[person] = {node.category.name: node.total for node in top}
    assert (shelves[olga]["Trade"], shelves[wim]["Trade"]) == (1, 2)


def test_search_engines_are_told_nothing_of_it(prices, wim, client, browser_of):
    article = browser_of(wim).get(prices.get_absolute_url())
    assert "application/ld+json" not in article.content.decode()
    assert SECRET not in client.get(reverse("sitemap")).content.decode()
    assert "returns" in client.get(reverse("sitemap")).content.decode()


def test_no_cache_between_keeps_it_for_others(prices, wim, browser_of):
    member = browser_of(wim)
    kept = member.get(prices.get_absolute_url())["Cache-Control"]
    assert {"private", "no-store"} <= set(kept.replace(" ", "").split(","))
    for name in ("kb-home", "kb-search"):
        listed = member.get(reverse(name))
        assert "private" in listed["Cache-Control"]
        assert "Cookie" in listed["Vary"]


def test_customers_are_not_told_what_their_group_is_called(prices, wim, ada, client_of):
    path = "/api/v1/articles/pegs-now/"
    assert client_of(ada).get(path).data["reader_groups"] == ["Wholesale customers"]
    assert client_of(wim).get(path).data["reader_groups"] == []


def test_a_typing_error_is_put_right_only_with_words_that_the_reader_may_read(prices, wim, olga):
    assert SearchEntry.objects.filter(article=prices).exists()
    way = page("kb-search", q="zirkonium")
    assert reads(way, wim)
    assert not reads(way, olga)


@pytest.mark.parametrize("person", ["anonymous", "olga", "rex", "wim"])
def test_no_route_of_the_program_shows_it_to_who_may_not_read_it(
    request, person, world, prices  # noqa: F811
):  # fmt: skip
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        user = request.getfixturevalue(person)
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    cookies = client.cookies.output(header="", sep=";")
    restricted = {"slug": prices.slug, "kb-category.slug": prices.category.slug}
    query = {"q": "wholesale peg", "question": ASKED}
    showing = []
    for route in ROUTES:
        for rows in (world, world | restricted):
            client.cookies.clear()  # whatever the last page did to the session
            client.cookies.load(cookies)
            with transaction.atomic():
                response = client.get(address(route, rows), query)
                told = b"".join(response) if response.streaming else response.content
                transaction.set_rollback(True)
            if SECRET in told.decode(errors="replace").lower():
                showing.append(route.key)
    if person == "wim":  # so the walk does find what there is to be found
        assert {"kb-home", "kb-article", "kb-search", "api:article-list"} <= set(showing)
    else:
        assert showing == []
