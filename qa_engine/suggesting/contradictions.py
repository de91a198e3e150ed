"""Two articles that answer one question differently. Imports no Django.

Claims of two articles are of one matter if what they say and stand under is near, in meaning
and in rare words, and nothing tells them apart: another product, country, sort or season. Of
those that are, one that states another value contradicts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    have_other_codes,
    is_elsewhere,
    is_inside,
    unexplained,
)
from qa_engine.suggesting.stretches import Text
from qa_engine.suggesting.topics import share, stems
from qa_engine.suggesting.weights import COMMON, FAR, MOST_LACKING, NEAR, UNKNOWN_NAME, Weights
from qa_engine.text import stem, words

#: Names this code in what it found; raise it to have every article looked at again.
RECIPE = 2

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
Pair = tuple[Claim, Claim]


@dataclass
class Finder:
    """Finds contradictions between texts. `embed` gives vectors of length one; `rarity` is how
    much a stem tells. Free to build; keeps the vectors of the statements that it has seen, in
    `vectors`, which may hold some that are known already.
    """

    embed: Embed
    rarity: Mapping[str, float]
    weights: Weights = field(default_factory=Weights)
    # Statement → its vector.
    vectors: dict[str, Any] = field(default_factory=dict, repr=False)

    def contradictions(self, page: Text, others: Sequence[Text]) -> list[Contradiction]:
        """What the others say otherwise, the surest first; one for each value of each pair."""
        mine = claims(page)
        theirs = [claim for other in others for claim in claims(other)]
        pairs = [
            (one, other)
            for one in mine
            for other in theirs
            if one.family == other.family and one.stretch.key != other.stretch.key
        ]
        return self.among([pair for pair in pairs if self.may_match(*pair)], [*mine, *theirs])

    def among(self, pairs: Sequence[Pair], told: Iterable[Claim]) -> list[Contradiction]:
        """As `contradictions`, of pairs that `may_match`; `told` is all that the texts claim."""
        self.learn(pairs)
        near = [match for pair in pairs if (match := self._match(*pair)) is not None]
        matches = list(unexplained(near, told))
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

    def may_match(self, one: Claim, other: Claim) -> bool:
        """Whether the two match if they mean the same: what their words alone tell."""
        if one.family == HOLDS and agree(one, other):
            return False  # that two articles say it does not matter here
        if self._share_too_little(one, other) or self._is_told_apart(one, other):
            return False
        return self.highest(one, other) >= self.weights.enough

    def highest(self, one: Claim, other: Claim) -> float:
        """The score that the two have if they mean the same."""
        return self._score(one, other, 1.0)

    def learn(self, pairs: Iterable[Pair]) -> None:
        """Embed the statements of pairs to come, those that are new: many at once cost less."""
        told = [
            text for pair in pairs for one in pair for text in (one.masked, one.masked_context)
        ]
        missing = list(dict.fromkeys(text for text in told if text not in self.vectors))
        if missing:
            import numpy as np

            self.vectors.update(
                zip(missing, np.asarray(self.embed(missing), dtype=np.float32), strict=True)
            )

    def _near(self, one: Claim, other: Claim) -> float:
        """The cosine of what they say, or of that and what the other stands under."""
        said, told = self.vectors[one.masked], self.vectors[other.masked]
        direct = float(said @ told)
        if one.family == HOLDS:
            return direct
        above, below = self.vectors[one.masked_context], self.vectors[other.masked_context]
        return max(direct, float(said @ below), float(above @ told))

    def _match(self, one: Claim, other: Claim) -> Match | None:
        near = self._near(one, other)
        if near < (self.weights.flip if one.family == HOLDS else NEAR):
            return None
        score = self._score(one, other, near)
        if score < self.weights.enough:
            return None
        return Match(one, other, score, agree(one, other))

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
            + weights.name * min(lacking, MOST_LACKING)
            + weights.far * (distance > FAR and one.family != HOLDS)
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
            or have_other_codes(one, other)
            or self._is_of_another_thing(one, other)
            or self._is_of_another_thing(other, one)
            or is_elsewhere(one, other)
            or is_elsewhere(other, one)
        )

    def _share_too_little(self, one: Claim, other: Claim) -> bool:
        """No name, and words that tell less than one that stands in a single line of all:
        "Please write to us within 14 days". Where both say two words or more, those count, too,
        that the one says and the other stands under.
        """
        shared = one.stems & other.stems
        if len(shared) > 1:
            shared = (one.stems & other.around) | (other.stems & one.around)
        told = math.fsum(self.rarity.get(word, 0.0) for word in shared)
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
        return frozenset(name for name in names if self.rarity.get(name, UNKNOWN_NAME) >= COMMON)

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
