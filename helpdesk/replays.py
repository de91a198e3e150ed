"""Replays past tickets with one change, in steps that a worker can leave and take up again.

A step is a few batches; then the job queues itself anew, so that drafts are not kept
waiting. What is done stays done: the next step goes on below the last message.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from helpdesk import jobs
from helpdesk.models import Draft, Job, Message, Replay, ReplayedTicket, User
from knowledge.models import Suggestion
from knowledge.types import ArticleText, Viewer
from qa_engine import services as engine
from qa_engine.replaying.values import Change, Edit, Outcome, PastMessage, Replayed
from qa_engine.types import DraftRequest

#: How far back, and how many tickets at most.
DAYS = 30
MOST = 1_000
BATCH = 16
#: How long one step may take before drafts get their turn.
STEP_SECONDS = 10
#: A replay that is older does not know the newest tickets any more.
FRESH = timedelta(hours=12)


def ask_for_replay(
    *,
    suggestion: Suggestion | None = None,
    threshold: float | None = None,
    by: User | None = None,
) -> Replay:
    """The replay of this change: a fresh one that there is, or a new one that is queued.

    Raises ValueError unless exactly one change is given.
    """
    if (suggestion is None) == (threshold is None):
        raise ValueError("one change")
    until = timezone.now()
    digest = _digest(suggestion, threshold)
    known = Replay.objects.filter(
        suggestion=suggestion, threshold=threshold, created_at__gte=until - FRESH
    ).exclude(state=Replay.State.FAILED)
    same = next((one for one in known if one.fingerprint.startswith(digest)), None)
    if same is not None:
        return same
    with transaction.atomic():
        replay, is_new = Replay.objects.get_or_create(
            fingerprint=f"{digest}-{until:%Y%m%dT%H%M%S}",
            defaults={
                "suggestion": suggestion,
                "threshold": threshold,
                "since": until - timedelta(days=DAYS),
                "until": until,
                "asked_by": by,
            },
        )
        if is_new:
            jobs.enqueue(Job.Kind.REPLAY, replay.pk)
    return replay


def run_replays(claimed: Sequence[Job]) -> dict[int, str]:
    for job in claimed:
        replay = (
            Replay.objects.select_related("suggestion__article", "suggestion__base_revision")
            .filter(pk=int(job.key))
            .first()
        )
        if replay is not None and not replay.is_over:
            _step(replay)
    return {}


def give_up(job: Job) -> None:
    Replay.objects.filter(pk=int(job.key)).update(
        state=Replay.State.FAILED, error=job.last_error, finished_at=timezone.now()
    )


def _step(replay: Replay) -> None:
    """Batches until the time is used up; then the rest is queued."""
    started = time.monotonic()
    if replay.state == Replay.State.QUEUED:
        _begin(replay)
    change = change_of(replay)
    while time.monotonic() - started < STEP_SECONDS:
        batch = list(_left(replay)[: min(BATCH, replay.total - replay.done)])
        if not batch:
            _finish(replay, time.monotonic() - started)
            return
        found = engine.replay([_past(message) for message in batch], change)
        with transaction.atomic():
            _keep(replay, batch, found)
    Replay.objects.filter(pk=replay.pk).update(seconds=F("seconds") + (time.monotonic() - started))
    jobs.enqueue(Job.Kind.REPLAY, replay.pk)


def _begin(replay: Replay) -> None:
    asked = list(_asked(replay).values_list("pk", flat=True)[:MOST])
    answered = Draft.objects.filter(message__in=asked).exclude(body="").values("message")
    abstained = Draft.objects.filter(message__in=asked, body="").exclude(message__in=answered)
    replay.total = len(asked)
    replay.unanswered = abstained.values("message").distinct().count()
    replay.state = Replay.State.RUNNING
    replay.save(update_fields=["total", "unanswered", "state"])


def _finish(replay: Replay, seconds: float) -> None:
    with transaction.atomic():
        Replay.objects.filter(pk=replay.pk).update(
            state=Replay.State.DONE,
            finished_at=timezone.now(),
            seconds=F("seconds") + seconds,
            done=F("total"),
        )
        replay.refresh_from_db()
        if replay.suggestion_id is not None:
            _tell(replay)


def _tell(replay: Replay) -> None:
    """The figures stand on the suggestion too, for its queue and for whoever asks later."""
    suggestion = Suggestion.objects.select_for_update().get(replays=replay)
    suggestion.effect = {**suggestion.effect, "replay": figures(replay)}
    suggestion.save(update_fields=["effect", "updated_at"])


def figures(replay: Replay) -> dict[str, int]:
    """How many tickets had which outcome, of how many."""
    counted = Counter(replay.tickets.values_list("outcome", flat=True))
    by_outcome = {str(outcome): counted[outcome] for outcome in ReplayedTicket.Outcome}
    return {
        **by_outcome,
        "id": replay.pk,
        "tickets": replay.total,
        "unanswered": replay.unanswered,
        "days": DAYS,
    }


def change_of(replay: Replay) -> Change:
    suggestion = replay.suggestion
    return change_by(suggestion) if suggestion else Change(min_confidence=replay.threshold)


def change_by(suggestion: Suggestion) -> Change:
    """What readers would see, were the suggestion accepted as it stands."""
    kinds = Suggestion.Kind
    article = suggestion.article
    if article is not None and article.visibility != article.Visibility.PUBLIC:
        return Change()  # drafts quote only what customers may read
    if suggestion.kind == kinds.RETIRE:
        return Change(hidden=frozenset({article.pk} if article else ()))
    is_merge = suggestion.kind == kinds.MERGE
    other = suggestion.other_article_id if is_merge else None
    text = ArticleText(suggestion.title, suggestion.body, suggestion.summary)
    base = suggestion.base_revision.text if suggestion.base_revision else None
    article_id = article.pk if article else -suggestion.pk
    return Change(
        edits=(Edit(article_id, -suggestion.pk, text, base),),
        hidden=frozenset(() if other is None else (other,)),
    )


def _asked(replay: Replay) -> QuerySet[Message]:
    """Each ticket's first message, newest first, with what was sent in answer."""
    firsts = (
        Message.objects.from_requester()
        .filter(ticket=OuterRef("ticket"))
        .order_by("created_at", "pk")
        .values("pk")[:1]
    )
    replies = Message.objects.filter(
        ticket=OuterRef("ticket"), kind=Message.Kind.REPLY, is_from_requester=False
    ).order_by("created_at", "pk")
    return (
        Message.objects.from_requester()
        .filter(
            ticket__created_at__gte=replay.since,
            ticket__created_at__lt=replay.until,
            pk=Subquery(firsts),
        )
        .select_related("ticket__queue")
        .annotate(sent=Subquery(replies.values("body")[:1]))
        .order_by("-pk")
    )


