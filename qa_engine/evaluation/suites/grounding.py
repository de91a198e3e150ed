"""The grounding check on sentences that were spoilt on purpose: what it stops, and what not."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from qa_engine.evaluation.corruptions import Case
from qa_engine.grounding import GroundingCheck, Verdict

BATCH = 256


def judged(check: GroundingCheck, cases: Sequence[Case]) -> list[Verdict]:
    """A verdict for each case; cases with one ticket go together."""
    verdicts: dict[str, Verdict] = {}
    for ticket in dict.fromkeys(case.ticket for case in cases):
        same = [case for case in cases if case.ticket == ticket]
        for first in range(0, len(same), BATCH):
            batch = same[first : first + BATCH]
            found = check.check([case.sentence for case in batch], ticket)
            verdicts |= {case.key: one for case, one in zip(batch, found, strict=True)}
    return [verdicts[case.key] for case in cases]


def measure_grounding(
    check: GroundingCheck, cases: Sequence[Case]
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """Recall of each corruption, its precision against all true sentences, and what it missed.

    Precision of a kind: of what was stopped among its cases and the true ones, the share that
    was false. `passed_true`: the share of true sentences that pass.
    """
    started = time.process_time()
    verdicts = judged(check, cases)
    spent = time.process_time() - started
    true = [v for c, v in zip(cases, verdicts, strict=True) if c.is_true]
    false_alarms = sum(not v.is_grounded for v in true)
    figures = {"cases": float(len(cases)), "false_alarms": float(false_alarms)}
    for kind in sorted({case.kind for case in cases}):
        own = [v for c, v in zip(cases, verdicts, strict=True) if c.kind == kind]
        stopped = sum(not v.is_grounded for v in own)
        figures[f"{kind}_cases"] = float(len(own))
        if next(c for c in cases if c.kind == kind).is_true:
            figures[f"{kind}_passed"] = 1 - stopped / len(own)
            continue
        figures[f"{kind}_recall"] = stopped / len(own)
        figures[f"{kind}_precision"] = stopped / max(1, stopped + false_alarms)
    false = [v for c, v in zip(cases, verdicts, strict=True) if not c.is_true]
    stopped = sum(not v.is_grounded for v in false)
    figures["recall"] = stopped / max(1, len(false))
    figures["precision"] = stopped / max(1, stopped + false_alarms)
    figures["changed_numbers_passed"] = float(
        sum(v.is_grounded for c, v in zip(cases, verdicts, strict=True) if c.kind in NUMBERS)
    )
    figures["cpu_ms_per_sentence"] = 1000 * spent / len(cases)
    misses = tuple(
        _told(case, verdict)
        for case, verdict in zip(cases, verdicts, strict=True)
        if case.is_true != verdict.is_grounded
    )
    return figures, misses


NUMBERS = frozenset({"number", "number_of_article", "number_of_ticket", "numbers_swapped", "unit"})


def _told(case: Case, verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": case.kind,
        "sentence": case.sentence.text,
        "cited": [evidence.quote for evidence in case.sentence.evidence],
        "ticket": case.ticket,
        "support": round(verdict.support, 3),
        "flaws": [f"{flaw.problem}: {flaw.detail}" for flaw in verdict.flaws],
    }
