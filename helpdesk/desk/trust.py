"""The page on how far the engine's confidence can be trusted: read in few queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.desk import curves
from helpdesk.models import DraftDecision, ErrorPromise, Queue
from helpdesk.services.promises import refusal_in_words
from qa_engine import services as engine
from qa_engine.evaluation.metrics import expected_calibration_error
from qa_engine.models import CalibrationVersion
from qa_engine.recalibrating import ENOUGH

NEWEST = 20_000
VERSIONS = 8
#: Fewer make a picture of chance.
LEAST = 20


@dataclass(frozen=True, slots=True)
class PromiseView:
    queue: Queue
    promise: ErrorPromise | None
    # What is proven, or why it is not.
    said: str
    is_proven: bool
    can_switch_on: bool


def trust_context(*, queue: str, language: str) -> dict[str, Any]:
    """All that the page shows, of one queue or language where they are given."""
    fingerprint = engine.engine_fingerprint()
    everything = DraftDecision.objects.of_engine(fingerprint)
    chosen = everything
    if queue:
        chosen = chosen.filter(queue__slug=queue)
    if language:
        chosen = chosen.filter(language=language)
    rows = chosen.order_by("-decided_at", "-pk").values_list("confidence", "verdict")[:NEWEST]
    judged = [(sure, verdict in DraftDecision.RIGHT) for sure, verdict in rows]
    verdicts = [verdict for _sure, verdict in rows]
    bins = curves.bins_of(judged)
    points, aurc = curves.risk_points(judged)
    sure, right = [one for one, _ in judged], [one for _, one in judged]
    versions = list(CalibrationVersion.objects.select_related("activated_by")[:VERSIONS])
    return {
        "decisions": len(judged),
        "is_enough": len(judged) >= LEAST,
        "least": LEAST,
        "enough": ENOUGH,
        "missing": max(0, ENOUGH - everything.count()),
        "right": sum(right),
        "ece": expected_calibration_error(sure, right),
        "aurc": aurc,
        "bins": bins,
        "points": points,
        "reliability": curves.reliability(bins),
        "risk": curves.risk_drawing(judged),
        "verdicts": [
            (label, verdicts.count(value)) for value, label in DraftDecision.Verdict.choices
        ],
        "queues": Queue.objects.order_by("name"),
        "languages": everything.order_by("language").values_list("language", flat=True).distinct(),
        "queue": queue,
        "language": language,
        "promises": promises(fingerprint),
        "versions": versions,
        "in_force": next((one for one in versions if one.state == "active"), None),
        "fingerprint": fingerprint,
        "older": DraftDecision.objects.exclude(fingerprint=fingerprint).count(),
    }


def promises(fingerprint: str) -> list[PromiseView]:
    """Of every queue; a proof for another engine than the one that drafts now is none."""
    known = {one.queue_id: one for one in ErrorPromise.objects.select_related("switched_by")}
    return [
        _view(queue, known.get(queue.pk), fingerprint) for queue in Queue.objects.order_by("name")
    ]


def _view(queue: Queue, promise: ErrorPromise | None, fingerprint: str) -> PromiseView:
    if promise is None:
        said = _("Nothing is promised: drafts are called sure from 80 % on.")
        return PromiseView(queue, None, said, False, False)
    promise.queue = queue
    if promise.fingerprint != fingerprint:
        said = _(
            "The engine has changed since this was proven. It is checked anew tonight, by "
            "decisions on its new drafts; until then no draft is called sure."
        )
        return PromiseView(queue, promise, said, False, False)
    if promise.threshold is None:
        said = refusal_in_words(promise) + " " + _("Until then no draft is called sure.")
        return PromiseView(queue, promise, said, False, False)
    said = _(
        "Proven by %(sure)d decisions, of which %(wrong)d were wrong: drafts are sure from "
        "%(threshold)d %% of the engine’s own confidence on."
    ) % {
        "sure": promise.sure,
        "wrong": promise.wrong,
        "threshold": round(promise.threshold * 100),
    }
    return PromiseView(queue, promise, said, True, not promise.sends)
