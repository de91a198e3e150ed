"""What a gap costs, whether it is closed, and what would close it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

import structlog
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.models import Citation, Gap, GapQuestion, Message, Ticket
from knowledge.exceptions import KnowledgeError
from knowledge.models import Category, ReaderGroup, Suggestion
from knowledge.proposals import (
    EvidenceItem,
    EvidenceKind,
    Kind,
    Origin,
    Proposal,
    TracedSentence,
)
from knowledge.services.suggestions import propose, supersede
from qa_engine import services as engine

log = structlog.get_logger(__name__)

WEEKS = 4
#: So many answered tickets in a row close a gap; one unanswered opens it again.
CLOSING = 3


def settle(keys: Sequence[int]) -> int:
    """Price these gaps, close or reopen them, and propose; return how many proposals."""
    proposed = 0
    for gap in Gap.objects.filter(pk__in=keys).select_related("suggestion").order_by("pk"):
        price(gap)
        close_or_reopen(gap)
        _give_up_what_closed_without(gap)
        if _has_news(gap):
            proposed += suggest(gap)
            gap.looked_at, gap.looked_count = timezone.now(), gap.question_count
            gap.save(update_fields=["looked_at", "looked_count"])
    return proposed


def _has_news(gap: Gap) -> bool:
    """Questions or replies have come since a proposal was last thought of."""
    if gap.looked_at is None or gap.question_count != gap.looked_count:
        return True
    replies = Message.objects.filter(
        ticket__gap_questions__gap=gap, kind=Message.Kind.REPLY, approved_by__isnull=False
    )
    return replies.filter(created_at__gt=gap.looked_at).exists()


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
    elif gap.answered_at is not None and any(
        why != GapQuestion.Why.ANSWERED and at >= gap.answered_at for why, at in last
    ):
        gap.state, gap.answered_at = Gap.State.REOPENED, None
    else:
        return
    gap.save(update_fields=["state", "answered_at"])


def _give_up_what_closed_without(gap: Gap) -> None:
    """Questions are answered by now, and nobody has taken the proposal: it is not needed."""
    waits = gap.suggestion is not None and gap.suggestion.is_open
    if gap.state == Gap.State.ANSWERED and waits:
        assert gap.suggestion is not None
        supersede(suggestion=gap.suggestion)


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
    language = _language(tickets.values())
    replies = _replies(ticket for ticket in tickets.values() if ticket.language == language)
    plan = engine.plan_for_gap(gap.name, [_said(one, tickets) for one in replies], language)
    if plan is None:
        return False
    category = None if plan.revision_id else _category(plan.nearest_id, tickets)
    if plan.revision_id is None and category is None:
        return False
    quotes = _quotes(plan.sentences)
    evidence = [_asked(one) for one in asked]
    evidence += [
        _replied(one, tickets[one.ticket_id], quotes[one.pk])
        for one in replies
        if one.pk in quotes
    ]
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
        category_id=category.pk if category else None,
        language=language,
        sentences=tuple(TracedSentence(one.text, one.replies) for one in plan.sentences),
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


def _language(tickets: Collection[Ticket]) -> str:
    """What most of them are written in; the newest of those that are as many."""
    return Counter(ticket.language for ticket in tickets).most_common(1)[0][0]


def _replies(tickets: Iterable[Ticket]) -> list[Message]:
    """What agents sent, in one language: an article in two is of use to nobody.

    The article is for everybody, so left out is what was sent to readers of restricted articles,
    and on tickets whose drafts quote what is not public.
    """
    not_public = Citation.objects.exclude(revision__article__visibility="public")
    return list(
        Message.objects.filter(ticket__in=list(tickets), kind=Message.Kind.REPLY)
        .filter(is_from_requester=False, approved_by__isnull=False)
        .exclude(ticket__requester__reader_groups__in=ReaderGroup.objects.with_articles())
        .exclude(ticket__drafts__in=not_public.values("draft"))
        .order_by("created_at", "pk")[:50]
    )


def _category(nearest_id: int | None, tickets: Collection[int]) -> Category | None:
    """Where the nearest article stands, else most of what the tickets' drafts cite."""
    if nearest_id is not None:
        return Category.objects.get(articles=nearest_id)
    citations = "articles__revisions__citations"
    cited = (
        Category.objects.filter(**{f"{citations}__draft__ticket__in": tickets})
        .annotate(cited=Count(citations))
        .order_by("-cited", "pk")
    )
    return cited.first() or Category.objects.order_by("position", "pk").first()


def _quotes(sentences: Iterable[engine.TracedReply]) -> dict[int, list[str]]:
    """The sentences that were taken from each reply, in its own words."""
    found: dict[int, list[str]] = {}
    for one in sentences:
        for key, quote in zip(one.replies, one.quotes, strict=True):
            found.setdefault(key, []).append(quote)
    return found


def _said(reply: Message, tickets: dict[int, Ticket]) -> engine.AgentReply:
    ticket = tickets[reply.ticket_id]
    references = tuple(filter(None, (ticket.order_reference,)))
    return engine.AgentReply(reply.pk, reply.body, (ticket.requester.name,), references)


def _asked(one: GapQuestion) -> EvidenceItem:
    return EvidenceItem(
        EvidenceKind.QUESTION, one.text, one.asked_at, one.ticket.number, one.message_id
    )


def _replied(reply: Message, ticket: Ticket, quotes: list[str]) -> EvidenceItem:
    """Sentences, a line each; none of them has personal data, or it would not be taken."""
    quote = "\n".join(sorted(quotes, key=reply.body.find))
    return EvidenceItem(EvidenceKind.REPLY, quote, reply.created_at, ticket.number, reply.pk)
