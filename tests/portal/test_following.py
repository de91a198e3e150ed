"""The private link: follow, reply, close, reopen, rate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from helpdesk.models import Attachment, Message, Ticket
from helpdesk.services.messages import post_note, post_reply
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db


def test_the_link_shows_the_conversation_newest_last(client, ticket, answered):
    page = client.get(ticket.get_absolute_url()).content.decode()

    assert page.index("How long do I have") < page.index("You have 30 days.")
    assert "Waiting for your answer" in page


def test_a_guessed_link_shows_nothing(client, ticket):
    assert client.get("/t/guess/").status_code == 404
    assert client.get(f"/t/{ticket.number}/").status_code == 404


def test_notes_acknowledgements_and_replies_that_may_be_taken_back_stay_hidden(
    client, ticket, ada
):
    post_note(ticket=ticket, author=ada, body="Difficult customer")
    post_reply(ticket=ticket, author=ada, body="Not sent yet")

    page = client.get(ticket.get_absolute_url()).content.decode()

    assert "Difficult customer" not in page
    assert "Not sent yet" not in page


def test_agents_appear_by_first_name_alone(client, ticket, answered):
    page = client.get(ticket.get_absolute_url()).content.decode()

    assert "Ada" in page
    assert "Novak" not in page
    assert "ada@shop.example" not in page


def test_the_page_is_neither_kept_nor_indexed_nor_told_to_other_sites(client, ticket):
    response = client.get(ticket.get_absolute_url())

    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"


def test_whoever_has_the_link_can_reply_with_files(client, ticket, rex):
    response = client.post(
        f"/t/{ticket.token}/reply/",
        {"body": "Here it is", "attachments": [SimpleUploadedFile("note.txt", b"Hello")]},
        follow=True,
    )

    message = ticket.messages.order_by("pk").last()
    assert (message.body, message.author, message.is_from_requester) == ("Here it is", rex, True)
    assert message.attachments.get().name == "note.txt"
    assert "Here it is" in response.content.decode()


def test_a_double_click_replies_once(client, ticket):
    for _ in range(2):
        client.post(f"/t/{ticket.token}/reply/", {"body": "Once", "once": "k"})

    assert ticket.messages.filter(body="Once").count() == 1


def test_a_key_used_on_one_ticket_is_free_on_another(client, ticket):
    other = MessageFactory().ticket
    client.post(f"/t/{ticket.token}/reply/", {"body": "Here", "once": "k"})

    client.post(f"/t/{other.token}/reply/", {"body": "There", "once": "k"})

    assert other.messages.filter(body="There").exists()


def test_an_empty_reply_and_a_refused_file_are_explained_and_the_text_stays(client, ticket):
    url = f"/t/{ticket.token}/reply/"
    program = SimpleUploadedFile("setup.exe", b"MZ\x00\x00" + b"\x00" * 64)

    empty = client.post(url, {"body": " "}).content.decode()
    refused = client.post(url, {"body": "See this", "attachments": [program]}).content.decode()

    assert "Please write something first." in empty
    assert "setup.exe" in refused
    assert "See this" in refused
    assert ticket.messages.count() == 1


def test_a_reply_reopens_a_solved_ticket(client, solved):
    client.post(f"/t/{solved.token}/reply/", {"body": "It broke again"})

    solved.refresh_from_db()
    assert solved.status == Ticket.Status.OPEN


def test_closing_solves_it_and_reopening_opens_it_again(client, ticket):
    client.post(f"/t/{ticket.token}/close/")
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.SOLVED

    client.post(f"/t/{ticket.token}/reopen/")
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.OPEN


def test_a_closed_ticket_offers_a_new_one_with_its_subject(client, closed):
    page = client.get(closed.get_absolute_url()).content.decode()

    assert 'name="body"' not in page
    assert "/tickets/new/?subject=Returning%20a%20jacket" in page
    new = client.get("/tickets/new/?subject=Returning%20a%20jacket").content.decode()
    assert 'value="Returning a jacket"' in new


def test_a_closed_ticket_takes_no_reply_and_does_not_reopen(client, closed):
    page = client.post(f"/t/{closed.token}/reply/", {"body": "Hello?"})
    client.post(f"/t/{closed.token}/reopen/")

    closed.refresh_from_db()
    assert page.status_code == 200
    assert closed.status == Ticket.Status.CLOSED
    assert closed.messages.count() == 1


def test_a_solved_ticket_is_rated_and_the_rating_can_be_changed(client, solved):
    url = f"/t/{solved.token}/rate/"
    client.post(url, {"rating": "bad", "comment": "Slow"})

    client.post(url, {"rating": "good", "comment": "All is well now"})

    solved.refresh_from_db()
    assert (solved.rating.rating, solved.rating.comment) == ("good", "All is well now")


def test_an_open_ticket_cannot_be_rated_yet(client, ticket):
    page = client.post(f"/t/{ticket.token}/rate/", {"rating": "good"}, follow=True)

    assert "once the ticket is solved" in page.content.decode()
    assert not hasattr(Ticket.objects.get(), "rating")


def test_a_rating_without_a_face_keeps_the_comment(client, solved):
    page = client.post(f"/t/{solved.token}/rate/", {"comment": "Kind people"}).content.decode()

    assert "Please choose one of the two faces." in page
    assert "Kind people" in page


@pytest.mark.parametrize("action", ["reply", "close", "reopen", "rate"])
def test_looking_never_changes_anything(client, ticket, action):
    assert client.get(f"/t/{ticket.token}/{action}/").status_code == 405


@pytest.mark.parametrize("action", ["reply", "close", "reopen", "rate"])
def test_an_agent_with_the_link_does_not_write_as_the_customer(browser_of, ada, solved, action):
    browser = browser_of(ada)

    data = {"body": "As Rex", "rating": "good"}
    page = browser.post(f"/t/{solved.token}/{action}/", data, follow=True).content.decode()

    solved.refresh_from_db()
    assert "You are an agent" in page
    assert solved.status == Ticket.Status.SOLVED
    assert solved.messages.count() == 1
    assert not hasattr(solved, "rating")


def test_somebody_else_who_is_logged_in_writes_under_their_own_name(browser_of, olga, ticket):
    browser_of(olga).post(f"/t/{ticket.token}/reply/", {"body": "I sit beside Rex"})

    assert ticket.messages.get(body="I sit beside Rex").author == olga


def test_the_page_asks_for_news_and_hears_nothing_until_there_is_some(client, ticket, ada):
    url = ticket.get_absolute_url()
    seen = client.get(url).context["seen"]
    assert client.get(url, {"seen": seen}, HTTP_HX_REQUEST="true").status_code == 204

    message = post_reply(ticket=ticket, author=ada, body="News")
    Message.objects.filter(pk=message.pk).update(send_after=timezone.now() - timedelta(1))

    assert b"News" in client.get(url, {"seen": seen}, HTTP_HX_REQUEST="true").content


def test_the_state_is_said_in_plain_words(client, ticket):
    ticket.due_at = timezone.now() + timedelta(days=3)
    ticket.save()
    assert "You will hear from us by " in client.get(ticket.get_absolute_url()).content.decode()

    ticket.due_at = timezone.now() - timedelta(hours=1)
    ticket.save()
    page = client.get(ticket.get_absolute_url()).content.decode()
    assert "longer than we promised" in page


def test_a_long_thread_costs_as_much_as_a_short_one(client, ticket, django_assert_max_num_queries):
    for message in MessageFactory.create_batch(8, ticket=ticket):
        Attachment.objects.create(
            message=message, name="a.txt", file="a.txt", content_type="text/plain", size=1
        )

    with django_assert_max_num_queries(3):
        client.get(ticket.get_absolute_url())


def test_too_many_replies_are_refused_and_kept(client, ticket, settings):
    settings.PORTAL_REPLIES_PER_HOUR = 1
    client.post(f"/t/{ticket.token}/reply/", {"body": "One"})

    response = client.post(f"/t/{ticket.token}/reply/", {"body": "Two"})

    assert response.status_code == 429
    assert "Two" in response.content.decode()
