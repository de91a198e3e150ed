"""Questions whose answer is known, to learn from: asked one by one, or in whole tickets.

A line of a file is a question, {"question", "context", "articles": [names], "answer_contains":
[words], "about": group}, or a ticket with its gold standard, as `evaluate drafts` takes them.
A ticket is split as the engine splits it, so that each question carries the context that it
carries when it is answered; what the gold standard does not tell apart is left out. Each of its
questions is also asked alone in full words, as in the portal's box. No article means that nothing
answers the question. Imports no Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_engine.evaluation.data import Loaded, Refused, collect, jsonl, text, texts
from qa_engine.evaluation.grading import matched
from qa_engine.evaluation.tickets import TicketRecord, ticket_of
from qa_engine.policy import needs_order_data, triage
from qa_engine.questions import Question, split_questions


@dataclass(frozen=True, slots=True)
class Gold:
    """One question with what answers it."""

    question: Question
    # Names of the articles that answer it; none where none does.
    articles: tuple[str, ...]
    # What a right answer says: any of these.
    contains: tuple[str, ...]
    # Questions about one matter or of one message share it.
    about: str


def load_gold(path: Path) -> Loaded[tuple[Gold, ...]]:
    """For each line of the file its questions; of some tickets none. Raises UnusableData."""
    return collect(path, jsonl(path), _of_row)


def _of_row(row: Mapping[str, Any]) -> tuple[Gold, ...]:
    return tuple(_of_ticket(ticket_of(row))) if "gold" in row else (_of_question(row),)


def _of_question(row: Mapping[str, Any]) -> Gold:
    asked = text(row, "question")
    articles, contains = texts(row, "articles"), texts(row, "answer_contains")
    if articles and not contains:
        raise Refused("it names articles, but not the words of an answer")
    about = text(row, "about", required=False) or asked
    return Gold(Question(asked, text(row, "context", required=False)), articles, contains, about)


def _of_ticket(ticket: TicketRecord) -> Iterator[Gold]:
    if triage(ticket.body, ticket.subject):
        return
    for part in ticket.parts:
        yield Gold(Question(part.question), part.articles, part.contains, ticket.key)
    asked = split_questions(ticket.body, ticket.subject)
    is_of = {at: place for place, at in matched(ticket.parts, [one.text for one in asked]).items()}
    for at, question in enumerate(asked):
        if needs_order_data(question.text, question.context):
            continue
        if at in is_of:
            part = ticket.parts[is_of[at]]
            yield Gold(question, part.articles, part.contains, ticket.key)
        elif not any(part.is_answerable for part in ticket.parts):
            yield Gold(question, (), (), ticket.key)
