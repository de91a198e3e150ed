"""Attachments are served to those who may read their message."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helpdesk.services.messages import post_note, post_requester_reply
from tests.factories import TicketFactory

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.fixture
def picture(ticket, rex):
    file = SimpleUploadedFile("zip.png", PNG)
    return post_requester_reply(
        ticket=ticket, author=rex, body="Look", files=[file]
    ).attachments.get()


@pytest.fixture
def secret(ticket, ada):
    file = SimpleUploadedFile("goodwill.txt", b"Internal")
    return post_note(ticket=ticket, author=ada, body="See", files=[file]).attachments.get()


def body_of(response):
    return b"".join(response.streaming_content)


def test_the_link_opens_the_tickets_files(client, ticket, picture):
    response = client.get(f"/t/{ticket.token}/files/{picture.token}/")

    assert body_of(response) == PNG
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_another_tickets_link_does_not(client, picture):
    other = TicketFactory()

    assert client.get(f"/t/{other.token}/files/{picture.token}/").status_code == 404


def test_the_file_of_a_note_is_for_agents(client, browser_of, ticket, secret, rex, ada):
    assert client.get(f"/t/{ticket.token}/files/{secret.token}/").status_code == 404
    assert browser_of(rex).get(f"/files/{secret.token}/").status_code == 404
    assert body_of(browser_of(ada).get(f"/files/{secret.token}/")) == b"Internal"


def test_without_the_link_one_must_be_logged_in_as_a_reader(
    client, browser_of, picture, rex, olga
):
    url = f"/files/{picture.token}/"

    assert client.get(url).status_code == 404
    assert browser_of(olga).get(url).status_code == 404
    assert body_of(browser_of(rex).get(url)) == PNG


def test_what_is_not_a_picture_is_downloaded(browser_of, ada, secret):
    response = browser_of(ada).get(f"/files/{secret.token}/")

    assert response["Content-Disposition"].startswith("attachment")
    response.close()


def test_a_file_that_has_gone_from_the_disk_is_not_found(browser_of, rex, picture):
    picture.file.storage.delete(picture.file.name)

    assert browser_of(rex).get(f"/files/{picture.token}/").status_code == 404
