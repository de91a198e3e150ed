"""What a sent reply teaches the knowledge base, fact by fact, each at its place in an article.

Runs where the models are. A fact that takes the place of a sentence of the draft belongs
where that sentence was cited from; any other is looked for among the published passages that
the requester may read. Of a reply that rests on restricted articles none goes to other readers.
What an article says already is no lesson.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from knowledge.models import Article, Revision
from knowledge.readers import with_readers_of
from knowledge.types import CUSTOMER, Viewer
from qa_engine.answering import active_embedder
from qa_engine.markdown import Kind
from qa_engine.protocols import Embedder
from qa_engine.redaction import find_personal_data
from qa_engine.retrieval import HybridRetriever
from qa_engine.sentences import plain, units
from qa_engine.suggesting.agent_edits import (
    ALIKE,
    PAIRED,
    RELATED,
    Change,
    Taught,
    is_negated,
    same_fact,
    taught_by,
)
from qa_engine.suggesting.quantities import quantities

TOP_PASSAGES = 5
#: A sentence this near says the same, where no number tells them apart.
SAID_ALREADY = 0.85


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of a draft, and the words of a revision that it quotes."""

    text: str
    revision_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SentReply:
    """What an agent sent, beside the draft's claims (none where there was no draft).

    `people` and `references` are names of the ticket's people and numbers of its orders.
    """

    text: str
    claims: tuple[Claim, ...] = ()
    people: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    # Who it was sent to.
    viewer: Viewer = CUSTOMER


@dataclass(frozen=True, slots=True)
class Lesson:
    """A fact, where it belongs (`body[start:end]` of a published revision), and its names."""

    change: Change
    said: str
    before: str
    fact_key: str
    # Of a correction: the quantity that gives way.
    old_key: str
    revision_id: int
    start: int
    end: int


def lessons_of(reply: SentReply) -> list[Lesson]:
    """What the reply teaches; nothing where it says what the draft or an article says."""
    embedder = active_embedder()
    taught = taught_by(
        [claim.text for claim in reply.claims],
        reply.text,
        likeness=_Likeness(embedder),
        private=[*reply.people, *reply.references],
    )
    found: list[Lesson] = []
    for one in taught:
        if find_personal_data(one.said, reply.people, reply.references):
            continue
        claim = reply.claims[one.index] if one.index is not None else None
        place = _shown_now(claim) if claim else None
        lesson = _at(one, *place) if place else _looked_up(one, reply, embedder)
        if lesson is not None:
            found.append(lesson)
    return found


def same_facts(key: str, said: str, others: Sequence[tuple[str, str]]) -> list[bool]:
    """Of each other (fact key, sentence) about one paragraph: is it this fact?"""
    if not others:
        return []
    row = _Likeness(active_embedder())([said], [other for _, other in others])[0]
    return [
        same_fact(key, other_key, alike) for (other_key, _), alike in zip(others, row, strict=True)
    ]


class _Likeness:
    """Cosines of the embedder's vectors, which have length one."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def __call__(self, one: Sequence[str], other: Sequence[str]) -> list[list[float]]:
        vectors = self._embedder.embed_passages([*one, *other])
        mine, theirs = vectors[: len(one)], vectors[len(one) :]
        return [
            [max(0.0, sum(a * b for a, b in zip(x, y, strict=True))) for y in theirs] for x in mine
        ]


def _shown_now(claim: Claim) -> tuple[Revision, int, int] | None:
    """The quoted words in the revision that shows now, if it still has them."""
    quoted = Revision.objects.select_related("article__published_revision").get(
        pk=claim.revision_id
    )
    shown = quoted.article.published_revision
    if shown is None:
        return None
    if shown.pk == quoted.pk:
        return shown, claim.start, claim.end
    start = shown.body.find(quoted.body[claim.start : claim.end])
    return (shown, start, start + claim.end - claim.start) if start >= 0 else None


def _may_hold(reply: SentReply) -> Q:
    """Articles that may say what the reply does: what it rests on is for no others."""
    cited = Article.objects.filter(revisions__in={claim.revision_id for claim in reply.claims})
    closed = cited.exclude(visibility=Article.Visibility.PUBLIC)
    return reduce(or_, map(with_readers_of, closed)) if closed else Q()


def _at(one: Taught, revision: Revision, start: int, end: int) -> Lesson:
    old_key = one.old.key if one.old else ""
    stated = {found.key for found in quantities(revision.body[start:end])}
    change = one.change
    if change is Change.CORRECTED and old_key not in stated:
        change, old_key = Change.ADDED, ""
    return Lesson(change, one.said, one.before, one.fact_key, old_key, revision.pk, start, end)


def _looked_up(one: Taught, reply: SentReply, embedder: Embedder) -> Lesson | None:
    found = HybridRetriever().retrieve([one.said], viewer=reply.viewer, top_k=TOP_PASSAGES)
    candidates = found[0]
    places = [
        (candidate, unit)
        for candidate in candidates
        for unit in units(candidate.body or candidate.text)
        if unit.kind is not Kind.HEADING and candidate.start <= unit.start < candidate.end
    ]
    if not places:
        return None
    shown = [f"{place.title}: {plain(unit.text)}" for place, unit in places]
    row = _Likeness(embedder)([one.said], shown)[0]
    keys = [{found.key for found in quantities(unit.text)} for _, unit in places]
    new_key = one.new.key if one.new else ""
    if any(new_key and new_key in key and row[at] >= RELATED for at, key in enumerate(keys)):
        return None
    best = max(range(len(places)), key=row.__getitem__)
    if row[best] < PAIRED or (not new_key and row[best] >= SAID_ALREADY):
        return None
    candidate, unit = places[best]
    published = Article.objects.published().filter(
        _may_hold(reply), published_revision=candidate.revision_id
    )
    if not published.exists():
        return None
    said, before = one.said, plain(unit.text)
    rivals = [found for found in quantities(unit.text) if one.new and found.unit == one.new.unit]
    change, old_key = Change.ADDED, ""
    if one.new and rivals and row[best] >= ALIKE:
        change, old_key = Change.CORRECTED, rivals[0].key
    elif not one.new and is_negated(said) != is_negated(before) and row[best] >= ALIKE:
        change = Change.CONTRADICTED
    return Lesson(
        change, said, before, one.fact_key, old_key, candidate.revision_id, unit.start, unit.end
    )
