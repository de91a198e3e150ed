"""What the ticket page shows."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from helpdesk.desk import composer
from helpdesk.drafting import store_result
from helpdesk.models import Draft, Message, TicketViewing
from helpdesk.services.drafts import approve_draft, draft_again
from helpdesk.services.messages import post_note, post_requester_reply
from helpdesk.services.tickets import open_ticket, set_priority, set_status
from qa_engine.types import Reason
from tests.desk.conftest import HTMX, cited_result, empty_result, evidence_in
from tests.factories import MessageFactory, TicketFactory


def test_the_draft_stands_where_the_reply_would_be_written(browser_of, ada, draft, page):
    html = browser_of(ada).get(page).content.decode()
    assert "92 % sure" in html
    assert "1 of 1 question answered" in html
    sentence = re.search(r'class="desk-sentence"[^>]*data-cite="1"[^>]*>([^<]+)<', html)
    assert sentence is not None
    assert sentence[1] == "You can return it within 30 days."


def test_each_citation_shows_its_paragraph_with_the_quoted_words_marked(
    browser_of, ada, draft, page
):
    html = browser_of(ada).get(page).content.decode()
    source = html[html.index('data-source="1"') : html.index('id="properties"')]
    assert "Returns" in source
    assert " ".join("".join(re.findall(r"<mark>(.*?)</mark>", source)).split()) == "within 30 days"
    assert "unworn, with its tags" in source


def test_it_says_where_agents_answered_a_like_question_with_it(browser_of, ada, draft, page):
    said = "Agents answered a like question with this."
    assert said not in browser_of(ada).get(page).content.decode()
    draft.questions[0]["features"] = {"precedent": 0.4}
    Draft.objects.filter(pk=draft.pk).update(questions=draft.questions)
    assert said in browser_of(ada).get(page).content.decode()


def test_the_whole_article_opens_with_the_quote_marked(browser_of, ada, draft, revision, to):
    citation = draft.citations.get()
    url = to("article", revision.pk)
    asked = {"start": citation.start, "end": citation.end}
    whole = browser_of(ada).get(url, asked).content.decode()
    part = browser_of(ada).get(url, asked, headers=HTMX).content.decode()
    assert "<mark>" in whole
    assert "<mark>" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            Reason.NO_PASSAGE,
            "No published article says anything about “Do you ship to Norway”. Nearest: Returns.",
        ),
        (Reason.WANTS_PERSON, "Rex asks for a person."),
        (Reason.LEGAL, "The law is mentioned"),
        (Reason.LANGUAGE, "Nothing is published in the language"),
        (Reason.SENSITIVE, "This message is sensitive"),
        (Reason.UNCLEAR, "No question could be read in this message."),
    ],
)
def test_without_a_draft_the_composer_is_open_and_says_why(
    browser_of, ada, message, revision, page, reason, said
):
    nearest = evidence_in(revision, "any item")
    store_result(message=message, attempt=1, result=empty_result(reason, nearest))
    html = browser_of(ada).get(page).content.decode()
    assert said in html
    assert 'name="body"' in html


def test_while_a_draft_is_being_written_the_page_asks_for_it(browser_of, ada, rex, revision):
    ticket = open_ticket(requester=rex, subject="Zip", body="Is my zip covered?")
    browser = browser_of(ada)
    page = reverse("admin:helpdesk_ticket_change", args=[ticket.pk])
    poll = reverse("admin:helpdesk_ticket_drafting", args=[ticket.pk])
    assert "Drafting…" in browser.get(page).content.decode()
    assert browser.get(poll, {"known": "0"}, headers=HTMX).status_code == 204

    message = ticket.messages.from_requester().get()
    store_result(message=message, attempt=1, result=cited_result(revision))
    ready = browser.get(poll, {"known": "0"}, headers=HTMX)
    assert "You can return it within 30 days." in ready.content.decode()


def test_a_stale_draft_is_greyed_and_cannot_be_sent(browser_of, ada, rex, draft, ticket, page):
    post_requester_reply(ticket=ticket, author=rex, body="And boots?")
    at = ticket.messages.latest("pk").created_at
    html = browser_of(ada).get(page).content.decode()
    assert f"Rex wrote again at {at:%H:%M}, drafting anew…" in html
    assert reverse("admin:helpdesk_ticket_approve", args=[ticket.pk]) not in html


def test_a_draft_that_comes_while_the_page_is_put_together_is_on_it(
    browser_of, ada, message, revision, page, monkeypatch
):
    """Stored after the page looked for drafts, before it asked whether one is being written."""
    look = composer._is_drafting

    def stored_meanwhile(*args):
        store_result(message=message, attempt=1, result=cited_result(revision))
        return look(*args)

    monkeypatch.setattr(composer, "_is_drafting", stored_meanwhile)

    assert "1 of 1 question answered" in browser_of(ada).get(page).content.decode()


def test_drafting_again_keeps_the_present_draft_until_the_new_one_is_there(
    browser_of, ada, draft, ticket, page, to
):
    draft_again(ticket=ticket, by=ada)
    html = browser_of(ada).get(page).content.decode()
    assert "Drafting anew…" in html
    assert "You can return it within 30 days." in html


def test_notes_delivery_and_events_are_told_apart(browser_of, ada, draft, ticket, page):
    post_note(ticket=ticket, author=ada, body="Ask the workshop.")
    set_priority(ticket=ticket, priority=4, by=ada)
    approve_draft(draft=draft, by=ada)
    html = browser_of(ada).get(page).content.decode()
    assert re.search(r'desk-message is-note".*?Ask the workshop', html, re.S)
    assert re.search(r'desk-message is-agent".*?is-queued', html, re.S)
    assert "changed the priority from Normal to Urgent" in html


def test_of_an_edited_draft_the_thread_shows_what_changed(browser_of, ada, draft, page):
    approve_draft(draft=draft, by=ada, body=draft.body.replace("30 days", "60 days"))
    html = browser_of(ada).get(page).content.decode()
    assert "<del>30</del><ins>60</ins>" in html


def test_what_people_write_is_never_markup(browser_of, ada, ticket, page):
    nasty = "<script>alert(1)</script>"
    MessageFactory(ticket=ticket, body=nasty)
    post_note(ticket=ticket, author=ada, body=nasty)
    type(ticket).objects.filter(pk=ticket.pk).update(subject=nasty, order_reference=nasty)
    html = browser_of(ada).get(page).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_similar_solved_tickets_are_named(browser_of, ada, ticket, page):
    other = TicketFactory(subject="Returning a jacket that is too small")
    unlike = TicketFactory(subject="Broken stove")
    for solved in (other, unlike):
        set_status(ticket=solved, status="solved", by=ada)
    similar = browser_of(ada).get(page).context["similar"]
    assert similar == [other]


def test_others_who_look_at_the_ticket_are_shown(browser_of, ada, bo, ticket, page, to):
    browser_of(bo).post(to("presence"))
    seen = browser_of(ada).post(to("presence"), {"last": "99999999"}, headers=HTMX)
    assert "Bo is viewing" in seen.content.decode()
    assert "Ada is viewing" not in seen.content.decode()

    long_ago = timezone.now() - timezone.timedelta(seconds=60)
    TicketViewing.objects.filter(user=bo).update(seen_at=long_ago)
    assert "Bo is viewing" not in browser_of(ada).get(page).content.decode()


def test_what_is_written_meanwhile_comes_with_the_presence(
    browser_of, ada, rex, draft, ticket, to
):
    last = ticket.messages.latest("pk").pk
    post_requester_reply(ticket=ticket, author=rex, body="And what about boots?")
    part = browser_of(ada).post(to("presence"), {"last": last}, headers=HTMX).content.decode()
    assert "And what about boots?" in part
    assert "drafting anew" in part


def test_a_new_draft_does_not_slip_under_the_button_that_sends_the_one_being_read(
    browser_of, ada, rex, draft, revision, ticket, to
):
    last = ticket.messages.latest("pk").pk
    newer = post_requester_reply(ticket=ticket, author=rex, body="And what about boots?")
    store_result(message=newer, attempt=1, result=cited_result(revision))

    heard = {"last": last, "draft": draft.pk}
    part = browser_of(ada).post(to("presence"), heard, headers=HTMX).content.decode()
    assert "A new draft is ready." in part
    assert to("approve") not in part

    asked = browser_of(ada).get(to("composer"), headers=HTMX).content.decode()
    assert to("approve") in asked


def test_a_draft_that_nobody_reads_is_shown_as_it_comes(
    browser_of, ada, rex, draft, revision, ticket, to
):
    last = ticket.messages.latest("pk").pk
    newer = post_requester_reply(ticket=ticket, author=rex, body="And what about boots?")
    store_result(message=newer, attempt=1, result=cited_result(revision))

    for read in ("", "0", "x"):
        heard = {"last": last, "draft": read}
        part = browser_of(ada).post(to("presence"), heard, headers=HTMX).content.decode()
        assert to("approve") in part


def test_the_next_key_leads_to_the_next_draft_and_round_again(browser_of, ada, many, to):
    tickets = many(3)
    url = {
        ticket.pk: reverse("admin:helpdesk_ticket_next", args=[ticket.pk]) for ticket in tickets
    }
    pages = [reverse("admin:helpdesk_ticket_change", args=[ticket.pk]) for ticket in tickets]
    browser = browser_of(ada)
    # Newest first, as the inbox shows them; the oldest one leads back to the top.
    assert browser.get(url[tickets[1].pk]).url == pages[0]
    assert browser.get(url[tickets[0].pk]).url == pages[2]


def test_without_another_draft_the_next_key_leads_to_the_inbox(browser_of, ada, draft, to):
    response = browser_of(ada).get(to("next"))
    assert response.url == reverse("admin:helpdesk_ticket_changelist") + "?tab=drafts"


def test_a_file_is_downloaded_and_only_pictures_open(browser_of, ada, rex, ticket, to):
    png = SimpleUploadedFile("zip.png", b"\x89PNG\r\n\x1a\n" + b"0" * 32)
    text = SimpleUploadedFile("evil.html", b"<script>alert(1)</script>")
    message = post_requester_reply(ticket=ticket, author=rex, body="See", files=[png, text])
    picture, page = message.attachments.order_by("pk")
    shown, saved = (browser_of(ada).get(to("file", file.pk)) for file in (picture, page))
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Disposition"].startswith("attachment")
    shown.close(), saved.close()


def test_the_page_costs_the_same_however_long_the_thread(
    browser_of, ada, bo, rex, draft, ticket, page, django_assert_num_queries
):
    browser = browser_of(ada)
    browser.get(page)
    with django_assert_num_queries(QUERIES):
        browser.get(page)
    for number in range(15):
        MessageFactory(ticket=ticket, author=rex, created_at=draft.message.created_at)
        post_note(ticket=ticket, author=bo if number % 2 else ada, body="Hm.")
        set_priority(ticket=ticket, priority=number % 4 + 1, by=bo)
    assert Message.objects.filter(ticket=ticket).count() > 30
    assert Draft.objects.get().is_waiting
    # The newest message has no draft, and none is being written: that is looked up once more.
    with django_assert_num_queries(QUERIES + 1):
        browser.get(page)


#: Of the ticket page with a draft: see `desk.page`.
QUERIES = 23


@pytest.mark.parametrize("who", ["rex", "olga"])
def test_requesters_never_see_the_page(request, browser_of, who, ticket, page):
    person = request.getfixturevalue(who)
    response = browser_of(person).get(page)
    assert response.status_code == 302
    assert "Returning a jacket" not in response.content.decode()


def test_a_ticket_that_is_not_there_is_not_found(browser_of, ada, db):
    for pk in ("999999", "x"):
        url = reverse("admin:helpdesk_ticket_change", args=[pk])
        assert browser_of(ada).get(url).status_code == 404
