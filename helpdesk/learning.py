"""Learns from what agents send: facts that the articles lack, or state otherwise.

One agent's change is kept as evidence; the same fact on as many tickets as the queue asks
for becomes a suggestion. An unedited draft teaches nothing: it is the engine's own echo.
Runs in the worker; the engine compares, outside any transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk import jobs, training_data
from helpdesk.models import Citation, Draft, Job, Message, TaughtFact
from helpdesk.querysets import DraftQuerySet
from knowledge.exceptions import KnowledgeError
from knowledge.models import Revision, Suggestion
from knowledge.paragraphs import paragraph_at
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.services.suggestions import expire, propose
from knowledge.types import Viewer
from qa_engine import services as engine
from qa_engine.suggesting import placing
from qa_engine.suggesting.agent_edits import Change
from qa_engine.suggesting.lessons import Claim, Lesson, SentReply
from qa_engine.suggesting.quantities import quantities

#: How long a change counts as evidence, and over which time tickets a week are counted.
EVIDENCE_DAYS = 90
RATE_WEEKS = 4
#: A suggestion whose need nobody has met with for so long is closed.
EXPIRE_DAYS = 180


def learn_later(message: Message) -> None:
    """Queue the comparison for when the reply can no longer be taken back."""
    jobs.enqueue(Job.Kind.LEARN, message.pk, run_at=message.send_after)


def learn_from_replies(claimed: Sequence[Job]) -> dict[int, str]:
    for job in claimed:
        message = _sent(int(job.key))
        if message is None:
            continue
        draft = getattr(message, "from_draft", None) or _seen_draft(message)
        for lesson in engine.lessons_of(_reply(message, draft)):
            _suggest(_keep(message, draft, lesson))
        remember(message.ticket_id)
    return {}


def remember(ticket_id: int) -> int:
    """Let later drafts lean on what agents wrote on a ticket; how many sentences of articles."""
    examples = training_data.answers_on(ticket_id)
    kept = engine.remember_answers(training_data.source_of(ticket_id), examples)
    # Whoever objected or was erased meanwhile has been forgotten before it was kept.
    if not training_data.may_learn_from(ticket_id):
        kept -= engine.forget_answers([training_data.source_of(ticket_id)])
    return kept


def expire_unseen() -> int:
    """Close suggestions that nothing has spoken for in a long time; how many."""
    return expire(unseen_since=timezone.now() - timedelta(days=EXPIRE_DAYS))


def _sent(message_id: int) -> Message | None:
    """The agent's reply, unless it was taken back or is a draft as it stood."""
    message = (
        Message.objects.filter(pk=message_id, kind=Message.Kind.REPLY, is_from_requester=False)
        .exclude(from_draft__state=Draft.State.APPROVED)
        # Whoever objected to their words being learnt from is left out.
        .filter(ticket__requester__objected_to_training_at=None)
        .select_related("ticket__requester", "ticket__queue", "author", "from_draft")
        .first()
    )
    return message if message is not None and message.author_id else None


def _seen_draft(message: Message) -> Draft | None:
    """A draft that the agent had before them and wrote a reply of their own instead of."""
    drafts = Draft.objects.filter(
        ticket=message.ticket_id,
        state__in=[Draft.State.SUPERSEDED, Draft.State.REJECTED],
        created_at__lte=message.created_at,
    )
    last_asked = (
        Message.objects.from_requester()
        .filter(ticket=message.ticket_id, created_at__lte=message.created_at)
        .order_by("created_at", "pk")
        .last()
    )
    return drafts.filter(message=last_asked).exclude(body="").order_by("-attempt").first()


def _reply(message: Message, draft: Draft | None) -> SentReply:
    rows = Citation.objects.filter(draft=draft) if draft else Citation.objects.none()
    ticket = message.ticket
    first: dict[int, Citation] = {}
    for row in rows.order_by("sentence_start", "number"):
        first.setdefault(row.sentence_start, row)
    return SentReply(
        text=message.body,
        claims=tuple(
            Claim(
                draft.body[row.sentence_start : row.sentence_end] if draft else "",
                row.revision_id,
                row.start,
                row.end,
            )
            for row in first.values()
        ),
        people=tuple(filter(None, (ticket.requester.name,))),
        references=tuple(filter(None, (ticket.order_reference,))),
        viewer=Viewer.as_customer(ticket.requester),
    )


def _keep(message: Message, draft: Draft | None, lesson: Lesson) -> TaughtFact:
    """The fact, kept under the name of those that it is the same as."""
    revision = Revision.objects.get(pk=lesson.revision_id)
    paragraph = paragraph_at(revision.body, lesson.start)
    assert paragraph is not None
    others = list(
        TaughtFact.objects.about(
            article_id=revision.article_id, paragraph_key=paragraph.key, since=_evidence_since()
        ).order_by("created_at", "pk")
    )
    same = engine.same_facts(
        lesson.fact_key, lesson.said, [(one.fact_key, one.said) for one in others]
    )
    meets = [one for one, is_same in zip(others, same, strict=True) if is_same]
    key = meets[0].fact_key if meets else lesson.fact_key
    with transaction.atomic():
        fact, _is_new = TaughtFact.objects.get_or_create(
            message=message,
            article_id=revision.article_id,
            paragraph_key=paragraph.key,
            fact_key=key,
            defaults={
                "ticket_id": message.ticket_id,
                "draft": draft,
                "change": str(lesson.change),
                "said": lesson.said,
                "before": lesson.before,
                "revision": revision,
                "start": lesson.start,
                "end": lesson.end,
                "old_key": lesson.old_key,
            },
        )
    return fact


