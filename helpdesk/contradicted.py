"""Drafts that rest on a statement which another article contradicts wait until that is settled.

Only where the contradiction is as good as sure (`HOLD_CONTRADICTED_FROM`): which of the two is
right nobody knows, so drafts are held that quote either. Releasing them is `following.settle`'s,
as for all holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from helpdesk.models import Draft, DraftHold
from knowledge.models import Suggestion, SuggestionEvidence


def hold_waiting(
    drafts: Iterable[Draft] | None = None, suggestion: Suggestion | None = None
) -> int:
    """Hold the waiting drafts that quote a contradicted statement; how many holds are new.

    Of some drafts, or for what one suggestion says, where they are given.
    """
    open_ones = Suggestion.objects.open().filter(
        kind=Suggestion.Kind.CONTRADICTION, confidence__gte=settings.HOLD_CONTRADICTED_FROM
    )
    if suggestion is not None:
        open_ones = open_ones.filter(pk=suggestion.pk)
    # The database pairs them: of a large shop neither side fits into memory.
    quoted = SuggestionEvidence.objects.filter(
        suggestion__in=open_ones,
        revision__citations__draft__state=Draft.State.WAITING,
        revision__citations__start__lt=F("end"),
        revision__citations__end__gt=F("start"),
    ).annotate(quoting=F("revision__citations__draft"))
    if drafts is not None:
        quoted = quoted.filter(quoting__in=[draft.pk for draft in drafts])
    known = DraftHold.objects.filter(statement=OuterRef("pk"), draft=OuterRef("quoting"))
    new = list(quoted.filter(~Exists(known)).order_by().values_list("pk", "quoting").distinct())
    rows = SuggestionEvidence.objects.select_related("suggestion").in_bulk({pk for pk, _ in new})
    reasons = {pk: reason_for(row) for pk, row in rows.items()}
    DraftHold.objects.bulk_create(
        (
            DraftHold(draft_id=draft, statement_id=pk, reason=reasons[pk])
            for pk, draft in new
            if pk in reasons
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )
    return len(new)


def reason_for(row: SuggestionEvidence) -> str:
    return _("It quotes “%(quote)s”, and two articles differ: %(reason)s") % {
        "quote": Truncator(" ".join(row.quote.split())).chars(120),
        "reason": Truncator(row.suggestion.rationale).chars(330),
    }
