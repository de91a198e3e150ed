"""What a person taught: a question, what they wrote, and the passages that bear it out or not.

One line of JSON each; docs/training.md documents the fields. Imports no Django.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from qa_engine.evaluation.splits import Part, part_of

#: Of all examples about so many are never trained on. Which ones follows from the seed.
HELD_OUT = 0.2
SEED = 7


class Taught(StrEnum):
    """How a person taught it."""

    # An agent wrote the reply, with no draft or past it.
    WRITTEN = "written"
    # An agent changed a draft before sending it.
    EDITED = "edited"
    # An agent said that a draft must not be sent, and why.
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Source:
    """A passage of the knowledge base, with what stands above it."""

    article: str
    title: str
    heading_path: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    # Whose words these are, as the app above names it ("ticket:12").
    source: str
    taught: Taught
    question: str
    # The sentences that the agent wrote; none of the engine's. Empty for a rejection.
    reply: str
    # What the engine had written, to learn what not to write. Never a thing to imitate.
    draft: str = ""
    reason: str = ""
    language: str = "en"
    queue: str = ""
    # Passages that say what the agent wrote, and those that the agent turned down.
    positives: tuple[Source, ...] = ()
    negatives: tuple[Source, ...] = ()

    @property
    def group(self) -> str:
        """What learning and measuring are split by: the article, where one is known."""
        return self.positives[0].article if self.positives else self.source

    @property
    def is_held_out(self) -> bool:
        return part_of(self.group, seed=SEED, share=HELD_OUT) is Part.TUNE


def write(path: Path, examples: Iterable[Example]) -> None:
    """Replaces the file in one move, so that a reader never sees half of it."""
    part = path.with_suffix(".part")
    part.write_text("".join(f"{line_of(one)}\n" for one in examples), encoding="utf-8")
    part.replace(path)


def read(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield _example(json.loads(line))


def digest_of(examples: Iterable[Example]) -> str:
    """Equal for equal examples, in whatever order they were exported."""
    lines = sorted(map(line_of, examples))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def line_of(example: Example) -> str:
    return json.dumps(asdict(example), ensure_ascii=False, sort_keys=True)


def _example(row: dict[str, Any]) -> Example:
    positives, negatives = (
        tuple(Source(**one) for one in row.pop(name, ())) for name in ("positives", "negatives")
    )
    row["taught"] = Taught(row["taught"])
    return Example(**row, positives=positives, negatives=negatives)
