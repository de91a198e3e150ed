"""Asks the tickets of a replay again, in steps that a worker can leave and take up again.

A step is a few batches; then the job queues itself anew, so that drafts are not kept
waiting. What is done stays done: the next step goes on below the last message. Where the
change or what answers is another than the replay began with, it begins anew, for figures of
two texts would be figures of neither.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from helpdesk import jobs, replays
from helpdesk.models import Draft, Job, Message, Replay, ReplayedTicket
from knowledge.models import Suggestion
from knowledge.types import Viewer
from qa_engine import services as engine
from qa_engine.replaying.values import Outcome, PastMessage, Replayed
from qa_engine.types import DraftRequest

#: Tickets at most, and how many at once.
MOST = 1_000
BATCH = 16
#: How long one step may take before drafts get their turn.
STEP_SECONDS = 10


def run_replays(claimed: Sequence[Job]) -> dict[int, str]:
    for job in claimed:
        rows = Replay.objects.select_related(*replays.WITH_CHANGE)
        replay = rows.filter(pk=int(job.key)).first()
        if replay is not None and not replay.is_over:
            _step(replay)
    return {}


def give_up(job: Job) -> None:
    Replay.objects.filter(pk=int(job.key)).update(
        state=Replay.State.FAILED, error=job.last_error, finished_at=timezone.now()
    )


def _step(replay: Replay) -> None:
    """Batches until the step's time is used up, one at least; then the rest is queued.

    Of a replay whose whole time is up the rest is left out.
    """
    started = time.monotonic()
    candidate = replay.version
    if candidate is not None:
        engine.prepare(candidate)
    if replay.state == Replay.State.QUEUED or not replays.is_current(replay):
        _begin(replay)
    change, before = replays.change_of(replay), replay.seconds
    while batch := list(_left(replay)[: min(BATCH, replay.total - replay.done)]):
        found = engine.replay([_past(message) for message in batch], change, candidate)
        replay.seconds = before + time.monotonic() - started
        with transaction.atomic():
            _keep(replay, batch, found)
        if replay.seconds >= settings.REPLAY_BUDGET_SECONDS:
            _finish(replay, total=replay.total)
            return
        if time.monotonic() - started >= STEP_SECONDS:
            jobs.enqueue(Job.Kind.REPLAY, replay.pk)
            return
    # Tickets that were deleted meanwhile are no longer among them.
    _finish(replay, total=replay.done)


@transaction.atomic
def _begin(replay: Replay) -> None:
    replay.tickets.all().delete()
    replay.total = min(MOST, _asked(replay).count())
    replay.done, replay.last_message_id, replay.seconds = 0, None, 0
    replay.fingerprint = replays.fingerprint_of(replay)
    replay.state = Replay.State.RUNNING
    replay.save()


@transaction.atomic
def _finish(replay: Replay, *, total: int) -> None:
    """Its figures are those of the tickets that were asked, be they all or not.

    The suggestion is locked first, as by whoever changes its text and then asks for another
    replay: either they find this one over, or we find their text.
    """
    suggestion = None
    if replay.suggestion_id is not None:
        suggestion = Suggestion.objects.select_for_update(of=("self",)).get(
            pk=replay.suggestion_id
        )
        replay.suggestion = suggestion
    if not replays.is_current(replay):
        jobs.enqueue(Job.Kind.REPLAY, replay.pk)
        return
    replay.total, replay.unanswered = total, _unanswered(replay)
    replay.state, replay.finished_at = Replay.State.DONE, timezone.now()
    replay.save()
    if suggestion is not None:
        # They stand on the suggestion too, for its queue and for whoever asks later.
        suggestion.effect = {**suggestion.effect, "replay": replays.figures(replay)}
        suggestion.save(update_fields=["effect", "updated_at"])


def _unanswered(replay: Replay) -> int:
    """Of the tickets that were asked again, those for which there was no draft in fact."""
    if replay.last_message_id is None:
        return 0
    asked = _asked(replay).filter(pk__gte=replay.last_message_id).values("pk")
    answered = Draft.objects.filter(message__in=asked).exclude(body="").values("message")
    abstained = Draft.objects.filter(message__in=asked, body="").exclude(message__in=answered)
    return abstained.values("message").distinct().count()


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
        .select_related("ticket__queue", "ticket__requester")
        .prefetch_related("ticket__requester__reader_groups")
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
        viewer=Viewer.as_customer(ticket.requester),
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
    replay.save(update_fields=["done", "last_message_id", "seconds"])
