"""Which sentence answers best: a weighted sum of its clues. Imports no Django.

The coefficients are learnt from questions whose answering sentence is known, by
`manage.py fit_reader`; `ranking.json` holds them with where they come from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path

from qa_engine.clues import Clues

RANKING = Path(__file__).with_name("ranking.json")
FALLBACK = "transformers"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Coefficients for one family of embedders."""

    weights: Mapping[str, float]

    def score(self, clues: Clues) -> float:
        parts: list[float] = [w * getattr(clues, name) for name, w in self.weights.items()]
        return sum(parts)


@cache
def rankings() -> dict[str, Ranking]:
    stored = json.loads(RANKING.read_text(encoding="utf-8"))["families"]
    return {family: Ranking(values["weights"]) for family, values in stored.items()}


def ranking_for(fingerprint: str) -> Ranking:
    """Of the embedder; a model that nobody fitted borrows the transformers' one."""
    known = rankings()
    family = next((name for name in known if fingerprint.startswith(name)), FALLBACK)
    return known[family]


def shares(scores: Sequence[float]) -> list[float]:
    """How the scores divide one whole between them (softmax)."""
    if not scores:
        return []
    highest = max(scores)
    raw = [exp(score - highest) for score in scores]
    total = sum(raw)
    return [one / total for one in raw]
