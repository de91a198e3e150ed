"""What is written down in `content/`, read into frozen values. Pure: knows no models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).resolve().parent / "content"
ARTICLES = CONTENT / "articles"
SOURCES = CONTENT / "sources"


@dataclass(frozen=True)
class DemoPerson:
    username: str
    name: str
    email: str
    # As in `User.Role`.
    role: str
    # As in `User.EditorialRole`.
    editorial_role: str = ""


@dataclass(frozen=True)
class DemoMacro:
    name: str
    body: str
    # Its name; empty: in all of them.
    queue: str


@dataclass(frozen=True)
class DemoQueue:
    name: str
    slug: str
    signature: str
    is_default: bool


@dataclass(frozen=True)
class DemoOrganization:
    name: str
    domain: str


@dataclass(frozen=True)
class DemoMessage:
    is_from_requester: bool
    is_note: bool
    hours_after: float
    body: str


@dataclass(frozen=True)
class DemoTicket:
    id: str
    subject: str
    requester_name: str
    requester_email: str
    language: str
    channel: str
    priority: str
    status: str
    tags: tuple[str, ...]
    order_reference: str
    days_ago: float
    assignee: str
    queue: str
    messages: tuple[DemoMessage, ...]
    rating: str = ""
    comment: str = ""

    def created_at(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days_ago)


def people() -> list[DemoPerson]:
    """Those who can log in: the customer, the agents, those who write articles, the admin."""
    raw = _json("people.json")
    rows = [(raw["customer"], "requester"), *((row, "agent") for row in raw["agents"])]
    rows += [(row, "agent") for row in raw["editors"]]
    rows.append((raw["admin"], "admin"))
    return [
        DemoPerson(row["username"], row["name"], row["email"], role, row.get("editorial_role", ""))
        for row, role in rows
    ]


def organizations() -> list[DemoOrganization]:
    return [
        DemoOrganization(row["name"], row["domain"])
        for row in _json("people.json")["organizations"]
    ]


def queues() -> list[DemoQueue]:
    shop = _json("shop.json")
    return [
        DemoQueue(
            name=row["name"],
            slug=row["slug"],
            signature=shop["signature"],
            is_default=row["name"] == shop["default_queue"],
        )
        for row in shop["queues"]
    ]


def macros() -> list[DemoMacro]:
    raw = json.loads((CONTENT / "macros.json").read_text(encoding="utf-8"))
    return [DemoMacro(row["name"], row["body"], row["queue"]) for row in raw]


def tickets() -> Iterator[DemoTicket]:
    """Oldest first, so that their numbers rise as time goes by."""
    lines = (CONTENT / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
    found = [_ticket(json.loads(line)) for line in lines if line.strip()]
    yield from sorted(found, key=lambda ticket: -ticket.days_ago)


def questions() -> list[str]:
    """Short questions about the shop, answerable and not."""
    lines = (CONTENT / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["question"]) for line in lines if line.strip()]


def editorial() -> dict[str, Any]:
    """Articles in the making, who looks after which, and votes."""
    raw: dict[str, Any] = _json("editorial.json")
    return raw


def _ticket(raw: dict[str, Any]) -> DemoTicket:
    rating = raw["csat"] or {}
    return DemoTicket(
        id=raw["id"],
        subject=raw["subject"],
        requester_name=raw["requester"]["name"],
        requester_email=raw["requester"]["email"].lower(),
        language=raw["language"],
        channel=raw["channel"],
        priority=raw["priority"],
        status=raw["status"],
        tags=tuple(raw["tags"]),
        order_reference=raw["order_reference"],
        days_ago=raw["days_ago"],
        assignee=raw["assignee"],
        queue=raw["queue"],
        messages=tuple(_message(row) for row in raw["messages"]),
        rating=rating.get("rating", ""),
        comment=rating.get("comment", ""),
    )


def _message(raw: dict[str, Any]) -> DemoMessage:
    return DemoMessage(
        is_from_requester=raw["from"] == "requester",
        is_note=raw["kind"] == "note",
        hours_after=raw["hours_after"],
        body=raw["body"],
    )


def _json(name: str) -> Any:
    return json.loads((CONTENT / name).read_text(encoding="utf-8"))
