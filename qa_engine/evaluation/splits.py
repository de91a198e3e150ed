"""Tuning and measuring never share an article, and so never a question. Imports no Django.

The part an article belongs to follows from its name and the seed alone: it stays the same
when the file grows, when it is sorted otherwise, and in every other file that names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any, Generic, Protocol, TypeVar

from qa_engine.evaluation.data import digest_of_texts


class Grouped(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def group(self) -> str: ...


Question = TypeVar("Question", bound=Grouped)


class Part(StrEnum):
    ALL = "all"
    TUNE = "tune"
    MEASURE = "measure"


@dataclass(frozen=True)
class Chosen(Generic[Question]):
    """The questions that were used, and how they were chosen."""

    questions: tuple[Question, ...]
    part: Part
    seed: int
    share: float

    def described(self) -> dict[str, Any]:
        return {
            "part": str(self.part),
            "seed": self.seed,
            "share": self.share,
            "questions": len(self.questions),
            "sha256": digest_of_texts(sorted(one.key for one in self.questions)),
        }


def part_of(group: str, *, seed: int, share: float = 0.5) -> Part:
    """TUNE for about `share` of all groups, always the same ones."""
    drawn = int.from_bytes(hashlib.sha256(f"{seed}:{group}".encode()).digest()[:8], "big")
    return Part.TUNE if drawn < share * 2**64 else Part.MEASURE


def choose(
    questions: Iterable[Question],
    *,
    part: Part = Part.ALL,
    seed: int = 7,
    share: float = 0.5,
    sample: int | None = None,
) -> Chosen[Question]:
    """The questions of one part; with `sample`, that many of them at most, drawn by the seed."""
    found: Sequence[Question] = [
        one
        for one in questions
        if part is Part.ALL or part_of(one.group, seed=seed, share=share) is part
    ]
    if sample is not None and sample < len(found):
        drawn = set(Random(seed).sample(range(len(found)), sample))  # no secret
        found = [one for number, one in enumerate(found) if number in drawn]
    return Chosen(tuple(found), part, seed, share)
