"""The main loop, played over HTTP: a customer asks, a draft comes, an agent approves it,
and the customer gets it by mail and sees it on the portal.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from helpdesk.running.browser import Browser, Page, PageRefused
from helpdesk.running.mailbox import Mailbox

DRAFT_TIMEOUT_S = 60
MAIL_TIMEOUT_S = 30
PRIVATE_LINK = re.compile(r"https?://\S+/t/[\w-]+/")


class JourneyFailed(Exception):
    """A person would have got no further here."""


@dataclass(frozen=True)
class Question:
    subject: str
    body: str


@dataclass(frozen=True)
class Drafted:
    ticket: int
    draft: dict[str, Any]
    seconds: float


QUESTION = Question(
    "Return of an unused pack",
    "Hello,\n\nhow many days do I have to return a pack that I have not used? "
    "And how long does a refund to PayPal take?\n\nThanks\nSam",
)


def log_in(url: str, email: str, password: str) -> Browser:
    browser = Browser(url)
    page = browser.open("/accounts/login/")
    form = page.form("/accounts/login/")
    after = browser.submit(page, form, {"login": email, "password": password})
    if "/accounts/login" in after.url:
        raise JourneyFailed(f"{email} could not log in: {after.text[:200]}")
    return browser


def submit_ticket(url: str, question: Question, email: str) -> Browser:
    """As somebody without an account, in a fresh browser."""
    browser = Browser(url)
    page = browser.open("/tickets/new/")
    values = {"subject": question.subject, "body": question.body, "email": email, "name": "Sam"}
    after = browser.submit(page, page.form("/tickets/new/"), values)
    if not after.url.endswith("/tickets/sent/"):
        raise JourneyFailed(f"The ticket was not taken: {after.text[:300]}")
    return browser


def ask(url: str, agent: Browser, question: Question) -> tuple[str, Drafted]:
    """Submit a ticket and wait until an agent would see its draft; who asked, and the draft."""
    email = _new_address()
    started = time.monotonic()
    submit_ticket(url, question, email)
    return email, _wait_for_draft(agent, email, started)


def ask_by_api(agent: Browser, question: Question) -> Drafted:
    """The same in a customer's name: the portal takes only so many tickets from one place."""
    email = _new_address()
    started = time.monotonic()
    values = {"subject": question.subject, "body": question.body, "requester_email": email}
    agent.post_json("/api/v1/tickets/", values)
    return _wait_for_draft(agent, email, started)


def _new_address() -> str:
    return f"sam.{uuid4().hex[:8]}@example.com"


def _wait_for_draft(agent: Browser, email: str, started: float) -> Drafted:
    while time.monotonic() - started < DRAFT_TIMEOUT_S:
        for ticket in agent.json(f"/api/v1/tickets/?requester={email}")["results"]:
            drafts = agent.json(f"/api/v1/drafts/?state=waiting&ticket={ticket['number']}")
            if drafts["results"]:
                seconds = time.monotonic() - started
                return Drafted(ticket["number"], drafts["results"][0], seconds)
        time.sleep(0.1)
    raise JourneyFailed(f"There was no draft within {DRAFT_TIMEOUT_S} s")


def ticket_page(agent: Browser, number: int) -> Page:
    """The ticket's page in the admin, reached through the inbox's search."""
    inbox = agent.open(f"/admin/helpdesk/ticket/?q={number}")
    found = [link for link in inbox.links if re.search(r"/helpdesk/ticket/\d+/", link)]
    for link in dict.fromkeys(found):
        page = agent.open(link)
        if f"#{number}" in page.text:
            return page
    raise JourneyFailed(f"The inbox does not find ticket #{number}")


def whole_loop(url: str, mailbox: Mailbox, agent: Browser) -> dict[str, Any]:
    """All of it; what was seen on the way. Raises JourneyFailed and others that say why."""
    email, drafted = ask(url, agent, QUESTION)
    draft = drafted.draft
    if not draft["body"] or not draft["citations"]:
        raise JourneyFailed(f"The draft holds no cited answer: {draft['reason'] or draft['body']}")
    page = ticket_page(agent, drafted.ticket)
    agent.submit(page, page.form("/approve/"), {})
    approved_at = time.monotonic()

    said = _words(draft["body"])
    acknowledged = mailbox.wait_for(
        email, _has_link, what="The acknowledgement", timeout_s=MAIL_TIMEOUT_S
    )
    mailbox.wait_for(
        email, lambda text: said in _words(text), what="The reply", timeout_s=MAIL_TIMEOUT_S
    )
    mail_s = time.monotonic() - approved_at
    link = PRIVATE_LINK.search(acknowledged)
    assert link is not None  # _has_link has seen it
    if said not in _words(Browser(url).open(link[0]).text):
        raise JourneyFailed("The reply is not on the customer's page")
    return {
        "draft_s": round(drafted.seconds, 2),
        "mail_s": round(mail_s, 2),
        "confidence": draft["confidence"],
        "draft": draft["body"],
        "citations": [
            {"article": one["revision"]["article"], "quote": one["quote"]}
            for one in draft["citations"]
        ],
        "sent": True,
    }


def _has_link(text: str) -> bool:
    return PRIVATE_LINK.search(text) is not None


def _words(text: str) -> str:
    return " ".join(text.split())


EXPECTED_ERRORS = (JourneyFailed, PageRefused)
