"""Nightly: what nobody answered, grouped, priced, and proposed as an article or an edit.

Each step commits by itself and looks only at what it has not seen, so a night that was
stopped goes on where it was, and costs as much as is new. Runs in the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.models import Draft, Gap, GapQuestion, Job, Message, Ticket, TicketRating
from knowledge.exceptions import KnowledgeError
from knowledge.models import Category, Suggestion
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.services.suggestions import propose
from qa_engine import services as engine

log = structlog.get_logger(__name__)

BATCH = 500
DAYS = 90
WEEKS = 4
#: So many answered tickets in a row close a gap; one unanswered opens it again.
CLOSING = 3
_REASONS = frozenset({"no_passage", "low_confidence"})


def find_gaps(claimed: Sequence[Job]) -> dict[int, str]:
    """The handler of the nightly job."""
    for _job in claimed:
        found = collect()
        grouped = group_questions()
        proposed = 0
        for gap in Gap.objects.filter(last_seen_at__gte=_since()).order_by("pk").iterator(BATCH):
            price(gap)
            close_or_reopen(gap)
            proposed += suggest(gap)
        log.info("gaps_found", questions=found, grouped=grouped, proposed=proposed)
    return {}


def collect() -> int:
    """Keep each question that was abstained on, answered late, or badly rated; return how many."""
    drafts = (
        Draft.objects.filter(created_at__gte=_since(), message__gap_questions=None)
        .filter(ticket__requester__objected_to_training_at=None)
        .select_related("ticket__requester", "message")
        .order_by("pk")
    )
    kept = 0
    batch: list[GapQuestion] = []
    for draft in drafts.iterator(BATCH):
        batch += _of_draft(draft)
        if len(batch) >= BATCH:
            kept, batch = kept + _keep(batch), []
    tickets = (
        Ticket.objects.filter(created_at__gte=_since(), gap_questions=None)
        .filter(requester__objected_to_training_at=None)
        .filter(Q(first_replied_at__gt=F("due_at")) | Q(rating__rating=TicketRating.Rating.BAD))
        .select_related("requester")
        .order_by("pk")
    )
    for ticket in tickets.iterator(BATCH):
        batch += _of_ticket(ticket)
    return kept + _keep(batch)


def _of_draft(draft: Draft) -> Iterable[GapQuestion]:
    for number, outcome in enumerate(draft.questions):
        is_answered = bool(outcome.get("is_answered"))
        if is_answered or outcome.get("reason") in _REASONS:
            why = GapQuestion.Why.ANSWERED if is_answered else GapQuestion.Why.ABSTAINED
            yield _question(draft.ticket, draft.message, number, outcome["question"], why)


def _of_ticket(ticket: Ticket) -> Iterable[GapQuestion]:
    asked = Message.objects.from_requester().filter(ticket=ticket).order_by("created_at").first()
    if asked is not None:
        is_bad = TicketRating.objects.filter(
            ticket=ticket, rating=TicketRating.Rating.BAD
        ).exists()
        why = GapQuestion.Why.RATED_BADLY if is_bad else GapQuestion.Why.LATE
        yield _question(ticket, asked, 0, f"{ticket.subject}. {asked.body[:300]}", why)


def _question(
    ticket: Ticket, message: Message, number: int, text: str, why: GapQuestion.Why
) -> GapQuestion:
    references = tuple(filter(None, (ticket.order_reference,)))
    return GapQuestion(
        ticket=ticket,
        message=message,
        number=number,
        why=why,
        text=engine.redacted(text, people=(ticket.requester.name,), references=references)[:500],
        asked_at=message.created_at,
    )


def _keep(rows: Sequence[GapQuestion]) -> int:
    GapQuestion.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def group_questions() -> int:
    """Put what is in no gap into kept ones, else into new ones; return how many found one.

    An answered question joins a kept gap, so that its loop can close, but makes no new one.
    """
    fingerprint = engine.embedder_fingerprint()
    _embed(fingerprint)
    kept = [
        engine.KeptGroup(gap.pk, gap.centroid, gap.question_count)
        for gap in Gap.objects.filter(embedder=fingerprint)
    ]
    free = GapQuestion.objects.filter(gap=None, embedder=fingerprint, asked_at__gte=_since())
    placed = 0
    for why in (Q(why=GapQuestion.Why.ANSWERED), ~Q(why=GapQuestion.Why.ANSWERED)):
        rows = list(free.filter(why).order_by("-asked_at", "-pk")[: engine.MOST_AT_ONCE])[::-1]
        grouped = engine.group([row.vector for row in rows], kept)
        for key in set(grouped.joined.values()):
            members = [rows[at] for at, found in grouped.joined.items() if found == key]
            placed += _join(Gap.objects.get(pk=key), members)
        if why == ~Q(why=GapQuestion.Why.ANSWERED):
            placed += sum(_open([rows[at] for at in one], fingerprint) for one in grouped.new)
    return placed


def _embed(fingerprint: str) -> None:
    todo = GapQuestion.objects.exclude(embedder=fingerprint).filter(asked_at__gte=_since())
    while rows := list(todo.order_by("pk")[:BATCH]):
        for row, vector in zip(rows, engine.embed([one.text for one in rows]), strict=True):
            row.vector, row.embedder = list(vector), fingerprint
        GapQuestion.objects.bulk_update(rows, ["vector", "embedder"])


@transaction.atomic
def _join(gap: Gap, members: Sequence[GapQuestion]) -> int:
    asked = [one for one in members if one.why != GapQuestion.Why.ANSWERED]
    if asked:
        kept = engine.KeptGroup(gap.pk, gap.centroid, gap.question_count)
        gap.centroid = engine.merged(kept, [one.vector for one in asked])
        gap.question_count += len(asked)
    gap.last_seen_at = max(gap.last_seen_at, *(one.asked_at for one in members))
    gap.save(update_fields=["centroid", "question_count", "last_seen_at"])
    GapQuestion.objects.filter(pk__in=[one.pk for one in members]).update(gap=gap)
    return len(members)


@transaction.atomic
def _open(members: Sequence[GapQuestion], fingerprint: str) -> int:
    vectors = [one.vector for one in members]
    named = members[engine.most_central([one.text for one in members], vectors)]
    gap = Gap.objects.create(
        name=named.text[:200],
        centroid=engine.centroid(vectors),
        embedder=fingerprint,
        question_count=len(members),
        first_seen_at=min(one.asked_at for one in members),
        last_seen_at=max(one.asked_at for one in members),
    )
    GapQuestion.objects.filter(pk__in=[one.pk for one in members]).update(gap=gap)
    return len(members)


def price(gap: Gap) -> None:
    """Tickets a week over the last weeks, and what their queues say a ticket costs."""
    recent = gap.questions.exclude(why=GapQuestion.Why.ANSWERED).filter(
        asked_at__gte=timezone.now() - timedelta(weeks=WEEKS)
    )
    tickets = recent.aggregate(count=Count("ticket", distinct=True))["count"]
    minutes = list(recent.values_list("ticket__queue__handling_minutes", flat=True))
    gap.tickets_per_week = tickets / WEEKS
    gap.handling_minutes = sum(minutes) / len(minutes) if minutes else gap.handling_minutes
    gap.save(update_fields=["tickets_per_week", "handling_minutes"])


def close_or_reopen(gap: Gap) -> None:
    """Later tickets decide: a few answered ones close it, an unanswered one opens it again."""
    last = list(
        gap.questions.order_by("-asked_at", "-pk").values_list("why", "asked_at")[:CLOSING]
    )
    is_answered = len(last) == CLOSING and all(
        why == GapQuestion.Why.ANSWERED for why, _at in last
    )
    if is_answered and gap.state != Gap.State.ANSWERED:
        gap.state, gap.answered_at = Gap.State.ANSWERED, last[-1][1]
    elif gap.state == Gap.State.ANSWERED and last[0][0] != GapQuestion.Why.ANSWERED:
        gap.state, gap.answered_at = Gap.State.REOPENED, None
    else:
        return
    gap.save(update_fields=["state", "answered_at"])


def suggest(gap: Gap) -> bool:
    """Propose what would answer it, once replies of agents say how; True where one was made."""
    if gap.state == Gap.State.ANSWERED or (
        gap.suggestion and gap.suggestion.state == Suggestion.State.OPEN
    ):
        return False
    asked = list(
        gap.questions.exclude(why=GapQuestion.Why.ANSWERED)
        .select_related("ticket__requester")
        .order_by("-asked_at")[:50]
    )
    tickets = {one.ticket_id: one.ticket for one in asked}
    replies = list(
        Message.objects.filter(ticket__in=tickets, kind=Message.Kind.REPLY)
        .filter(is_from_requester=False, approved_by__isnull=False)
        .order_by("created_at", "pk")[:50]
    )
    plan = engine.plan_for_gap(
        gap.name,
        [
            engine.AgentReply(
                reply.pk,
                reply.body,
                (tickets[reply.ticket_id].requester.name,),
                tuple(filter(None, (tickets[reply.ticket_id].order_reference,))),
            )
            for reply in replies
        ],
    )
    category = Category.objects.order_by("pk").first()
    if plan is None or (plan.revision_id is None and category is None):
        return False
    evidence = [_asked(one) for one in asked]
    used = {key for sentence in plan.sentences for key in sentence.replies}
    evidence += [_replied(reply, tickets) for reply in replies if reply.pk in used]
    proposal = Proposal(
        kind=Kind.EDIT if plan.revision_id else Kind.NEW_ARTICLE,
        origin=Origin.GAP,
        title=plan.title,
        body=plan.body,
        rationale=_("%(count)d questions like “%(name)s” had no good answer.")
        % {"count": gap.question_count, "name": gap.name[:120]},
        fact_key=f"gap:{gap.pk}",
        fingerprint=engine.engine_fingerprint()[:200],
        evidence=tuple(evidence),
        confidence=plan.confidence,
        base_revision_id=plan.revision_id,
        paragraph_at=plan.paragraph_at,
        category_id=None if plan.revision_id or category is None else category.pk,
        tickets_per_week=gap.tickets_per_week,
        handling_minutes=gap.handling_minutes,
    )
    try:
        gap.suggestion = propose(proposal).suggestion
    except KnowledgeError as error:
        log.info("gap_not_proposed", gap=gap.pk, error=type(error).__name__)
        return False
    gap.save(update_fields=["suggestion"])
    return True


def _asked(one: GapQuestion) -> EvidenceItem:
    return EvidenceItem(
        EvidenceKind.QUESTION, one.text, one.asked_at, one.ticket.number, one.message_id
    )


def _replied(reply: Message, tickets: dict[int, Ticket]) -> EvidenceItem:
    ticket = tickets[reply.ticket_id]
    quote = engine.redacted(reply.body, people=(ticket.requester.name,))[:1000]
    return EvidenceItem(EvidenceKind.REPLY, quote, reply.created_at, ticket.number, reply.pk)


def _since() -> datetime:
    return timezone.now() - timedelta(days=DAYS)
