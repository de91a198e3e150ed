"""How a training goes. Stored with its run, so that it can be done again. Imports no Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from qa_engine.training import loop


@dataclass(frozen=True, slots=True)
class Options:
    epochs: int = 2
    # Questions a step. For the retriever more is better: each is the others' wrong answer.
    batch_size: int = 32
    learning_rate: float = 2e-4
    # Rank of the adapters.
    rank: int = 16
    # Mined near misses for each question.
    negatives: int = 1
    seed: int = 7
    device: str = "auto"
    precision: str = "auto"
    # The training stops after so many minutes and keeps what it has; 0: no limit.
    minutes: float = 0.0
    # Learn from the articles themselves, too.
    use_articles: bool = True
    # A model setting; empty: what answers now.
    base: str = ""
    # Files instead of the knowledge base, and instead of the held-out examples.
    articles: str = ""
    queries: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Options:
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    def plan(self) -> loop.Plan:
        return loop.Plan(
            learning_rate=self.learning_rate,
            seed=self.seed,
            device=self.device,
            precision=self.precision,
            save_every=60.0,
            report_every=2.0,
        )
