"""Opening a ticket on the portal."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from helpdesk.models import Message, Ticket, User

pytestmark = pytest.mark.django_db

NEW = "/tickets/new/"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def words(**changes):
    return {
        "body": "The zip of my jacket broke.\nIs that covered?",
        "email": "nina@example.com",
        "once": "",
        **changes,
    }


def test_a_stranger_opens_a_ticket_and_learns_its_number_and_what_happens_next(client):
    response = client.post(NEW, words(name="Nina Berg", order_reference="88-1203"), follow=True)

    ticket = Ticket.objects.get()
    assert response.redirect_chain == [(reverse("ticket-sent"), 302)]
    assert ticket.requester.email == "nina@example.com"
    assert ticket.requester.name == "Nina Berg"
    assert ticket.order_reference == "88-1203"
    assert ticket.subject == "The zip of my jacket broke."
    page = response.content.decode()
    assert str(ticket.number) in page
    assert "An answer " in page
    assert "private link" in page


def test_the_private_link_comes_only_by_mail(client):
    response = client.post(NEW, words(), follow=True)

    ticket = Ticket.objects.get()
    assert ticket.token not in response.content.decode()
    assert ticket.token not in str(dict(client.session))
    assert ticket.token in ticket.messages.get(kind=Message.Kind.AUTOMATIC).body


def test_whoever_is_logged_in_gets_the_link_at_once_and_is_asked_for_no_address(browser_of, rex):
    browser = browser_of(rex)
    assert 'name="email"' not in browser.get(NEW).content.decode()

    response = browser.post(NEW, {"body": "Hello?"}, follow=True)

    ticket = Ticket.objects.get()
    assert ticket.requester == rex
    assert ticket.get_absolute_url() in response.content.decode()


def test_an_address_given_while_logged_in_is_not_believed(browser_of, rex, olga):
    browser_of(rex).post(NEW, words(email=olga.email))

    assert Ticket.objects.get().requester == rex


def test_nothing_tells_whether_an_address_is_known(rex):
    def send(email):
        browser = Client()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = browser.post(NEW, words(email=email), follow=True)
        number = Ticket.objects.order_by("pk").last().number
        page = response.content.decode().replace(email, "").replace(str(number), "")
        statements = [query["sql"].split()[0] for query in queries]
        return response.status_code, page.split("<h1>", 1)[1].split("</main>", 1)[0], statements

    send("first@example.com")  # makes the queue
    known, unknown = send(rex.email), send("nobody@example.com")

    assert known == unknown


def test_a_strangers_words_do_not_rename_anybody(client, rex):
    page = client.post(NEW, words(email="REX@example.com", name="Mallory"), follow=True)

    rex.refresh_from_db()
    assert rex.name == "Rex Ortega"
    # As a word: a random token may hold these three letters.
    assert re.search(r"\bRex\b", page.content.decode()) is None
    assert Ticket.objects.get().requester == rex


def test_a_double_click_opens_one_ticket(client):
    form = words(once="a1b2c3")

    first = client.post(NEW, form, follow=True)
    second = client.post(NEW, form, follow=True)

    ticket = Ticket.objects.get()
    assert str(ticket.number) in first.content.decode()
    assert str(ticket.number) in second.content.decode()


def test_each_form_has_a_key_of_its_own(client):
    keys = {client.get(NEW).context["form"]["once"].value() for _ in range(2)}

    assert len(keys) == 2
    assert all(keys)


def test_what_is_missing_is_said_beside_the_field_and_what_was_written_stays(client):
    page = client.post(NEW, words(email="nina@", order_reference="88-1203")).content.decode()

    assert "This address is not complete" in page
    assert 'href="#id_email"' in page
    assert 'aria-invalid="true"' in page
    assert "id_email_error" in page
    assert "The zip of my jacket broke." in page
    assert 'value="88-1203"' in page
    assert not Ticket.objects.exists()


def test_files_come_along(client):
    files = [SimpleUploadedFile("zip.png", PNG), SimpleUploadedFile("note.txt", b"Hello")]

    client.post(NEW, words(attachments=files))

    message = Ticket.objects.get().messages.get(is_from_requester=True)
    assert [file.name for file in message.attachments.all()] == ["zip.png", "note.txt"]


def test_a_refused_file_is_named_and_the_text_stays(client):
    program = SimpleUploadedFile("setup.exe", b"MZ\x00\x00" + b"\x00" * 64)

    page = client.post(NEW, words(attachments=[program])).content.decode()

    assert "setup.exe" in page
    assert "Please choose your files again" in page
    assert "The zip of my jacket broke." in page
    assert not Ticket.objects.exists()
    assert not User.objects.filter(email="nina@example.com").exists()


def test_after_a_refused_file_the_same_form_can_be_sent_without_it(client):
    program = SimpleUploadedFile("setup.exe", b"MZ\x00\x00" + b"\x00" * 64)
    client.post(NEW, words(once="k", attachments=[program]))

    client.post(NEW, words(once="k"))

    assert Ticket.objects.count() == 1


def test_a_robot_that_fills_in_everything_opens_nothing_and_a_person_is_told_why(client):
    page = client.post(NEW, words(website="https://spam.example")).content.decode()

    assert not Ticket.objects.exists()
    assert "Nothing you wrote is lost" in page
    assert "The zip of my jacket broke." in page


def test_too_many_from_one_place_are_refused_in_words_and_nothing_is_lost(client, settings):
    settings.PORTAL_TICKETS_PER_HOUR = 2
    for _ in range(2):
        client.post(NEW, words())

    response = client.post(NEW, words(body="The third one"))

    assert response.status_code == 429
    assert "please wait" in response.content.decode()
    assert "The third one" in response.content.decode()
    assert Ticket.objects.count() == 2


def test_another_place_is_not_refused(client, settings):
    settings.PORTAL_TICKETS_PER_HOUR = 1
    client.post(NEW, words())

    assert client.post(NEW, words(), REMOTE_ADDR="192.0.2.7").status_code == 302
    assert Ticket.objects.count() == 2


def test_without_the_cache_tickets_still_come_in(client, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    assert client.post(NEW, words(once="k")).status_code == 302
    assert Ticket.objects.count() == 1


def test_a_form_without_a_csrf_token_is_refused():
    assert Client(enforce_csrf_checks=True).post(NEW, words()).status_code == 403


def test_the_sent_page_without_a_ticket_leads_to_the_form(client):
    assert client.get("/tickets/sent/").url == NEW


def test_looking_at_the_pages_changes_nothing(client, ticket):
    before = Ticket.objects.count(), User.objects.count()

    client.get("/")
    client.get(NEW, {"question": "zip", "subject": "Zip"})

    assert (Ticket.objects.count(), User.objects.count()) == before