def _left(replay: Replay) -> QuerySet[Message]:
    asked = _asked(replay)
    return asked if replay.last_message_id is None else asked.filter(pk__lt=replay.last_message_id)


def _past(message: Message) -> PastMessage:
    ticket = message.ticket
    request = DraftRequest(
        text=message.body,
        subject=ticket.subject,
        requester_name="",
        language=ticket.language,
        signature="",
        viewer=Viewer.of(None),
    )
    return PastMessage(message.pk, request, message.created_at, getattr(message, "sent", "") or "")


def _keep(replay: Replay, batch: Sequence[Message], found: Sequence[Replayed]) -> None:
    tickets = {message.pk: message.ticket_id for message in batch}
    ReplayedTicket.objects.bulk_create(
        [
            ReplayedTicket(
                replay=replay,
                ticket_id=tickets[one.key],
                message_id=one.key,
                outcome=str(one.outcome),
                before=one.before.body if one.before else "",
                after=one.after.body if one.after else "",
                confidence_before=one.before.confidence if one.before else 0,
                confidence_after=one.after.confidence if one.after else 0,
            )
            for one in found
            if one.outcome is not Outcome.SAME
        ],
        ignore_conflicts=True,
    )
    replay.done += len(batch)
    replay.last_message_id = batch[-1].pk
    replay.save(update_fields=["done", "last_message_id"])


def _digest(suggestion: Suggestion | None, threshold: float | None) -> str:
    """Of everything but the day that a replay depends on."""
    parts: list[object] = [engine.engine_fingerprint(), settings.QA_MIN_CONFIDENCE, threshold]
    if suggestion is not None:
        parts += [
            suggestion.pk, suggestion.kind, suggestion.title, suggestion.summary,
            suggestion.body, suggestion.base_revision_id,
        ]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def newest(suggestion: Suggestion) -> Replay | None:
    """The last one asked for, whatever became of it."""
    return Replay.objects.filter(suggestion=suggestion).first()
