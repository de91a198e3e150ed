"""What makes two claims of one matter, in numbers. Imports no Django."""

from __future__ import annotations

from dataclasses import dataclass

#: How near a statement has to be to another, or to what it stands under, to be looked at.
NEAR = 0.45
#: Names in more than one line of so many are the shop's own: exp(3.4) = 30.
COMMON = 3.4
#: How rare a name is taken to be that no text has.
UNKNOWN_NAME = 9.0
#: Values are far from each other whose logarithms differ by more: 3.3 times as much.
FAR = 1.2
#: More names that the other lacks count as so many.
MOST_LACKING = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the signs that two claims are of one matter; chosen on one half of planted
    contradictions (docs/adr/0025). A score of `enough` is one.
    """

    # The cosine, and its fourth power, which only near copies have.
    meaning: float = 2.6
    likeness: float = 1.0
    # Of one claim's words the share that the other says or stands under; the larger share.
    words: float = 2.2
    # The same of the words beside the values, and of what the sentences are about.
    beside: float = 3.5
    about: float = 0.9
    # Each name of one that the other lacks.
    name: float = -0.7
    # Values that differ more than threefold are seldom two versions of one.
    far: float = -5.0
    # Days against days, not against hours.
    unit: float = 3.9
    # Rows of two tables are alike for being rows.
    rows: float = -2.0
    start: float = -9.9
    enough: float = -0.2
    # What holds in one and not in the other has to be said in nearly the same words.
    flip: float = 0.8
