"""Questions in gaps: what joins a kept one, and what makes a new one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from helpdesk.models import Gap, GapQuestion
from qa_engine import services as engine

#: What stayed alone is looked at again beside what is new; so many of it, the newest.
ALONE = 2000


def free(fingerprint: str, since: datetime, *, opens: bool) -> QuerySet[GapQuestion]:
    """Embedded questions in no gap: those that may open one, or those that were answered."""
    rows = GapQuestion.objects.filter(gap=None, embedder=fingerprint, asked_at__gte=since)
    answered = GapQuestion.Why.ANSWERED
    return rows.exclude(why=answered) if opens else rows.filter(why=answered)


def group(keys: Sequence[int], fingerprint: str, since: datetime, *, opens: bool) -> int:
    """Put the questions into kept gaps, else into new ones; return how many found one.

    An answered question joins a kept gap, so that its loop can close, but makes no new one
    (`opens`). Older ones that stayed alone are tried again beside them.
    """
    kept = [
        engine.KeptGroup(gap.pk, gap.centroid, gap.question_count)
        for gap in Gap.objects.filter(embedder=fingerprint)
    ]
    if not kept and not opens:
        return 0
    unplaced = free(fingerprint, since, opens=opens)
    alone = list(unplaced.filter(pk__lt=keys[0]).order_by("-pk")[:ALONE])[::-1]
    rows = alone + list(unplaced.filter(pk__in=keys).order_by("pk"))
    grouped = engine.group([row.vector for row in rows], kept, opens=opens)
    joined: dict[int, list[GapQuestion]] = defaultdict(list)
    for at, key in grouped.joined.items():
        joined[key].append(rows[at])
    # One commit for all of them: a disk writes a commit down in milliseconds, not a row.
    with transaction.atomic():
        placed = sum(_join(key, members) for key, members in sorted(joined.items()))
        return placed + sum(_open([rows[at] for at in one], fingerprint) for one in grouped.new)


def _join(key: int, members: Sequence[GapQuestion]) -> int:
    gap = Gap.objects.select_for_update().get(pk=key)
    asked = [one for one in members if one.why != GapQuestion.Why.ANSWERED]
    if asked:
        kept = engine.KeptGroup(gap.pk, gap.centroid, gap.question_count)
        gap.centroid = engine.merged(kept, [one.vector for one in asked])
        gap.question_count += len(asked)
    gap.last_seen_at = max(gap.last_seen_at, *(one.asked_at for one in members))
    gap.save(update_fields=["centroid", "question_count", "last_seen_at"])
    GapQuestion.objects.filter(pk__in=[one.pk for one in members]).update(gap=gap)
    return len(members)


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
