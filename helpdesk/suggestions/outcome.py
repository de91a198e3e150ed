"""What came of a decided suggestion: drafts that cite its words, what agents did with them, and
whether what it was to answer is answered since."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from helpdesk.models import Draft, Gap, GapQuestion
from knowledge.diffing import Kind, diff_lines
from knowledge.models import Revision, Suggestion

#: What the names of facts begin with that are gaps.
GAP = "gap:"
#: More changed lines than this are counted as the whole article.
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """Drafts that cite the accepted text, by what became of them."""

    drafts: int
    approved: int
    edited: int
    rejected: int
    waiting: int

    @property
    def decided(self) -> int:
        return self.approved + self.edited + self.rejected

    @property
    def approved_share(self) -> int:
        """Of the decided ones, in percent."""
        return round(100 * self.approved / self.decided) if self.decided else 0


def outcome_of(suggestion: Suggestion) -> Outcome | None:
    """None where nothing came of it yet, or nothing can."""
    revision = suggestion.revision
    if revision is None:
        return None
    touched = Q(citations__revision=revision)
    if suggestion.base_revision is not None:
        touched &= _within_changes(suggestion.base_revision, revision)
    states = dict(
        Draft.objects.filter(touched)
        .order_by()
        .values_list("state")
        .annotate(drafts=Count("pk", distinct=True))
    )
    return Outcome(
        drafts=sum(states.values()),
        approved=states.get(Draft.State.APPROVED, 0),
        edited=states.get(Draft.State.EDITED, 0),
        rejected=states.get(Draft.State.REJECTED, 0),
        waiting=states.get(Draft.State.WAITING, 0),
    )


@dataclass(frozen=True, slots=True)
class GapOutcome:
    """What was asked in the gap since the decision, in tickets."""

    gap: Gap
    answered: int
    unanswered: int

    @property
    def asked(self) -> int:
        return self.answered + self.unanswered


def gap_outcome_of(suggestion: Suggestion) -> GapOutcome | None:
    """Of a decided one that was to close a gap; None where it was not, or the gap is gone.

    The gap is known by the fact's name: should it open again, it has a newer suggestion.
    """
    key = suggestion.fact_key.removeprefix(GAP)
    if suggestion.origin != Suggestion.Origin.GAP or suggestion.is_open or not key.isdecimal():
        return None
    gap = Gap.objects.filter(pk=key).first()
    if gap is None:
        return None
    later = gap.questions.filter(asked_at__gte=suggestion.decided_at)
    is_answered = Q(why=GapQuestion.Why.ANSWERED)
    tickets: dict[str, int] = later.order_by().aggregate(
        answered=Count("ticket", filter=is_answered, distinct=True),
        unanswered=Count("ticket", filter=~is_answered, distinct=True),
    )
    return GapOutcome(gap, **tickets)


def _within_changes(old: Revision, new: Revision) -> Q:
    """Citations of lines that the new revision changed or added."""
    rows = diff_lines(old.body, new.body, context=None)
    lines = [
        row.new_number
        for row in rows
        if row.kind in {Kind.ADDED, Kind.CHANGED} and row.new_number is not None
    ]
    if not lines or len(lines) > MOST_LINES:
        return Q()
    starts = [0]
    for line in new.body.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    touched = Q(pk=None)
    for number in lines:
        touched |= Q(
            citations__start__lt=starts[number] - 1, citations__end__gt=starts[number - 1]
        )
    return touched
