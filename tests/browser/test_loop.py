"""The main job, walked in a browser: a customer asks, the engine drafts, an agent approves,
the customer reads it; an admin changes an article and the engine knows, or a policy, and the
articles follow.
"""

from __future__ import annotations

import re
import time
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from helpdesk.running.journey import PRIVATE_LINK
from helpdesk.running.mailbox import Mailbox
from tests.browser.visitors import PHONE, Visitors

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUESTION = (
    "How many days do I have to return a pack that I have not used? "
    "And how long does a refund to PayPal take?"
)
MAIL_TIMEOUT_S = 30
DRAFT_TIMEOUT_MS = 30_000
OLD_POLICY = "Refunds to PayPal take 1 working day after the check."
NEW_POLICY = "Refunds to PayPal take 4 working days after the check."
A_MINUTE_MS = 60_000


def new_address() -> str:
    return f"sam.{uuid4().hex[:8]}@example.com"


def submit(page: Page, email: str, subject: str, body: str) -> str:
    """Fill the ticket form as somebody without an account; return the ticket's number."""
    page.goto("/tickets/new/")
    page.fill("[name=subject]", subject)
    page.fill("[name=body]", body)
    page.fill("[name=name]", "Sam Rivers")
    page.fill("[name=email]", email)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/tickets/sent/")
    number = re.search(r"\b1\d{3}\b", page.inner_text("main"))
    assert number, page.inner_text("main")
    return number[0]


def open_ticket(page: Page, number: str) -> None:
    """Find the ticket through the inbox's search, and open it."""
    page.goto(f"/admin/helpdesk/ticket/?tab=all&q={number}")
    subject = re.compile("return|refund|Zip|canoe", re.I)
    page.locator("a[href*='/change/']", has_text=subject).first.click()
    page.wait_for_url("**/change/**")


def private_link(mailbox: Mailbox, email: str) -> str:
    mail = mailbox.wait_for(
        email,
        lambda text: PRIVATE_LINK.search(text) is not None,
        what="The acknowledgement",
        timeout_s=MAIL_TIMEOUT_S,
    )
    found = PRIVATE_LINK.search(mail)
    assert found
    return found[0]


def test_a_customer_gets_an_answer_that_an_agent_approved(
    visitors: Visitors, mailbox: Mailbox
) -> None:
    email = new_address()
    customer = visitors.arrive(PHONE)
    customer.goto("/")
    customer.locator("#question").press_sequentially("How many days do I have to return")
    expect(customer.get_by_role("link", name=re.compile("return", re.I)).first).to_be_visible()
    visitors.look(customer, "portal-home-phone")
    number = submit(customer, email, "Return and refund", QUESTION)
    visitors.look(customer, "portal-sent-phone")

    agent = visitors.log_in("agent")
    open_ticket(agent, number)
    sentence = agent.locator("#composer .desk-sentence").first
    expect(sentence).to_be_visible(timeout=DRAFT_TIMEOUT_MS)
    expect(agent.locator("#composer")).to_contain_text("30 days")
    sentence.focus()
    expect(agent.locator("mark").first).to_be_visible()
    visitors.look(agent, "desk-ticket")

    agent.keyboard.press("e")
    agent.locator("#reply-text").press("End")
    agent.locator("#reply-text").press("Control+Home")
    agent.locator("#reply-text").press_sequentially("Good news! ")
    visitors.look(agent, "desk-ticket-edit")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator("#composer")).to_contain_text("Sent")

    mailbox.wait_for(
        email, lambda text: "Good news!" in text, what="The reply", timeout_s=MAIL_TIMEOUT_S
    )
    customer.goto(private_link(mailbox, email))
    expect(customer.locator("main")).to_contain_text("30 days")
    visitors.look(customer, "portal-ticket-phone")


def test_taking_a_reply_back_brings_the_draft_back(visitors: Visitors, mailbox: Mailbox) -> None:
    email = new_address()
    number = submit(visitors.arrive(), email, "How long does a refund to PayPal take?", QUESTION)
    agent = visitors.log_in("agent")
    open_ticket(agent, number)
    expect(agent.locator("#composer .desk-sentence").first).to_be_visible(timeout=DRAFT_TIMEOUT_MS)
    agent.get_by_role("button", name=re.compile("Approve and send")).click()
    agent.get_by_role("button", name="Undo").click()
    expect(agent.get_by_role("button", name=re.compile("Approve and send"))).to_be_visible()

    customer = visitors.arrive()
    customer.goto(private_link(mailbox, email))
    expect(customer.locator("main")).not_to_contain_text("30 days")


