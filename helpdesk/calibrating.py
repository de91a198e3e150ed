"""Every night: learn from what agents decided, and prove again what is promised."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.models import DraftDecision, Job
from helpdesk.services.promises import check_promises
from qa_engine import services as engine
from qa_engine.recalibrating import Decision

NEWEST = 20_000


def learn_from_decisions(claimed: Sequence[Job]) -> dict[int, str]:
    """However many were asked for, once is enough."""
    fingerprint = engine.engine_fingerprint()
    engine.recalibrate(decisions=decisions_of(fingerprint), fingerprint=fingerprint)
    check_promises()
    return {}


def decisions_of(fingerprint: str) -> list[Decision]:
    """The newest decisions on drafts of this engine, as the engine may see them."""
    rows = (
        DraftDecision.objects.of_engine(fingerprint)
        .order_by("-decided_at", "-pk")
        .values_list(
            "draft__ticket_id", "own_confidence", "verdict", "language", "queue__slug", named=True
        )[:NEWEST]
    )
    return [
        Decision(
            group=str(row.draft__ticket_id),
            confidence=row.own_confidence,
            is_right=row.verdict in DraftDecision.RIGHT,
            language=row.language,
            segment=row.queue__slug,
        )
        for row in rows
    ]
