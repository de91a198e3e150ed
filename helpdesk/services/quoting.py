"""Putting what the engine found nearest into a reply that somebody writes by hand."""

from __future__ import annotations

from typing import Any

from helpdesk import texts
from helpdesk.exceptions import NotFoundNear, QuoteOutdated, QuoteUnread
from helpdesk.models import Ticket
from knowledge.models import Revision
from knowledge.types import Viewer
from qa_engine import services as engine


def quoted(*, ticket: Ticket, place: str, text: str, at: int | None = None) -> tuple[str, int]:
    """`text` with the article's words at that offset (else below it), and where they end.

    `place` is "revision:start:end"; only what the newest draft names as nearest. Raises
    NotFoundNear, QuoteOutdated where the article reads otherwise by now, and QuoteUnread where
    it is not for the requester.
    """
    draft = ticket.drafts.order_by("-created_at", "-pk").first()
    item = _near(draft.questions).get(place) if draft else None
    if item is None:
        raise NotFoundNear
    revisions = Revision.objects.select_related("article__published_revision")
    revision, start, end = revisions.get(pk=item["revision_id"]), item["start"], item["end"]
    article = revision.article
    requester = Viewer.as_customer(ticket.requester)
    if not requester.is_meant_by(article.visibility, article.reader_groups):
        raise QuoteUnread
    published = article.published_revision
    if published is None or revision.body[start:end] not in published.body:
        raise QuoteOutdated
    words = engine.words_of(revision.title, revision.body, start, end)
    return texts.inserted(words, text, at)


def _near(questions: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        f"{item['revision_id']}:{item['start']}:{item['end']}": item
        for question in questions
        for item in question.get("runners_up") or ()
    }
