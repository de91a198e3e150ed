"""Macros at the desk: picked where the reply is written, and kept on pages of their own."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from helpdesk.models import Macro, MacroEdit
from knowledge.models import FactChange
from knowledge.services.sources import add_version
from knowledge.sourcing.reading import SourceText
from tests.desk.conftest import HTMX

BODY = "Hello {first_name}, about #{ticket_number}: you have 30 days."


@pytest.fixture
def macro(db) -> Macro:
    return Macro.objects.create(name="Thirty days", body=BODY)


def edit_of(macro: Macro) -> MacroEdit:
    """A policy says 14 days by now."""
    version = add_version(name="Returns", source=SourceText("policy", "14 days")).version
    change = FactChange.objects.create(version=version, position=0, new="14 days", fact_key="k")
    return MacroEdit.objects.create(
        macro=macro, change=change, fact_key="k", base_text=BODY,
        proposed_text=BODY.replace("30", "14"), reason="Returns now says 14 days.",
        evidence="Returns, version 1, line 1",
    )  # fmt: skip


@pytest.fixture
def page_of_macro(macro) -> str:
    return reverse("admin:helpdesk_macro_change", args=[macro.pk])


def test_the_open_composer_offers_macros_and_a_draft_does_not(browser_of, ada, macro, page, draft):
    browser = browser_of(ada)
    assert "Thirty days" not in browser.get(page).content.decode()
    own = browser.get(page, {"own": "1"}).content.decode()
    assert f'<option value="{macro.pk}">Thirty days</option>' in own


def test_without_scripts_the_page_comes_back_with_the_macro_below(
    browser_of, ada, macro, ticket, to
):
    sent = {"body": "Dear Rex,\r\n", "macro": macro.pk, "own": "1"}
    answer = browser_of(ada).post(to("macro"), sent, follow=True)
    assert answer.redirect_chain
    assert answer.context["composer"].text == (
        f"Dear Rex,\n\nHello Rex, about #{ticket.number}: you have 30 days."
    )


def test_with_htmx_only_the_text_is_drawn_and_the_cursor_told(browser_of, ada, macro, ticket, to):
    sent = {"body": "Dear Rex,\r\n😀\r\nAda", "macro": macro.pk, "at": "11"}
    html = browser_of(ada).post(to("macro"), sent, headers=HTMX).content.decode()
    words = f"Hello Rex, about #{ticket.number}: you have 30 days."
    assert f"Dear Rex,\n😀{words}\nAda</textarea>" in html
    assert f'data-at="{11 + len(words)}"' in html
    assert 'id="composer"' not in html


def test_nothing_that_was_typed_is_lost_where_no_macro_was_chosen(browser_of, ada, to, ticket):
    html = browser_of(ada).post(to("macro"), {"body": "Typed"}, headers=HTMX).content.decode()
    assert "Typed</textarea>" in html


def test_one_whose_edit_waits_is_marked_and_refused_with_the_reason(
    browser_of, ada, macro, page, to, message
):
    edit_of(macro)
    browser = browser_of(ada)
    html = browser.get(page).content.decode()
    assert f'<option value="{macro.pk}" disabled title="Returns now says 14 days.">' in html
    assert "1 macro cannot be inserted" in html

    sent = {"body": "Typed", "macro": macro.pk}
    part = browser.post(to("macro"), sent, headers=HTMX)
    whole = browser.post(to("macro"), sent)
    for answer in (part, whole):
        assert answer.status_code == 409
        assert "Returns now says 14 days." in answer.content.decode()
        assert "Typed</textarea>" in answer.content.decode()
        assert "you have 30 days" not in answer.content.decode()


def test_a_macro_of_another_queue_or_one_that_is_put_away_is_not_inserted(
    browser_of, ada, macro, to, ticket
):
    Macro.objects.update(is_active=False)
    sent = {"body": "Typed", "macro": macro.pk}
    html = browser_of(ada).post(to("macro"), sent, headers=HTMX).content.decode()
    assert "Typed</textarea>" in html


def test_requesters_insert_nothing(browser_of, rex, macro, to, ticket):
    answer = browser_of(rex).post(to("macro"), {"body": "x", "macro": macro.pk})
    assert answer.status_code == 302
    assert "/login/" in answer.url


def test_an_admin_writes_a_macro_and_is_told_of_a_placeholder_that_nothing_fills(browser_of, mia):
    browser, page = browser_of(mia), reverse("admin:helpdesk_macro_add")
    sent = {"name": "Hello", "body": "Hello {frist_name}", "language": "en", "is_active": "on"}
    assert "Nothing is filled in for {frist_name}" in browser.post(page, sent).content.decode()
    browser.post(page, sent | {"body": "Hello {first_name}"})
    assert Macro.objects.get().body == "Hello {first_name}"
    again = browser.post(page, sent | {"name": "HELLO", "body": "x"}).content.decode()
    assert "There is another macro with this name." in again


def test_its_page_shows_the_edit_in_words_and_an_admin_accepts(
    browser_of, mia, ada, macro, page_of_macro
):
    edit = edit_of(macro)
    decide = reverse("admin:helpdesk_macro_decide", args=[macro.pk, edit.pk])
    shown = browser_of(ada).get(page_of_macro).content.decode()
    assert "<del>30</del>" in shown
    assert "<ins>14</ins>" in shown
    assert decide not in shown  # agents read
    assert browser_of(ada).post(decide, {"decision": "accept"}).status_code == 403

    assert decide in browser_of(mia).get(page_of_macro).content.decode()
    browser_of(mia).post(decide, {"decision": "accept"})
    macro.refresh_from_db()
    edit.refresh_from_db()
    assert macro.body == BODY.replace("30", "14")
    assert edit.decided_by == mia


def test_dismissed_it_can_be_inserted_as_it_is(browser_of, mia, ada, macro, page, message):
    edit = edit_of(macro)
    decide = reverse("admin:helpdesk_macro_decide", args=[macro.pk, edit.pk])
    browser_of(mia).post(decide, {"decision": "dismiss"})
    macro.refresh_from_db()
    assert macro.body == BODY
    assert "disabled title" not in browser_of(ada).get(page).content.decode()


def test_edits_are_decided_on_their_own_macro_only(browser_of, mia, macro):
    edit = edit_of(macro)
    other = Macro.objects.create(name="Other", body="x")
    decide = reverse("admin:helpdesk_macro_decide", args=[other.pk, edit.pk])
    assert browser_of(mia).post(decide, {"decision": "accept"}).status_code == 404


def test_pages_cost_the_same_however_many_macros_there_are(
    browser_of, mia, macro, page, page_of_macro, message
):
    edit_of(macro)
    browser = browser_of(mia)
    pages = (page, page_of_macro, reverse("admin:helpdesk_macro_changelist"))
    counts = []
    for more in (1, 10):
        Macro.objects.bulk_create(
            Macro(name=f"{more} {number}", body="x") for number in range(more)
        )
        for one in pages:
            browser.get(one)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(one).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]
