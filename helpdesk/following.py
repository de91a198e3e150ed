"""Jobs of sources: compare a version with the one before, hold drafts, and let them go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from helpdesk import effects, holding, jobs, macro_edits
from helpdesk.draft_jobs import job_key
from helpdesk.models import Draft, DraftHold, Job
from knowledge.models import SourceVersion, Suggestion
from knowledge.services.settling import settle_places
from qa_engine import services as engine

SETTLE = "settle"


def follow_sources(claimed: Sequence[Job]) -> dict[int, str]:
    """Compare versions with those before them; hold and release drafts."""
    for job in claimed:
        if job.key != SETTLE:
            engine.compare_version(int(job.key))
            holding.hold_waiting()  # first: meanwhile a draft could be sent
            macro_edits.propose_edits(int(job.key))
            effects.price_version(int(job.key))
        else:
            settle()
    return {}


def give_up(job: Job) -> None:
    if job.key != SETTLE:
        SourceVersion.objects.filter(pk=int(job.key)).update(
            state=SourceVersion.State.FAILED, error=job.last_error[:300]
        )


@transaction.atomic
def settle() -> int:
    """Close what is decided: drafts on an old text are drafted anew, others are released.

    A draft whose article was changed stays held until the new draft takes its place.
    """
    settle_places()
    holding.hold_waiting()  # places have moved along with their articles' texts
    open_ones = Suggestion.objects.open()
    holds = DraftHold.objects.filter(
        Q(place__settled_at__isnull=False)
        | Q(statement__isnull=False) & ~Q(statement__suggestion__in=open_ones),
        released_at=None,
    )
    holds = holds.select_related(
        "draft__message", "place__article", "statement__revision__article"
    )
    again: dict[int, Draft] = {}
    released = []
    for hold in holds:
        is_over = hold.draft.state != Draft.State.WAITING
        article, revision_id = hold.about
        shown = article.published_revision_id
        if not is_over and shown != revision_id:
            if shown is None or engine.is_indexed(shown):
                again[hold.draft_id] = hold.draft
            else:
                _look_again()
        else:
            released.append(hold.pk)
    DraftHold.objects.filter(pk__in=released).update(
        released_at=timezone.now(), outcome=DraftHold.Outcome.SETTLED
    )
    for draft in again.values():
        _draft_anew(draft)
    return len(released) + len(again)


def _look_again() -> None:
    """The new text is not in the index yet, and would be drafted from the old one."""
    jobs.enqueue(Job.Kind.SOURCE, SETTLE, run_at=timezone.now() + timedelta(seconds=2))


def _draft_anew(draft: Draft) -> None:
    latest = Draft.objects.filter(message=draft.message).aggregate(most=Max("attempt"))["most"]
    jobs.enqueue(Job.Kind.DRAFT, job_key(draft.message, (latest or 0) + 1))
