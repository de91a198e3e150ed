"""Logging in, and one's own tickets."""

from __future__ import annotations

import re

import pytest

from helpdesk.models import Organization, User
from tests.factories import TicketFactory

pytestmark = pytest.mark.django_db


def test_my_tickets_are_behind_the_log_in(client):
    assert client.get("/tickets/").url == "/accounts/login/?next=/tickets/"


def test_my_tickets_are_mine_alone(browser_of, rex, olga, ticket):
    TicketFactory(requester=olga, subject="Olga’s stove")

    page = browser_of(rex).get("/tickets/").content.decode()

    assert "Returning a jacket" in page
    assert "stove" not in page


def test_an_organization_that_shares_tickets_shows_them_to_its_members(browser_of, rex, olga):
    firm = Organization.objects.create(name="Alpine Club", shares_tickets=True)
    User.objects.update(organization=firm)
    rex.refresh_from_db()
    TicketFactory(requester=olga, organization=firm, subject="Club order")

    page = browser_of(rex).get("/tickets/").content.decode()

    assert "Club order" in page
    assert "Olga" in page
    assert "Petrova" not in page


def test_an_agents_own_list_is_not_everybodys(browser_of, ada, ticket):
    assert "Returning a jacket" not in browser_of(ada).get("/tickets/").content.decode()


def test_the_list_costs_the_same_however_many_tickets(
    browser_of, rex, django_assert_max_num_queries
):
    TicketFactory.create_batch(30, requester=rex)
    browser = browser_of(rex)

    with django_assert_max_num_queries(4):
        page = browser.get("/tickets/").content.decode()

    assert "Page 1 of 2" in page


def test_after_log_in_agents_go_to_the_desk_and_others_to_their_tickets(browser_of, rex, ada):
    assert browser_of(ada).get("/after-login/").url == "/admin/"
    assert browser_of(rex).get("/after-login/").url == "/tickets/"


def test_who_wrote_in_without_a_password_logs_in_with_a_mailed_code(client, mailoutbox, ticket):
    wrote_in = User.objects.get(email="rex@example.com")
    wrote_in.set_unusable_password()
    wrote_in.save()

    client.post("/accounts/login/code/", {"email": "rex@example.com"})
    code = re.search(r"^([A-Z0-9]+(?:-[A-Z0-9]+)*)$", mailoutbox[0].body, re.MULTILINE)
    assert code is not None
    assert "Fellmark" in mailoutbox[0].body
    response = client.post("/accounts/login/code/confirm/", {"code": code.group(1)}, follow=True)

    assert "Returning a jacket" in response.content.decode()


def test_asking_for_a_code_tells_nothing_about_an_address(client, rex):
    known = client.post("/accounts/login/code/", {"email": rex.email})
    unknown = client.post("/accounts/login/code/", {"email": "nobody@example.com"})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_signing_up_with_a_known_address_looks_like_signing_up(client, mailoutbox, rex):
    form = {"password1": "stove-tent-rope-77", "password2": "stove-tent-rope-77"}

    known = client.post("/accounts/signup/", {"email": rex.email, **form})
    unknown = client.post("/accounts/signup/", {"email": "new@example.com", **form})

    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert "Mail me a code" in mailoutbox[0].body


@pytest.mark.parametrize(
    "path", ["login/", "signup/", "login/code/", "password/reset/", "logout/"]
)
def test_the_pages_of_the_account_look_like_the_portal(client, browser_of, rex, path):
    browser = browser_of(rex) if path == "logout/" else client

    page = browser.get(f"/accounts/{path}").content.decode()

    assert "portal/portal.css" in page
    assert "<h1>" in page


@pytest.mark.parametrize("path", ["email/", "password/set/", "2fa/"])
def test_the_pages_of_ones_own_account_look_like_the_portal(browser_of, rex, path):
    page = browser_of(rex).get(f"/accounts/{path}", follow=True).content.decode()

    assert "portal/portal.css" in page


def test_a_missing_page_says_so_in_plain_words(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert "This path ends here" in response.content.decode()


def test_agents_see_the_way_to_the_desk_and_customers_do_not(browser_of, ada, rex):
    assert ">Staff<" in browser_of(ada).get("/").content.decode()
    assert ">Staff<" not in browser_of(rex).get("/").content.decode()
