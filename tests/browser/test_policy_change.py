"""A policy changes, and the knowledge base follows: walked in a browser, with real models.

The admin changes one sentence of a policy; the edit of the article waits within a minute, a
draft that states the old fact is held, past tickets are replayed; accepted, the draft is
written anew with the new fact. Runs behind `test_loop`, whose facts it changes.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_loop import DRAFT_TIMEOUT_MS, new_address, open_ticket, submit
from tests.browser.visitors import PHONE, Visitors

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

OLD = "Refunds to PayPal take 1 working day after the check."
NEW = "Refunds to PayPal take 4 working days after the check."
A_MINUTE_MS = 60_000


def test_a_changed_policy_brings_edits_holds_drafts_and_mends_them(visitors: Visitors) -> None:
    number = submit(
        visitors.arrive(), new_address(), "Refund to PayPal",
        "How long does a refund to PayPal take?",
    )  # fmt: skip
    agent = visitors.log_in("agent")
    open_ticket(agent, number)
    draft, held = (
        agent.locator("#composer .desk-draft-text"),
        agent.locator("#composer .desk-held"),
    )
    expect(draft).to_contain_text("1 working day", timeout=DRAFT_TIMEOUT_MS)
    expect(held).to_have_count(0)

    admin = visitors.log_in("admin")
    admin.goto("/admin/knowledge/sourcedocument/")
    visitors.look(admin, "admin-sources")
    admin.get_by_role("link", name="Returns", exact=True).click()
    admin.get_by_text("New version").click()
    text = admin.locator("textarea[name=text]")
    policy = text.input_value()
    assert OLD in policy
    text.fill(policy.replace(OLD, NEW))
    admin.get_by_role("button", name="Keep this version").click()
    waits = admin.locator(".kb-touched li", has_text="edit waits").first
    expect(waits).to_be_visible(timeout=A_MINUTE_MS)
    visitors.look(admin, "admin-source")

    agent.reload()
    expect(held).to_contain_text(NEW)
    visitors.look(agent, "desk-ticket-held")

    admin.goto("/admin/knowledge/suggestion/")
    visitors.look(admin, "admin-suggestions")
    admin.get_by_role("link", name=re.compile("PayPal|refund", re.I)).first.click()
    expect(admin.locator(".sg-held")).to_contain_text("held until this is settled")
    expect(admin.locator("#sg-effect")).to_contain_text(
        re.compile(r"\d+ (?:of the )?.*ticket"), timeout=A_MINUTE_MS
    )
    visitors.look(admin, "admin-suggestion")
    admin.set_viewport_size(PHONE)
    visitors.look(admin, "admin-suggestion-phone")
    admin.get_by_role("button", name=re.compile("^Accept and publish")).click()
    admin.wait_for_load_state()

    agent.reload()
    expect(draft).to_contain_text("within 4 working days", timeout=A_MINUTE_MS)
    expect(held).to_have_count(0)
    expect(agent.get_by_role("button", name=re.compile("Approve and send"))).to_be_enabled()
    visitors.look(agent, "desk-ticket-mended")
