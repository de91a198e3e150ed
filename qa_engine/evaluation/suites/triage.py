"""Does it hand over what a person must answer, and nothing else?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_engine.evaluation import metrics
from qa_engine.evaluation.data import Loaded, Refused, collect, jsonl, text
from qa_engine.policy import triage
from qa_engine.types import Reason


@dataclass(frozen=True, slots=True)
class TriagedMessage:
    """A message, and the reason why a person must answer it; None where the engine may."""

    text: str
    language: str
    reason: Reason | None


def load_messages(path: Path) -> Loaded[TriagedMessage]:
    return collect(path, jsonl(path), _message)


def measure_triage(
    messages: Sequence[TriagedMessage],
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """Precision and recall of handing over, over all and by language; and of each miss what."""
    found = [(one, triage(one.text)) for one in messages]
    figures = _figures("", found)
    for language in sorted({one.language for one in messages if one.language}):
        figures |= _figures(f"_{language}", [p for p in found if p[0].language == language])
    misses = tuple(
        {"message": one.text, "wanted": one.reason, "found": got, "language": one.language}
        for one, got in found
        if got != one.reason
    )
    return figures, misses


def _figures(
    suffix: str, found: Sequence[tuple[TriagedMessage, Reason | None]]
) -> dict[str, float]:
    wanted = [pair for pair in found if pair[0].reason]
    handed_over = [pair for pair in found if pair[1]]
    return {
        f"messages{suffix}": float(len(found)),
        f"precision{suffix}": metrics.mean([bool(one.reason) for one, _ in handed_over]),
        f"recall{suffix}": metrics.mean([bool(got) for _, got in wanted]),
        f"right_reason{suffix}": metrics.mean([one.reason == got for one, got in wanted]),
    }


def _message(row: Mapping[str, Any]) -> TriagedMessage:
    reason = row.get("reason")
    if reason is not None and reason not in set(Reason):
        raise Refused(f"it has an unknown reason: {reason}")
    return TriagedMessage(
        text=text(row, "text", "body"),
        language=text(row, "language", required=False),
        reason=Reason(reason) if reason else None,
    )