def test_the_nearest_words_go_where_the_cursor_stands(visitors: Visitors) -> None:
    """A question that the articles do not answer: an agent writes, with words found near."""
    asked = "Do you sell canoes, and do you have a shop in Lisbon where I can try one?"
    number = submit(visitors.arrive(), new_address(), "Canoes", asked)
    agent = visitors.log_in("agent")
    open_ticket(agent, number)
    insert = agent.get_by_role("button", name=re.compile("Insert into the reply")).first
    expect(insert).to_be_visible(timeout=DRAFT_TIMEOUT_MS)
    reply = agent.locator("#reply-text")
    reply.press_sequentially("Dear customer, . Ada")
    for _ in range(len(". Ada")):
        reply.press("ArrowLeft")
    insert.click()
    expect(reply).to_have_value(re.compile(r"^Dear customer, .{12,}\. Ada$", re.DOTALL))
    visitors.look(agent, "desk-ticket-near")


def test_a_draft_is_stale_once_the_customer_writes_again(
    visitors: Visitors, mailbox: Mailbox
) -> None:
    email = new_address()
    customer = visitors.arrive()
    number = submit(customer, email, "Return of a pack, and a refund", QUESTION)
    agent = visitors.log_in("agent")
    open_ticket(agent, number)
    approve = agent.get_by_role("button", name=re.compile("Approve and send"))
    expect(approve).to_be_visible(timeout=DRAFT_TIMEOUT_MS)

    # The agent's page has not heard of it yet: it asks every 20 seconds.
    agent.route("**/presence/", lambda route: route.fulfill(status=204))
    customer.goto(private_link(mailbox, email))
    customer.fill("[name=body]", "One more thing: what does a new main zip for a jacket cost?")
    customer.get_by_role("button", name="Send").first.click()
    expect(customer.locator("main")).to_contain_text("main zip")
    approve.click()
    expect(agent.locator("#composer")).to_contain_text(re.compile("wrote again|written again"))


def test_the_portal_works_without_javascript(visitors: Visitors, mailbox: Mailbox) -> None:
    email = new_address()
    customer = visitors.arrive(javascript=False)
    submit(customer, email, "Returning boots and a refund", QUESTION)
    customer.goto(private_link(mailbox, email))
    customer.fill("[name=body]", "I forgot: they are unused.")
    customer.get_by_role("button", name="Send").first.click()
    expect(customer.locator("main")).to_contain_text("they are unused")


def test_an_admin_changes_an_article_and_drafts_say_so(
    visitors: Visitors, mailbox: Mailbox
) -> None:
    admin = visitors.log_in("admin")
    visitors.look(admin, "desk-start")
    admin.goto("/admin/knowledge/article/?q=PayPal")
    visitors.look(admin, "admin-articles")
    admin.locator("a[href*='/knowledge/article/'][href*='/change/']").first.click()
    body = admin.locator("textarea[name=body]")
    changed = f"Refunds of gift bundles take {uuid4().int % 90 + 10} working days."
    body.fill(f"{body.input_value()}\n\n## Gift bundles\n\n{changed}\n")
    visitors.look(admin, "admin-article")
    admin.get_by_role("button", name=re.compile("^Publish")).click()
    admin.wait_for_load_state()

    number = submit(
        visitors.arrive(), new_address(), "Refund of a gift bundle",
        "How long do refunds of gift bundles take?",
    )  # fmt: skip
    agent = visitors.log_in("agent")
    open_ticket(agent, number)
    expect(agent.locator("#composer")).to_contain_text(changed, timeout=DRAFT_TIMEOUT_MS)
    agent.goto("/admin/helpdesk/ticket/")
    visitors.look(agent, "desk-inbox")


def test_a_changed_policy_brings_edits_holds_drafts_and_mends_them(visitors: Visitors) -> None:
    """The edit waits within a minute, a draft that states the old fact is held, past tickets are
    replayed; accepted, the draft is written anew. The last one here, for it changes a fact.
    """
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
    assert OLD_POLICY in policy
    text.fill(policy.replace(OLD_POLICY, NEW_POLICY))
    admin.get_by_role("button", name="Keep this version").click()
    waits = admin.locator(".kb-touched li", has_text="edit waits").first
    expect(waits).to_be_visible(timeout=A_MINUTE_MS)
    visitors.look(admin, "admin-source")

    agent.reload()
    expect(held).to_contain_text(NEW_POLICY)
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

    # A page that shows the old draft goes on showing it and offers the new one: it is opened anew.
    until = time.monotonic() + A_MINUTE_MS / 1000
    while "within 4 working days" not in draft.inner_text() and time.monotonic() < until:
        agent.wait_for_timeout(1_000)
        agent.reload()
    expect(draft).to_contain_text("within 4 working days")
    expect(held).to_have_count(0)
    expect(agent.get_by_role("button", name=re.compile("Approve and send"))).to_be_enabled()
    visitors.look(agent, "desk-ticket-mended")
