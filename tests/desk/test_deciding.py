"""What agents do on the ticket page, with htmx and without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from helpdesk.models import Draft, Job, Message, Queue
from helpdesk.services.drafts import approve_draft
from helpdesk.services.messages import post_requester_reply
from helpdesk.services.tickets import set_status
from tests.desk.conftest import HTMX


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_one_click_sends_the_draft_and_offers_to_undo_it(
    browser_of, ada, draft, page, to, headers
):
    browser = browser_of(ada)
    response = browser.post(to("approve"), {"draft": draft.pk}, headers=headers)
    if not headers:
        assert response.url == page
        response = browser.get(page)
    html = response.content.decode()
    assert ">Sent<" in html
    assert ">Undo<" in html
    draft.refresh_from_db()
    assert (draft.state, draft.decided_by) == (Draft.State.APPROVED, ada)


def test_sending_can_solve_the_ticket_too(browser_of, ada, draft, ticket, to):
    browser_of(ada).post(to("approve"), {"draft": draft.pk, "solve": "1"})
    ticket.refresh_from_db()
    assert ticket.status == "solved"


def test_an_edit_is_sent_and_kept_as_one(browser_of, ada, draft, ticket, to):
    edited = draft.body.replace("30", "60").replace("\n", "\r\n")
    browser_of(ada).post(to("approve"), {"draft": draft.pk, "body": edited})
    draft.refresh_from_db()
    assert draft.state == Draft.State.EDITED
    assert "within 60 days" in draft.reply.body


def test_a_text_that_was_only_looked_at_is_no_edit(browser_of, ada, draft, to):
    unchanged = draft.body.replace("\n", "\r\n") + "\r\n"
    browser_of(ada).post(to("approve"), {"draft": draft.pk, "body": unchanged})
    draft.refresh_from_db()
    assert draft.state == Draft.State.APPROVED


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_who_loses_the_race_is_told_who_won_and_keeps_the_words(
    browser_of, ada, bo, draft, to, headers
):
    approve_draft(draft=draft, by=bo)
    typed = "My own careful words"
    fields = {"draft": draft.pk, "body": typed}
    response = browser_of(ada).post(to("approve"), fields, headers=headers)
    html = response.content.decode()
    assert response.status_code == 409
    assert "This draft has been decided already. (Bo Lindqvist)" in html
    assert 'role="alert"' in html
    assert typed in html
    assert Message.objects.filter(delivery="queued").count() == 1


def test_a_stale_draft_is_refused_and_says_why(browser_of, ada, rex, draft, ticket, to):
    post_requester_reply(ticket=ticket, author=rex, body="And boots?")
    response = browser_of(ada).post(to("approve"), {"draft": draft.pk}, headers=HTMX)
    assert response.status_code == 409
    assert "has written again since this draft was made" in response.content.decode()
    assert not Message.objects.filter(delivery="queued").exists()


def test_nothing_is_sent_when_the_text_was_emptied(browser_of, ada, draft, to):
    response = browser_of(ada).post(to("approve"), {"draft": draft.pk, "body": " "}, headers=HTMX)
    assert response.status_code == 400
    assert "Please write something first." in response.content.decode()


def test_a_draft_of_another_ticket_is_not_found(browser_of, ada, draft, many, to):
    other = many(1)[0].drafts.get()
    assert browser_of(ada).post(to("approve"), {"draft": other.pk}).status_code == 404


def test_undo_brings_the_draft_back(browser_of, ada, draft, to):
    reply = approve_draft(draft=draft, by=ada)
    response = browser_of(ada).post(to("undo"), {"message": reply.pk}, headers=HTMX)
    assert "Approve and send" in response.content.decode()
    draft.refresh_from_db()
    assert draft.is_waiting


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_undo_brings_the_edited_words_back_too(browser_of, ada, draft, page, to, headers):
    reply = approve_draft(draft=draft, by=ada, body="My own careful words")
    browser = browser_of(ada)
    response = browser.post(to("undo"), {"message": reply.pk}, headers=headers)
    html = (response if headers else browser.get(page)).content.decode()
    assert "My own careful words</textarea>" in html


def test_undo_is_refused_once_the_mail_may_have_left(browser_of, ada, draft, to):
    reply = approve_draft(draft=draft, by=ada)
    past = timezone.now() - timedelta(seconds=1)
    Message.objects.filter(pk=reply.pk).update(send_after=past)
    response = browser_of(ada).post(to("undo"), {"message": reply.pk}, headers=HTMX)
    assert "It is too late to take this reply back" in response.content.decode()


def test_rejecting_keeps_the_reason_and_opens_the_composer(browser_of, ada, draft, to):
    fields = {"draft": draft.pk, "reason": "outdated", "comment": "60 days now"}
    response = browser_of(ada).post(to("reject"), fields, headers=HTMX)
    draft.refresh_from_db()
    assert (draft.state, draft.reject_reason) == (Draft.State.REJECTED, "outdated")
    assert draft.reject_comment == "60 days now"
    assert "Write to Rex…" in response.content.decode()


def test_drafting_again_queues_another_attempt(browser_of, ada, draft, message, to):
    response = browser_of(ada).post(to("again"), headers=HTMX)
    assert Job.objects.filter(kind="draft", key=f"{message.pk}:2", state="queued").exists()
    assert "Drafting anew…" in response.content.decode()


def test_a_reply_can_be_written_beside_the_draft(browser_of, ada, draft, to, page):
    browser = browser_of(ada)
    assert "Back to the draft" in browser.get(page, {"own": "1"}).content.decode()
    browser.post(to("reply"), {"body": "Thirty days, Rex.", "own": "1"})
    draft.refresh_from_db()
    assert draft.state == Draft.State.SUPERSEDED
    assert Message.objects.get(delivery="queued").body == "Thirty days, Rex."


def test_a_note_is_added_and_mails_nobody(browser_of, ada, ticket, to):
    response = browser_of(ada).post(to("note"), {"note": "Ask Bo."}, headers=HTMX)
    note = ticket.messages.get(kind="note")
    assert (note.author, note.delivery) == (ada, "none")
    assert "Ask Bo." in response.content.decode()


def test_an_empty_note_is_refused_in_place(browser_of, ada, ticket, to):
    response = browser_of(ada).post(to("note"), {"note": " "}, headers=HTMX)
    assert response.status_code == 400
    assert "Please write something first." in response.content.decode()


def test_while_typing_the_changes_and_the_standing_citations_show(browser_of, ada, draft, to):
    fields = {"draft": draft.pk, "body": draft.body.replace("Hello", "Hi")}
    same = browser_of(ada).post(to("diff"), fields).content.decode()
    assert "<del>Hello</del><ins>Hi</ins>" in same
    assert "citations that stay" in same
    fields["body"] = draft.body.replace("30", "60")
    assert "sentences you changed" in browser_of(ada).post(to("diff"), fields).content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_properties_are_set_one_by_one(browser_of, ada, bo, ticket, to, headers):
    queue = Queue.objects.create(name="Workshop", slug="workshop")
    browser = browser_of(ada)
    for fields in (
        {"status": "open"},
        {"priority": "4"},
        {"assignee": bo.pk},
        {"queue": queue.pk},
        {"add_tag": "zip, warranty"},
        {"remove_tag": "zip"},
    ):
        response = browser.post(to("set"), fields, headers=headers)
        assert response.status_code == (200 if headers else 302)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority) == ("open", 4)
    assert (ticket.assignee, ticket.queue) == (bo, queue)
    assert [tag.name for tag in ticket.tags.all()] == ["warranty"]


def test_a_closed_ticket_says_so_where_the_status_was_changed(browser_of, ada, ticket, to):
    set_status(ticket=ticket, status="closed", by=ada)
    response = browser_of(ada).post(to("set"), {"status": "open"}, headers=HTMX)
    assert response.status_code == 409
    assert "This ticket is closed." in response.content.decode()


def test_a_ticket_is_taken_once(browser_of, ada, bo, ticket, to):
    browser_of(ada).post(to("set"), {"take": "1"})
    response = browser_of(bo).post(to("set"), {"take": "1"}, headers=HTMX)
    ticket.refresh_from_db()
    assert ticket.assignee == ada
    assert "Somebody else has taken this ticket." in response.content.decode()


def test_a_ticket_is_not_given_to_a_requester(browser_of, ada, bo, olga, ticket, to):
    browser_of(ada).post(to("set"), {"assignee": olga.pk})
    ticket.refresh_from_db()
    assert ticket.assignee is None


@pytest.mark.parametrize(
    "name",
    ["approve", "reject", "again", "reply", "undo", "note", "set", "presence", "diff"],
)
def test_actions_are_posts_by_agents(browser_of, ada, rex, draft, to, name):
    assert browser_of(ada).get(to(name)).status_code == 405
    assert browser_of(rex).post(to(name), {"draft": draft.pk}).status_code == 302
    draft.refresh_from_db()
    assert draft.is_waiting


def test_an_agent_without_the_permission_is_refused(browser_of, ada, draft, page, to):
    ada.groups.clear()
    assert browser_of(ada).get(page).status_code == 403
    assert browser_of(ada).post(to("approve"), {"draft": draft.pk}).status_code == 403
