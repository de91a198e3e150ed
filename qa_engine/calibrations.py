"""Which calibration is in force: fit a new one, look it up, roll back. Services and reads.

Read from the database for every batch, so that workers need no restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from qa_engine.calibration_models import CalibrationVersion
from qa_engine.recalibrating import ENOUGH, Decision, Scale, Scales, digest_of, learn

State = CalibrationVersion.State


def scales_in_force(fingerprint: str) -> Scales:
    """Of the engine with this fingerprint; none where agents have taught it nothing yet."""
    version = CalibrationVersion.objects.in_force().filter(fingerprint=fingerprint).first()
    return scales_of(version) if version else {}


def scales_of(version: CalibrationVersion) -> Scales:
    return {scope: Scale(*values) for scope, values in version.scales.items()}


@transaction.atomic
def recalibrate(*, decisions: Sequence[Decision], fingerprint: str) -> CalibrationVersion | None:
    """Fit to the decisions and put in force what is better; kept in any case.

    None where there are too few of them, or nothing new since the last time.
    """
    if len(decisions) < ENOUGH:
        return None
    digest = digest_of(decisions)
    known = CalibrationVersion.objects.filter(fingerprint=fingerprint)
    if known.filter(decisions_digest=digest).exists():
        return None
    fitted = learn(decisions, scales_in_force(fingerprint))
    version = CalibrationVersion.objects.create(
        state=State.REFUSED,
        fingerprint=fingerprint,
        scales={s: [one.offset, one.slope, one.decisions] for s, one in fitted.scales.items()},
        decisions=len(decisions),
        decisions_digest=digest,
        figures={name: round(value, 4) for name, value in fitted.figures.items()},
    )
    return put_in_force(version=version) if fitted.is_better else version


@transaction.atomic
def put_in_force(*, version: CalibrationVersion, by: Any = None) -> CalibrationVersion:
    """The version decides from now on, as the nightly job found or somebody chose."""
    rows = CalibrationVersion.objects.select_for_update()
    row = rows.get(pk=version.pk)
    rows.in_force().exclude(pk=row.pk).update(state=State.RETIRED)
    row.state, row.activated_at, row.activated_by = State.ACTIVE, timezone.now(), by
    row.save(update_fields=["state", "activated_at", "activated_by"])
    return row


@transaction.atomic
def put_out_of_force() -> None:
    """Back to the calibration that comes with the engine."""
    CalibrationVersion.objects.in_force().update(state=State.RETIRED)
