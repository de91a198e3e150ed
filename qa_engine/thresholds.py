"""From which confidence a question is answered: what an admin put in force, else the setting.

Read from the database for every batch, so that workers need no restart.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from qa_engine.threshold_models import Threshold

State = Threshold.State
# Any fixed number: of two admins, one waits for the other.
_LOCK = 0x51_41_0002


def threshold_in_force() -> float:
    row = Threshold.objects.in_force().first()
    return row.value if row else settings.QA_MIN_CONFIDENCE


@transaction.atomic
def put_threshold_in_force(*, value: float, replay_id: int, by: Any) -> Threshold:
    """From the next draft on. Whoever calls has seen to it that the replay speaks for it."""
    _wait_for_the_others()
    Threshold.objects.in_force().update(state=State.REPLACED)
    return Threshold.objects.create(value=value, replay_id=replay_id, put_by=by)


@transaction.atomic
def roll_back_threshold(*, by: Any) -> float | None:
    """Bring back the one before, or else the setting; what is in force then.

    None where the setting decides already.
    """
    _wait_for_the_others()
    present = Threshold.objects.in_force().first()
    if present is None:
        return None
    present.state, present.taken_back_by, present.taken_back_at = (
        State.TAKEN_BACK, by, timezone.now(),
    )  # fmt: skip
    present.save(update_fields=["state", "taken_back_by", "taken_back_at"])
    before = Threshold.objects.filter(state=State.REPLACED).first()
    if before is not None:
        before.state = State.ACTIVE
        before.save(update_fields=["state"])
    return threshold_in_force()


def _wait_for_the_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
