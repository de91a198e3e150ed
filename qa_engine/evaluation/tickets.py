"""Tickets with what a good draft for them would say. Imports no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_engine.evaluation.data import Loaded, Refused, collect, jsonl, text, texts


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a ticket. Without articles where none of them answers it."""

    question: str
    articles: tuple[str, ...]
    # All of these words must stand in the draft.
    contains: tuple[str, ...]

    @property
    def is_answerable(self) -> bool:
        return bool(self.articles)


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A requester's first message, and its gold standard."""

    key: str
    subject: str
    body: str
    requester_name: str
    language: str
    is_answerable: bool
    # Why it is answerable or not: answerable, partly, no_article, sensitive …
    category: str
    parts: tuple[Part, ...]


def load_tickets(path: Path) -> Loaded[TicketRecord]:
    return collect(path, jsonl(path), ticket_of)


def ticket_of(row: Mapping[str, Any]) -> TicketRecord:
    """A line of a file. Raises Refused."""
    gold = row.get("gold")
    if not isinstance(gold, Mapping) or not isinstance(gold.get("answerable"), bool):
        raise Refused("it has no gold.answerable")
    questions = gold.get("questions") or []
    if not isinstance(questions, list) or not all(isinstance(q, Mapping) for q in questions):
        raise Refused("its gold.questions are not a list of objects")
    parts = tuple(
        Part(text(part, "text"), texts(part, "articles"), texts(part, "answer_contains"))
        for part in questions
    )
    is_answerable = gold["answerable"]
    if is_answerable and not any(part.is_answerable for part in parts):
        raise Refused("it is answerable, but no question of it names an article")
    requester = row.get("requester")
    name = requester.get("name") if isinstance(requester, Mapping) else requester
    return TicketRecord(
        key=text(row, "id"),
        subject=text(row, "subject", required=False),
        body=_first_message(row),
        requester_name=name if isinstance(name, str) else "",
        language=text(row, "language", required=False) or "en",
        is_answerable=is_answerable,
        category=text(gold, "category", required=False)
        or ("answerable" if is_answerable else "no_article"),
        parts=parts,
    )


def _first_message(row: Mapping[str, Any]) -> str:
    messages = row.get("messages")
    if not isinstance(messages, list):
        return text(row, "body", "text")
    for message in messages:
        if isinstance(message, Mapping) and message.get("from", "requester") == "requester":
            return text(message, "body", "text")
    raise Refused("no message of it is from the requester")
