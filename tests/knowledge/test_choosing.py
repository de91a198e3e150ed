"""Readers get the help pages in one language: the one they chose, or their browser's."""

from __future__ import annotations

import pytest
from django.urls import reverse

from knowledge.choosing import COOKIE
from knowledge.services import category_at, link_translation
from tests.knowledge.factories import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_languages():
    """An article and its translation, and one in German alone on a shelf of its own."""
    orders = category_at(path=["Orders"])
    english = make_article("Returns", "Send it back.", category=orders)
    german = make_article("Rückgabe", "Zurück damit.", category=orders, language="de")
    link_translation(article=german, source=english, by=None)
    make_article("Zelte", "Ein Zelt.", category=category_at(path=["Zelte"]), language="de")
    return orders


def said(client, name: str, *args, accept: str = "", **data: str) -> str:
    response = client.get(reverse(name, args=args), data, headers={"Accept-Language": accept})
    assert response.status_code == 200
    return response.content.decode()


def test_in_one_language_there_is_nothing_to_choose(client):
    make_article("Rückgabe", language="de")
    response = client.get(reverse("kb-home"), {"lang": "de"})
    assert "Rückgabe" in response.content.decode()
    assert "kb-language" not in response.content.decode()
    assert COOKIE not in response.cookies


def test_only_languages_that_a_reader_may_read_are_offered(client, browser_of, ada, two_languages):
    make_article("Intern", visibility="internal", language="nl")
    make_article("Brouillon", is_published=False, language="fr")
    assert {one.code for one in client.get(reverse("kb-home")).context["choice"].languages} == {
        "en", "de",
    }  # fmt: skip
    for_agents = browser_of(ada).get(reverse("kb-home")).context["choice"].languages
    assert {one.code for one in for_agents} == {"de", "en", "nl"}


def test_lists_hold_the_chosen_language_alone_with_its_counts(client, two_languages):
    english, german = said(client, "kb-home"), said(client, "kb-home", lang="de")
    assert "Returns" in english
    assert "Rückgabe" not in english
    assert "Zelte" not in english
    assert "Rückgabe" in german
    assert "Returns" not in german
    assert german.count("1 article") == 2
    assert '<option value="de" lang="de" selected>Deutsch</option>' in german
    shelf = said(client, "kb-category", two_languages.slug, lang="en")
    assert "Returns" in shelf
    assert "Rückgabe" not in shelf


def test_a_choice_is_in_the_address_and_kept(client, two_languages):
    response = client.get(reverse("kb-home"), {"lang": "de"})
    cookie = response.cookies[COOKIE]
    assert (cookie.value, cookie["samesite"], bool(cookie["httponly"])) == ("de", "Lax", True)
    assert "Rückgabe" in said(client, "kb-home", accept="en")
    assert "Returns" in said(client, "kb-home", lang="en")
    assert "Returns" in said(client, "kb-home", accept="de")


@pytest.mark.parametrize(
    ("accept", "shown"),
    [("de-AT,de;q=0.8,en;q=0.5", "Rückgabe"), ("fr,de;q=0.2", "Rückgabe"), ("fr", "Returns"),
     ("", "Returns"), ("*", "Returns"), ("not a, language;q=x", "Returns")],
)  # fmt: skip
def test_who_chose_nothing_gets_what_their_browser_asks_for(client, two_languages, accept, shown):
    response = client.get(reverse("kb-home"), headers={"Accept-Language": accept})
    assert shown in response.content.decode()
    assert COOKIE not in response.cookies
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("wrong", ["nl", "xx", "<b>", "en,de"])
def test_a_language_that_nothing_is_in_is_not_taken(client, two_languages, wrong):
    response = client.get(reverse("kb-home"), {"lang": wrong})
    assert "Returns" in response.content.decode()
    assert COOKIE not in response.cookies


def test_a_shelf_with_nothing_in_the_language_says_so(client, two_languages):
    html = said(client, "kb-category", "zelte", lang="en")
    assert "There is nothing here in English yet." in html
    assert "kb-language" in html


def test_search_falls_back_to_all_languages_and_says_so(client, two_languages):
    german = said(client, "kb-search", q="zurück", lang="de")
    assert "Rückgabe" in german
    assert "other languages" not in german
    english = said(client, "kb-search", q="zurück", lang="en")
    assert "We found nothing in English. These are in other languages." in english
    assert "Rückgabe" in english
    assert '<input type="hidden" name="q" value="zurück">' in english
    nowhere = said(client, "kb-search", q="kayak", lang="en")
    assert "We found nothing about “kayak”." in nowhere
    assert "other languages" not in nowhere


def test_a_link_to_a_translation_is_a_choice_and_its_address_stays_plain(client, two_languages):
    html = said(client, "kb-article", "returns")
    address = reverse("kb-article", args=["ruckgabe"])
    assert f'hreflang="de" href="http://testserver{address}"' in html or (
        f'hreflang="de" href="http://localhost:8000{address}"' in html
    )
    assert f'href="{address}?lang=de"' in html
    response = client.get(address, {"lang": "de"})
    assert response.cookies[COOKIE].value == "de"
    assert f'{address}">' in response.content.decode().partition('rel="canonical"')[2][:200]
    assert "Rückgabe" in said(client, "kb-home")


def test_search_engines_learn_of_the_languages_of_the_start_page(client, two_languages, settings):
    html = said(client, "kb-home")
    home = settings.SITE_URL + reverse("kb-home")
    for code in ("de", "en"):
        assert f'<link rel="alternate" hreflang="{code}" href="{home}?lang={code}">' in html
    assert f'<link rel="alternate" hreflang="x-default" href="{home}">' in html


@pytest.mark.parametrize("more", [0, 8])
def test_the_pages_cost_the_same_however_many_languages(
    client, two_languages, django_assert_num_queries, more
):
    for number, code in enumerate(["fr", "nl", "it", "es", "pl", "sv", "da", "fi"][:more]):
        make_article(f"Returns {number}", category=two_languages, language=code)
    for queries, name, args in (
        (3, "kb-home", []),
        (5, "kb-category", [two_languages.slug]),
    ):
        with django_assert_num_queries(queries):
            client.get(reverse(name, args=args), {"lang": "en"})