def _suggest(fact: TaughtFact) -> Suggestion | None:
    """Propose the edit once enough tickets speak for it, or add this one's evidence."""
    about = TaughtFact.objects.about(
        article_id=fact.article_id, paragraph_key=fact.paragraph_key, since=_evidence_since()
    )
    group = list(
        about.filter(fact_key=fact.fact_key)
        .select_related("ticket__queue", "message__author")
        .order_by("created_at", "pk")
    )
    queue = fact.ticket.queue
    if len({one.ticket_id for one in group}) < queue.suggestion_threshold:
        return None
    proposal = _proposal(fact, group)
    if proposal is None:
        return None
    try:
        outcome = propose(proposal)
    except KnowledgeError:
        return None  # the article says it by now
    about.filter(fact_key=fact.fact_key).update(suggestion=outcome.suggestion)
    return outcome.suggestion


def _proposal(fact: TaughtFact, group: Sequence[TaughtFact]) -> Proposal | None:
    base = fact.revision
    said = placing.best_wording([one.said for one in group if _says(one, fact.fact_key)])
    body = placing.edited(
        base.body,
        start=fact.start,
        end=fact.end,
        change=Change(fact.change),
        said=said,
        fact_key=fact.fact_key,
        old_key=fact.old_key,
    )
    if body == base.body:
        return None
    summary = placing.corrected_summary(
        base.summary, said=said, fact_key=fact.fact_key, old_key=fact.old_key
    )
    return Proposal(
        kind=Kind.EDIT,
        origin=Origin.AGENTS,
        title=base.title,
        body=body,
        summary=summary,
        rationale=_rationale(fact, said, body),
        fact_key=fact.fact_key,
        fingerprint=f"{placing.FINGERPRINT}+{engine.engine_fingerprint()}",
        evidence=tuple(_evidence(one) for one in group),
        confidence=_confidence(fact, group),
        base_revision_id=base.pk,
        paragraph_at=fact.start,
        tickets_per_week=_tickets_per_week(fact, group),
        handling_minutes=float(fact.ticket.queue.handling_minutes),
    )


def _says(fact: TaughtFact, key: str) -> bool:
    """Whether its own words hold the very quantity that the group is named for."""
    wanted = {found.key for found in quantities(key)}
    return wanted <= {found.key for found in quantities(fact.said)}


def _rationale(fact: TaughtFact, said: str, body: str) -> str:
    if fact.change == TaughtFact.Change.CORRECTED:
        return _("Agents say %(new)s; the article says %(old)s.") % {
            "new": placing.phrase(body[fact.start :], fact.fact_key),
            "old": placing.phrase(fact.revision.body[fact.start :], fact.old_key),
        }
    if fact.change == TaughtFact.Change.CONTRADICTED:
        return _("Agents say the opposite of the article: “%(said)s”") % {"said": said[:300]}
    return _("Agents add what the article leaves out: “%(said)s”") % {"said": said[:300]}


def _evidence(fact: TaughtFact) -> EvidenceItem:
    return EvidenceItem(
        kind=EvidenceKind.REPLY,
        quote=fact.said,
        before=fact.before,
        seen_at=fact.message.created_at,
        ticket_number=fact.ticket.number,
        message_id=fact.message_id,
        label=fact.message.author.first_name if fact.message.author else "",
    )


def _confidence(fact: TaughtFact, group: Sequence[TaughtFact]) -> float:
    """Laplace's rule: tickets that say so, beside those sent as the article has it."""
    unchanged = _citing(fact).filter(
        state=Draft.State.APPROVED, decided_at__gte=group[0].created_at
    )
    speak_for = len({one.ticket_id for one in group})
    return (speak_for + 1) / (speak_for + unchanged.count() + 2)


def _tickets_per_week(fact: TaughtFact, group: Sequence[TaughtFact]) -> float:
    """Tickets whose draft rests on the paragraph, or whose reply changed it."""
    since = timezone.now() - timedelta(weeks=RATE_WEEKS)
    tickets = set(_citing(fact).filter(created_at__gte=since).values_list("ticket", flat=True))
    tickets |= {one.ticket_id for one in group if one.created_at >= since}
    return len(tickets) / RATE_WEEKS


def _citing(fact: TaughtFact) -> DraftQuerySet:
    """Drafts that cite the sentence that the fact is about."""
    return Draft.objects.filter(
        citations__revision=fact.revision_id,
        citations__start__lt=fact.end,
        citations__end__gt=fact.start,
    ).distinct()


def _evidence_since() -> datetime:
    return timezone.now() - timedelta(days=EVIDENCE_DAYS)
