"""Replays: asking for one, what it is of, and what it found.

`replaying` runs them. A replay's fingerprint begins with the digest of what answers and of
the change, so that figures of an older engine or text are known as such.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk import jobs
from helpdesk.models import Job, Replay, ReplayedTicket, User
from knowledge.models import Suggestion
from knowledge.types import ArticleText
from qa_engine import services as engine
from qa_engine.models import ModelVersion
from qa_engine.replaying.values import Change, Edit

#: How far back.
DAYS = 30
#: A replay that is older does not know the newest tickets any more.
FRESH = timedelta(hours=12)
#: Of each of the two digests that a fingerprint begins with.
DIGITS = 20
#: What telling the change takes.
WITH_CHANGE = ("suggestion__article", "suggestion__base_revision", "version")


@transaction.atomic
def ask_for_replay(
    *,
    suggestion: Suggestion | None = None,
    threshold: float | None = None,
    version: ModelVersion | None = None,
    by: User | None = None,
    anew: bool = False,
) -> Replay:
    """The replay of this change: one that is not over, a fresh one, or a new one.

    One that is not over needs no second: it begins anew by itself where the text has changed.
    `anew` asks for another although there is a fresh one. Raises ValueError unless exactly
    one change is given.
    """
    subject = {"suggestion": suggestion, "threshold": threshold, "version": version}
    if sum(one is not None for one in subject.values()) != 1:
        raise ValueError("one change")
    until = timezone.now()
    wanted = Replay(
        **subject,
        since=until - timedelta(days=DAYS),
        until=until,
        asked_by=by,
    )
    wanted.fingerprint = fingerprint_of(wanted)
    known = Replay.objects.filter(**subject)
    same = known.open().select_for_update(of=("self",)).first()
    if same is None and not anew:
        fresh = known.filter(state=Replay.State.DONE, created_at__gte=until - FRESH)
        same = fresh.filter(fingerprint__startswith=digests_of(wanted)).first()
    if same is not None:
        return same
    try:
        with transaction.atomic():
            wanted.save()
    except IntegrityError:
        # Somebody else asked for it at the same moment, and was first.
        if (same := known.open().first()) is None:
            raise
        return same
    jobs.enqueue(Job.Kind.REPLAY, wanted.pk)
    return wanted


def newest(
    *, suggestion: Suggestion | None = None, version: ModelVersion | None = None
) -> Replay | None:
    """The last one asked for, whatever became of it."""
    return Replay.objects.filter(suggestion=suggestion, version=version, threshold=None).first()


def figures(replay: Replay) -> dict[str, int]:
    """How many tickets had which outcome, of how many that were asked."""
    counted = Counter(replay.tickets.values_list("outcome", flat=True))
    by_outcome = {str(outcome): counted[outcome] for outcome in ReplayedTicket.Outcome}
    return {
        **by_outcome,
        "id": replay.pk,
        "tickets": replay.done,
        "total": replay.total,
        "unanswered": replay.unanswered,
        "days": DAYS,
    }


def told(replay: Replay) -> str:
    """How far it is, or what it found, in a line."""
    if replay.state != Replay.State.DONE:
        return f"{replay.get_state_display()} {replay.done} / {replay.total}"
    return _(
        "%(tickets)d of %(total)d tickets asked: %(answered)d newly answered, %(lost)d no longer "
        "answered, %(worse)d further from what was sent, %(changed)d answered otherwise."
    ) % figures(replay)


def is_current(replay: Replay) -> bool:
    """Whether it is of the change as it stands now, and against what answers now."""
    return replay.fingerprint.startswith(digests_of(replay))


def is_of_older_text(replay: Replay) -> bool:
    is_same = replay.fingerprint[DIGITS : 2 * DIGITS] == _change_digest(replay)
    return replay.suggestion_id is not None and not is_same


def is_against_other_engine(replay: Replay) -> bool:
    return replay.fingerprint[:DIGITS] != _engine_digest()


def fingerprint_of(replay: Replay) -> str:
    """As it would begin now. No two are asked for in the same microsecond."""
    return f"{digests_of(replay)}-{timezone.now():%Y%m%dT%H%M%S.%f}"


def digests_of(replay: Replay) -> str:
    """Of everything but the day that a replay depends on."""
    return _engine_digest() + _change_digest(replay)


def _engine_digest() -> str:
    return _digest([engine.engine_fingerprint(), engine.threshold_in_force()])


def _change_digest(replay: Replay) -> str:
    parts: list[object] = [replay.threshold, replay.version_id]
    suggestion = replay.suggestion
    if suggestion is not None:
        parts += [
            suggestion.pk, suggestion.kind, suggestion.title, suggestion.summary,
            suggestion.body, suggestion.base_revision_id,
        ]  # fmt: skip
    return _digest(parts)


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:DIGITS]


def change_of(replay: Replay) -> Change:
    suggestion = replay.suggestion
    return change_by(suggestion) if suggestion else Change(min_confidence=replay.threshold)


def change_by(suggestion: Suggestion) -> Change:
    """What readers would see, were the suggestion accepted as it stands."""
    kinds = Suggestion.Kind
    article = suggestion.article
    if article is not None and article.visibility == article.Visibility.INTERNAL:
        return Change()  # drafts quote only what their requesters may read
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
