"""Shadow drafts: asking for them, and how they compare with what was shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Avg, Count, Q
from django.utils.translation import gettext as _

from helpdesk import jobs
from helpdesk.models import Draft, Job, Message, ShadowDraft
from qa_engine.training_models import ModelVersion


def ask_for_shadows(drafts: Sequence[Draft]) -> None:
    """Queue the candidate's drafts of the same messages, if a candidate is in the shadow."""
    if drafts and ModelVersion.objects.shadowing() is not None:
        jobs.enqueue_all(Job.Kind.SHADOW, [draft.pk for draft in drafts])


def told(version: ModelVersion) -> str:
    """How the shadow's drafts compare with those that were shown, in a line."""
    rows = ShadowDraft.objects.filter(version=version)
    sums = rows.aggregate(
        all=Count("pk"),
        same=Count("pk", filter=Q(is_same=True)),
        more=Count("pk", filter=Q(draft__body="") & ~Q(body="")),
        fewer=Count("pk", filter=~Q(draft__body="") & Q(body="")),
        sureness=Avg("confidence"),
        shown=Avg("draft__confidence"),
    )
    if not sums["all"]:
        return "–"
    line = _(
        "%(all)d drafts: %(same)d the same, %(more)d answered that were not, %(fewer)d no longer "
        "answered; mean confidence %(shown).2f → %(sureness).2f."
    )
    near = _nearness(version)
    if near is None:
        return line % sums
    return f"{line % sums} {near}"


def _nearness(version: ModelVersion) -> str | None:
    """Which of both is nearer to what an agent then wrote; only where a person changed it."""
    rows = ShadowDraft.objects.filter(version=version, draft__state=Draft.State.EDITED)
    mine = shown = 0
    for row in rows.select_related("draft__reply").order_by("-pk")[:500]:
        reply: Message | None = row.draft.reply
        if reply is None:
            continue
        of_shadow, of_draft = _shared(row.body, reply.body), _shared(row.draft.body, reply.body)
        mine += of_shadow > of_draft
        shown += of_draft > of_shadow
    if not mine and not shown:
        return None
    return _(
        "Nearer to what agents sent: the shadow %(mine)d times, the draft %(shown)d times."
    ) % {
        "mine": mine,
        "shown": shown,
    }


def _shared(text: str, sent: str) -> float:
    """Token F1 of two texts."""
    one, other = set(text.lower().split()), set(sent.lower().split())
    return 2 * len(one & other) / max(1, len(one) + len(other))
