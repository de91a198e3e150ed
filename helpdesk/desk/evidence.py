"""Why a draft says what it says: per question what was found, and the words themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from helpdesk.desk.wording import (
    confidence_in_words,
    confidence_level,
    reason_in_short,
    reason_in_words,
)
from helpdesk.models import Citation, Draft
from knowledge.models import Revision
from knowledge.rendering import excerpt
from qa_engine import services as engine

#: Runners-up shown a question; the rest would not change anybody's mind.
RUNNERS_UP = 3

#: Between an article and its headings, as `heading_path` has it.
ARROW = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"

_Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """Words of an article. With a number where a sentence of the draft cites them."""

    place: str
    revision_id: int
    start: int
    end: int
    score: float
    number: int | None = None
    excerpt: SafeString | None = None
    quote: str = ""
    # As a reply has it, of what was found for a question that got no answer.
    words: str = ""
    # The article has a newer published text than the one quoted.
    is_outdated: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    number: int
    question: str
    is_answered: bool
    sureness: str
    level: str
    percent: int
    reason: str
    sources: tuple[Source, ...]
    runners_up: tuple[Source, ...]
    # In a language model's words, not in the customer's.
    is_restated: bool = False
    # Agents answered a like question with it.
    has_precedent: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    questions: tuple[QuestionView, ...]
    # Citations that no question names: drafts from before questions were kept.
    others: tuple[Source, ...]

    @property
    def answered(self) -> int:
        return sum(question.is_answered for question in self.questions)


def why(draft: Draft, citations: Sequence[Citation]) -> Why:
    """Everything the panel shows, with one query for the revisions' texts."""
    numbers = {(row.revision_id, row.start, row.end): row.number for row in citations}
    revisions = _revisions(draft.questions, citations)
    questions = tuple(
        _question(index, found, numbers, revisions)
        for index, found in enumerate(draft.questions, start=1)
    )
    shown = {
        (source.revision_id, source.start, source.end)
        for question in questions
        for source in question.sources
    }
    rest = {
        (row.revision_id, row.start, row.end): row
        for row in citations
        if (row.revision_id, row.start, row.end) not in shown
    }
    others = tuple(_cited(row, revisions) for row in rest.values())
    return Why(questions, others)


def reason_for(draft: Draft, requester: str) -> str:
    """The sentence above the open composer when the engine wrote nothing."""
    open_questions = [found for found in draft.questions if not found["is_answered"]]
    found = open_questions[0] if open_questions else {}
    near = found.get("runners_up") or found.get("evidence") or []
    return reason_in_words(
        draft.reason,
        requester=requester,
        question=str(found.get("question", "")),
        nearest=[place_of(item["title"], item["heading_path"]) for item in near[:1]],
    )


def place_of(title: str, heading_path: str) -> str:
    """The article, then its heading, without saying the title twice."""
    heading = heading_path.removeprefix(title).strip(f" {ARROW}>")
    return f"{title} {ARROW} {heading}" if heading else title


def _question(
    index: int,
    found: dict[str, Any],
    numbers: dict[_Place, int],
    revisions: dict[int, Revision],
) -> QuestionView:
    confidence = float(found["confidence"])
    evidence = _distinct(found["evidence"])
    return QuestionView(
        number=index,
        question=str(found["question"]),
        is_answered=bool(found["is_answered"]),
        sureness=confidence_in_words(confidence),
        level=confidence_level(confidence),
        percent=round(confidence * 100),
        reason=reason_in_short(found["reason"]) if found.get("reason") else "",
        sources=tuple(_source(item, numbers, revisions, with_text=True) for item in evidence),
        runners_up=tuple(
            _source(item, numbers, revisions, with_text=False, in_words=not found["is_answered"])
            for item in _distinct(found["runners_up"])[:RUNNERS_UP]
        ),
        is_restated=bool(found.get("is_restated")),
        has_precedent=bool(found.get("features", {}).get("precedent")),
    )


def _source(
    item: dict[str, Any],
    numbers: dict[_Place, int],
    revisions: dict[int, Revision],
    *,
    with_text: bool,
    in_words: bool = False,
) -> Source:
    place: _Place = (item["revision_id"], item["start"], item["end"])
    revision = revisions.get(place[0])
    return Source(
        place=place_of(item["title"], item["heading_path"]),
        revision_id=place[0],
        start=place[1],
        end=place[2],
        score=float(item["score"]),
        number=numbers.get(place),
        excerpt=excerpt(revision.body, *place[1:]) if revision and with_text else None,
        quote=str(item["quote"]),
        words=engine.words_of(revision.title, revision.body, *place[1:])
        if revision and in_words
        else "",
        is_outdated=_is_outdated(revision),
    )


def _cited(row: Citation, revisions: dict[int, Revision]) -> Source:
    revision = revisions[row.revision_id]
    return Source(
        place=place_of(revision.title, row.heading_path),
        revision_id=row.revision_id,
        start=row.start,
        end=row.end,
        score=row.score,
        number=row.number,
        excerpt=excerpt(revision.body, row.start, row.end),
        quote=row.quote,
        is_outdated=_is_outdated(revision),
    )


def _is_outdated(revision: Revision | None) -> bool:
    return revision is not None and revision.article.published_revision_id != revision.pk


def _revisions(
    questions: Iterable[dict[str, Any]], citations: Iterable[Citation]
) -> dict[int, Revision]:
    wanted = {row.revision_id for row in citations}
    for found in questions:
        near = [] if found["is_answered"] else found["runners_up"]
        wanted.update(item["revision_id"] for item in [*found["evidence"], *near])
    return Revision.objects.select_related("article").in_bulk(wanted) if wanted else {}


def _distinct(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    places = {(item["revision_id"], item["start"], item["end"]): item for item in items}
    return list(places.values())
