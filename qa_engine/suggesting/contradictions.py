"""Two articles that answer one question differently. Imports no Django.

Claims of two articles are of one matter if what they say and stand under is near, in meaning
and in rare words, and nothing tells them apart: another product, country, sort or season. Of
those that are, one that states another value contradicts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from qa_engine.suggesting.claims import HOLDS, Claim, claims
from qa_engine.suggesting.pairs import (
    Contradiction,
    Match,
    agree,
    counted,
    grouped,
    has_other_conditions,
    is_elsewhere,
    is_inside,
    unexplained,
)
from qa_engine.suggesting.stretches import Text
from qa_engine.suggesting.topics import share, stems
from qa_engine.text import stem, words

#: Names this code in what it found; raise it to have every article looked at again.
RECIPE = 1

#: How near a statement has to be to another, or to what it stands under, to be looked at.
NEAR = 0.45
#: Names in more than one line of so many are the shop's own: exp(3.4) = 30.
_COMMON = 3.4

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


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


@dataclass
class Finder:
    """Finds contradictions between texts. `embed` gives vectors of length one; `rarity` is how
    much a stem tells. Free to build; keeps the vectors of the statements that it has seen.
    """

    embed: Embed
    rarity: Mapping[str, float]
    weights: Weights = Weights()
    _vectors: dict[str, Sequence[float]] = field(default_factory=dict, repr=False)

    def contradictions(self, page: Text, others: Sequence[Text]) -> list[Contradiction]:
        """What the others say otherwise, the surest first; one for each value of each pair."""
        matches = self.matches(page, others)
        agreeing: defaultdict[Claim, set[object]] = defaultdict(set)
        for match in matches:
            if match.agrees:
                agreeing[match.mine].add(match.theirs.stretch.key)
        found = [
            contradiction
            for key in dict.fromkeys(match.theirs.stretch.key for match in matches)
            for contradiction in grouped(m for m in matches if m.theirs.stretch.key == key)
        ]
        return sorted((counted(one, found, agreeing) for one in found), key=lambda one: -one.score)

    def matches(self, page: Text, others: Sequence[Text]) -> list[Match]:
        """Claims of the others that are of one matter with one of the page's."""
        mine = claims(page)
        theirs = [claim for other in others for claim in claims(other)]
        families = {one.family for one in mine} & {one.family for one in theirs}
        mine = tuple(one for one in mine if one.family in families)
        theirs = [one for one in theirs if one.family in families]
        self._learn([*mine, *theirs])
        found = (self._match(*pair) for pair in self._near(mine, theirs))
        return list(unexplained((match for match in found if match is not None), mine, theirs))

    def vectors(self, found: Sequence[Claim]) -> list[Sequence[float]]:
        """What the statements mean, each once."""
        self._learn(found)
        return [self._vectors[text] for text in dict.fromkeys(one.masked for one in found)]

    def _near(
        self, mine: Sequence[Claim], theirs: Sequence[Claim]
    ) -> Iterator[tuple[Claim, Claim, float]]:
        """Pairs of one family by the cosine of what they say, or of that and what the other
        stands under.
        """
        import numpy as np

        if not (mine and theirs):
            return
        said, told = (self._matrix([one.masked for one in side]) for side in (mine, theirs))
        above, below = (
            self._matrix([one.masked_context for one in side]) for side in (mine, theirs)
        )
        direct = said @ told.T
        near = np.maximum(direct, np.maximum(said @ below.T, above @ told.T))
        for i, j in zip(*np.nonzero(near >= NEAR), strict=True):
            one, other = mine[int(i)], theirs[int(j)]
            if one.family == other.family and one.stretch.key != other.stretch.key:
                yield one, other, float((direct if one.family == HOLDS else near)[i, j])

    def _matrix(self, texts: Sequence[str]) -> Any:
        import numpy as np

        return np.array([self._vectors[text] for text in texts], dtype=np.float32)

    def _match(self, one: Claim, other: Claim, near: float) -> Match | None:
        agrees = agree(one, other)
        if one.family == HOLDS and (agrees or near < self.weights.flip):
            return None  # that two articles say it does not matter here
        if self._is_told_apart(one, other):
            return None
        score = self._score(one, other, near)
        return Match(one, other, score, agrees) if score >= self.weights.enough else None

    def _score(self, one: Claim, other: Claim, near: float) -> float:
        weights = self.weights
        lacking = len(self._names(one) - other.spoken) + len(self._names(other) - one.spoken)
        said = max(self._share(one.stems, other.around), self._share(other.stems, one.around))
        beside = self._both(one.beside, other.around, other.beside, one.around, 0.5)
        about = self._both(one.about, other.around, other.about, one.around, 1.0)
        distance = abs(math.log((one.high + 1e-6) / (other.high + 1e-6)))
        kinds = {claim.amount.kind for claim in (one, other) if claim.amount is not None}
        return (
            weights.start
            + weights.meaning * near
            + weights.likeness * near**4
            + weights.words * said
            + weights.beside * beside
            + weights.about * about
            + weights.name * min(lacking, 4)
            + weights.far * (distance > 1.2 and one.family != HOLDS)
            + weights.unit * (len(kinds) < 2)
            + weights.rows * (one.is_row and other.is_row)
        )

    def _is_told_apart(self, one: Claim, other: Claim) -> bool:
        """Something in or over the two says that they are of two matters."""
        return (
            one.is_threshold != other.is_threshold
            or bool(one.sorts - other.around or other.sorts - one.around)
            or one.is_seasonal != other.is_seasonal
            or is_inside(one, other)
            or has_other_conditions(one, other)
            or self._share_too_little(one, other)
            or self._is_of_another_thing(one, other)
            or self._is_of_another_thing(other, one)
            or is_elsewhere(one, other)
            or is_elsewhere(other, one)
        )

    def _share_too_little(self, one: Claim, other: Claim) -> bool:
        """No name, and words that tell less than one that stands in a single line of all:
        "Please write to us within 14 days".
        """
        told = math.fsum(self.rarity.get(word, 0.0) for word in one.stems & other.stems)
        is_named = self._names(one) & other.spoken or self._names(other) & one.spoken
        return told < self._most and not is_named and not one.places & other.places

    @cached_property
    def _most(self) -> float:
        return max(self.rarity.values(), default=0.0)

    def _is_of_another_thing(self, one: Claim, other: Claim) -> bool:
        names, theirs = self._names(one), self._subject(other)
        if any(" " in name for name in names - other.spoken):
            return True  # the Tarn 2 is not the Tarn 3
        if names and not one.places and theirs:
            is_longer = theirs < names and not self._names(other)  # Corrie, Corrie Light
            return not names & other.spoken or is_longer
        if names:
            return False
        thing = self._known(one.thing)
        if thing and theirs:
            is_shared = bool(thing & other.spoken)
            return not is_shared if one.is_of_several_things else bool(thing - other.spoken)
        # "Packed size: 12 × 20 cm" is of what its page is of.
        says_little = one.is_row and len(one.stems) < 4
        return says_little and not stems(one.stretch.title) & other.around

    def _subject(self, one: Claim) -> frozenset[str]:
        return self._names(one) or self._known(one.thing)

    def _names(self, one: Claim) -> frozenset[str]:
        return self._known(one.names)

    def _known(self, names: frozenset[str]) -> frozenset[str]:
        """Without the shop's own, which stand everywhere."""
        return frozenset(name for name in names if self.rarity.get(name, 9.0) >= _COMMON)

    def _share(self, of: frozenset[str], within: frozenset[str], empty: float = 0.0) -> float:
        return share(of, within, self.rarity, empty=empty)

    def _both(
        self,
        mine: frozenset[str],
        around_theirs: frozenset[str],
        theirs: frozenset[str],
        around_mine: frozenset[str],
        empty: float,
    ) -> float:
        there = self._share(mine, around_theirs, empty)
        return (there + self._share(theirs, around_mine, empty)) / 2

    def _learn(self, found: Sequence[Claim]) -> None:
        told = [text for one in found for text in (one.masked, one.masked_context)]
        missing = list(dict.fromkeys(text for text in told if text not in self._vectors))
        if missing:
            self._vectors.update(zip(missing, self.embed(missing), strict=True))


def rarity_of(texts: Iterable[str]) -> dict[str, float]:
    """Stem → how much it tells: log of the lines over those that have it."""
    seen: Counter[str] = Counter()
    total = 0
    for text in texts:
        for line in text.splitlines():
            told = {stem(word) for word in words(line)}
            seen.update(told)
            total += bool(told)
    return {one: math.log(max(total, 2) / count) for one, count in seen.items()}
