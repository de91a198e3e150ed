"""Drafts that rest on a statement which another article contradicts wait until that is settled.

Only where the contradiction is as good as sure (`HOLD_CONTRADICTED_FROM`): which of the two is
right nobody knows, so drafts are held that quote either. Releasing them is `following.settle`'s,
as for all holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from helpdesk.models import Citation, Draft, DraftHold
from knowledge.models import Suggestion, SuggestionEvidence


@transaction.atomic
def hold_waiting(drafts: Iterable[Draft] | None = None) -> int:
    """Hold the waiting drafts that quote a contradicted statement; how many holds are new."""
    statements = SuggestionEvidence.objects.filter(
        suggestion__in=Suggestion.objects.open().filter(
            kind=Suggestion.Kind.CONTRADICTION, confidence__gte=settings.HOLD_CONTRADICTED_FROM
        ),
        start__isnull=False,
    )
    citations = Citation.objects.filter(
        draft__state=Draft.State.WAITING, revision__in=statements.values("revision")
    )
    if drafts is not None:
        citations = citations.filter(draft__in=[draft.pk for draft in drafts])
    quoting = list(citations)
    if not quoting:
        return 0
    rows = statements.filter(revision__in={one.revision_id for one in quoting})
    held = {
        (one.draft_id, row.pk): DraftHold(
            draft_id=one.draft_id, statement=row, reason=reason_for(row)
        )
        for row in rows.select_related("suggestion")
        for one in quoting
        if one.revision_id == row.revision_id
        and row.start is not None
        and row.end is not None
        and row.start < one.end
        and row.end > one.start
    }
    touched = DraftHold.objects.filter(draft__in={draft for draft, _statement in held})
    before = touched.count()
    DraftHold.objects.bulk_create(held.values(), ignore_conflicts=True)
    return touched.count() - before


def reason_for(row: SuggestionEvidence) -> str:
    return _("It quotes “%(quote)s”, and two articles differ: %(reason)s") % {
        "quote": Truncator(" ".join(row.quote.split())).chars(120),
        "reason": Truncator(row.suggestion.rationale).chars(330),
    }
