"""The engine's confidence, brought to what agents decide: a line on the log-odds. Pure.

Platt's scaling (1999) of the engine's own confidence, for all drafts and for each language
and queue with decisions enough. It never changes which of two drafts of one scope is surer,
so what is proven about the engine's confidence (see `promising`) stays proven. Half of the
prior belief is that the engine is right as it is: a ridge around the identity.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

#: So many decisions, before a scope has a scale of its own.
ENOUGH = 200
RIDGE = 5.0
STEPS = 30
FOLDS = 5
LEAST_SLOPE = 0.05
EVERYTHING = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an agent made of a draft. `group` names the ticket, of which more may come."""

    group: str
    # The engine's own, before any recalibration: 0 … 1.
    confidence: float
    is_right: bool
    language: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """log-odds → offset + slope · log-odds."""

    offset: float = 0.0
    slope: float = 1.0
    decisions: int = 0

    def __call__(self, confidence: float) -> float:
        return _sigmoid(self.offset + self.slope * _logit(confidence))


#: Scope → its scale. The empty scope is of all drafts.
Scales = Mapping[str, Scale]


@dataclass(frozen=True, slots=True)
class Fitted:
    scales: Scales
    # Log loss and ECE with what was in force, and with this, on decisions it had not seen.
    figures: Mapping[str, float]

    @property
    def is_better(self) -> bool:
        return self.figures["log_loss_after"] < self.figures["log_loss_before"]


def scopes_of(language: str, segment: str) -> tuple[str, ...]:
    """From the most particular to all drafts."""
    both = f"language:{language} queue:{segment}"
    return (both, f"queue:{segment}", f"language:{language}", EVERYTHING)


def scale_for(scales: Scales, language: str, segment: str) -> Scale:
    """The most particular scale there is; without any, the confidence as it is."""
    return next((scales[s] for s in scopes_of(language, segment) if s in scales), Scale())


def learn(decisions: Sequence[Decision], before: Scales) -> Fitted:
    """Scales for each scope with enough decisions, and how they do on unseen tickets."""
    after = _cross_validated(decisions)
    old = [scale_for(before, d.language, d.segment)(d.confidence) for d in decisions]
    right = [d.is_right for d in decisions]
    figures = {
        "log_loss_before": _log_loss(old, right),
        "log_loss_after": _log_loss(after, right),
        "ece_before": _calibration_error(old, right),
        "ece_after": _calibration_error(after, right),
        "right": sum(right) / len(right) if right else 0.0,
    }
    return Fitted(fit_scales(decisions), figures)


def fit_scales(decisions: Iterable[Decision]) -> dict[str, Scale]:
    by_scope: dict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        for scope in scopes_of(decision.language, decision.segment):
            by_scope[scope].append(decision)
    return {scope: fit(found) for scope, found in by_scope.items() if len(found) >= ENOUGH}


def fit(decisions: Sequence[Decision]) -> Scale:
    """The most likely offset and slope, by Newton's method around the identity."""
    offset, slope = 0.0, 1.0
    points = [(_logit(d.confidence), d.is_right) for d in decisions]
    for _ in range(STEPS):
        g0, g1 = -RIDGE * offset, -RIDGE * (slope - 1)
        h00, h01, h11 = RIDGE, 0.0, RIDGE
        for x, is_right in points:
            p = _sigmoid(offset + slope * x)
            weight = p * (1 - p)
            g0 += is_right - p
            g1 += (is_right - p) * x
            h00, h01, h11 = h00 + weight, h01 + weight * x, h11 + weight * x * x
        whole = h00 * h11 - h01 * h01
        step0, step1 = (h11 * g0 - h01 * g1) / whole, (h00 * g1 - h01 * g0) / whole
        offset, slope = offset + step0, slope + step1
        if abs(step0) + abs(step1) < 1e-8:
            break
    return Scale(round(offset, 4), round(max(LEAST_SLOPE, slope), 4), len(decisions))


def digest_of(decisions: Iterable[Decision]) -> str:
    """Names the decisions, whatever their order."""
    lines = sorted(
        f"{d.group}|{d.confidence:.6f}|{d.is_right}|{d.language}|{d.segment}" for d in decisions
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _cross_validated(decisions: Sequence[Decision]) -> list[float]:
    """Of each decision, by scales that never saw a decision on its ticket."""
    fold_of = folds_of(decision.group for decision in decisions)
    folds = [fold_of[decision.group] for decision in decisions]
    learnt: list[Callable[[Decision], float]] = []
    for fold in range(FOLDS):
        others = [d for d, at in zip(decisions, folds, strict=True) if at != fold]
        scales = fit_scales(others) or ({EVERYTHING: fit(others)} if others else {})
        learnt.append(
            lambda d, scales=scales: scale_for(scales, d.language, d.segment)(d.confidence)  # type: ignore[misc]
        )
    return [learnt[at](d) for d, at in zip(decisions, folds, strict=True)]


def folds_of(groups: Iterable[str]) -> dict[str, int]:
    """Each group's fold, drawn by its digest and as even as can be.

    With two groups or more, no fold holds them all: there is always something to learn from.
    """
    drawn = sorted(set(groups), key=lambda group: hashlib.sha256(group.encode()).digest())
    return {group: number % FOLDS for number, group in enumerate(drawn)}


def _log_loss(sure: Sequence[float], right: Sequence[bool]) -> float:
    if not sure:
        return 0.0
    lost = [log(max(1e-9, p if r else 1 - p)) for p, r in zip(sure, right, strict=True)]
    return -sum(lost) / len(lost)


def _calibration_error(sure: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """ECE over bins of equal width (Naeini et al. 2015)."""
    gaps: dict[int, float] = defaultdict(float)
    for p, r in zip(sure, right, strict=True):
        gaps[min(int(p * bins), bins - 1)] += p - r
    return sum(map(abs, gaps.values())) / len(sure) if sure else 0.0


def _logit(p: float) -> float:
    p = min(1 - 1e-6, max(1e-6, p))
    return log(p / (1 - p))


def _sigmoid(z: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, z))))
