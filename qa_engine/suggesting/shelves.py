"""Claims of many articles by their words, to find those that may be of one matter. No Django.

Of each claim its words are kept as numbers, with what they are to it. What two claims' words
add to their score is counted from that for all claims of a family at once; with the highest
that their meaning could add, it tells which pairs are worth a closer look. Nothing that
`contradictions.Finder` would match is lost, and hardly any text is read or embedded for what it
would not: 2 of 40 articles that are near.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa_engine.suggesting.claims import HOLDS, Claim
from qa_engine.suggesting.packing import (
    ABOUT,
    AROUND,
    BESIDE,
    HEAD,
    NAME,
    PLACE,
    ROW,
    SAID,
    SEASONAL,
    SPOKEN,
    THRESHOLD,
    number_of,
    unpacked,
    words_of,
)
from qa_engine.suggesting.pairs import NEARLY
from qa_engine.suggesting.topics import USUAL
from qa_engine.suggesting.weights import COMMON, FAR, MOST_LACKING, UNKNOWN_NAME, Weights

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

#: More than all words of a claim tell: a name or country that two claims share.
_NAMED = 1e4


@dataclass(frozen=True, slots=True)
class Possible:
    """Claims by their place in their articles, the highest score that they may have, and
    whether they state one value.
    """

    mine: int
    article: int
    theirs: int
    at_most: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class _Shares:
    """Of words that stand for something in a claim how many stand in the other, by rarity."""

    mine: Array
    theirs: Array


class Shelf:
    """The claims of articles, given by their keys as `packed`; `rarity` as of a `Finder`."""

    def __init__(
        self, kept: Mapping[int, bytes], rarity: Mapping[str, float], weights: Weights
    ) -> None:
        import numpy as np

        self._weights = weights
        known = np.array([number_of(word) for word in rarity], np.uint32)
        order = np.argsort(known)
        self._known = known[order]
        self._rarity = np.array(list(rarity.values()), np.float64)[order]
        self._least_told = max(rarity.values(), default=0.0)
        self._lay_out(kept)

    def _lay_out(self, kept: Mapping[int, bytes]) -> None:
        """Claims sorted by family; the places of a word in a family's claims side by side."""
        import numpy as np

        parts = [unpacked(kept[key]) for key in kept]
        none = (np.empty(0, HEAD), np.empty(0, np.uint32), np.empty(0, np.uint8))
        heads, words, roles = (
            np.concatenate([one[at] for one in (none, *parts)]) for at in range(3)
        )
        counts = [len(one[0]) for one in parts]
        articles = np.repeat(np.array(list(kept), np.int64), counts)
        numbers = np.concatenate([np.arange(count) for count in (0, *counts)])
        owners = np.repeat(np.arange(len(heads)), heads["count"])
        order = np.argsort(heads["family"], kind="stable")
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        self._heads, self._articles, self._numbers = heads[order], articles[order], numbers[order]
        owners = place[owners]
        keys = self._heads["family"][owners].astype(np.uint64) << np.uint64(32) | words
        order = np.argsort(keys, kind="stable")
        self._keys = keys[order]
        self._owners = owners[order].astype(np.int32)
        self._roles = roles[order]
        told = self._told(words[order])
        telling = self._told(words[order], UNKNOWN_NAME) >= COMMON
        self._total = {
            role: np.bincount(
                self._owners, weight * ((self._roles & role) > 0), minlength=len(heads)
            )
            for role, weight in ((SAID, told), (BESIDE, told), (ABOUT, told), (NAME, telling))
        }

    def possible(self, claims: Sequence[Claim], but: int) -> Iterator[Possible]:
        """Pairs with a claim of these, in any article but this."""
        for number, claim in enumerate(claims):
            yield from self._beside(number, claim, but)

    def _beside(self, number: int, claim: Claim, but: int) -> Iterator[Possible]:
        import numpy as np

        family = np.uint32(number_of(claim.family))
        first = int(np.searchsorted(self._heads["family"], family, side="left"))
        last = int(np.searchsorted(self._heads["family"], family, side="right"))
        if first == last:
            return
        asked = self._asked(claim, first)
        told = np.bincount(
            asked.owners,
            asked.rarity * (asked.both(SAID, AROUND) | asked.both(AROUND, SAID))
            + _NAMED * asked.named,
            minlength=last - first,
        )
        # What is told apart by words is most, and cheap to tell.
        at = np.nonzero(told >= self._least_told - 1e-9)[0]
        heads = self._heads[first + at]
        may = self._is_alike(claim, heads) & (self._articles[first + at] != but)
        agrees = _agrees(claim, heads)
        if claim.family == HOLDS:
            may &= ~agrees
        at, heads, agrees = at[may], heads[may], agrees[may]
        scores = self._at_most(claim, asked.among(at, last - first), heads, first + at)
        for found in np.nonzero(scores >= self._weights.enough - 1e-6)[0]:
            one = first + at[found]
            yield Possible(
                number,
                int(self._articles[one]),
                int(self._numbers[one]),
                float(scores[found]),
                bool(agrees[found]),
            )

    def _asked(self, claim: Claim, first: int) -> _Asked:
        """The places of the claim's words among the claims of its family."""
        import numpy as np

        words = words_of(claim)
        numbers = np.array(list(words), np.uint64)
        keys = np.uint64(number_of(claim.family)) << np.uint64(32) | numbers
        starts = np.searchsorted(self._keys, keys, side="left")
        counts = np.searchsorted(self._keys, keys, side="right") - starts
        rarity = self._told(numbers.astype(np.uint32))
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        at = np.repeat(starts, counts) + steps
        return _Asked(
            np.array(list(words.values()), np.uint8),
            rarity,
            self._told(numbers.astype(np.uint32), UNKNOWN_NAME) >= COMMON,
            np.repeat(np.arange(len(numbers)), counts),
            self._owners[at] - first,
            self._roles[at],
        )

    def _at_most(self, claim: Claim, asked: _Asked, heads: Array, at: Array) -> Array:
        """The scores that they had if they meant the same."""
        import numpy as np

        weights = self._weights

        def shares(role: int, empty: float) -> _Shares:
            mine, total = asked.total(role), self._total[role][at]
            here = asked.sums(role, AROUND, len(at))
            there = asked.sums(AROUND, role, len(at))
            return _Shares(
                here / mine if mine else np.full(len(at), empty),
                np.divide(there, total, out=np.full(len(at), empty), where=total > 0),
            )

        said, beside, about = shares(SAID, 0.0), shares(BESIDE, 0.5), shares(ABOUT, 1.0)
        distance = np.abs(np.log((claim.high + 1e-6) / (heads["high"] + 1e-6)))
        kind = number_of(claim.amount.kind if claim.amount is not None else "")
        found: Array = (
            weights.start
            + weights.meaning
            + weights.likeness
            + weights.words * np.maximum(said.mine, said.theirs)
            + weights.beside * (beside.mine + beside.theirs) / 2
            + weights.about * (about.mine + about.theirs) / 2
            + weights.name * np.minimum(self._lacking(asked, at), MOST_LACKING)
            + weights.unit * (heads["kind"] == kind)
        )
        if claim.family != HOLDS:
            found = found + weights.far * (distance > FAR)
        if claim.is_row:
            found = found + weights.rows * ((heads["is"] & ROW) > 0)
        return found

    def _lacking(self, asked: _Asked, at: Array) -> Array:
        """How many names of the one the other does not say, both ways."""
        names = float((asked.is_telling & ((asked.own & NAME) > 0)).sum())
        here = asked.sums(NAME, SPOKEN, len(at), asked.is_telling)
        there = asked.sums(SPOKEN, NAME, len(at), asked.is_telling)
        found: Array = names - here + self._total[NAME][at] - there
        return found

    def _told(self, words: Array, unknown: float = USUAL) -> Array:
        import numpy as np

        if not len(self._known):
            return np.full(len(words), unknown)
        at = np.minimum(np.searchsorted(self._known, words), len(self._known) - 1)
        return np.where(self._known[at] == words, self._rarity[at], unknown)

    @staticmethod
    def _is_alike(claim: Claim, heads: Array) -> Array:
        """Not told apart by what they are, nor a point within a range."""
        told = THRESHOLD * claim.is_threshold | SEASONAL * claim.is_seasonal
        low, high = heads["low"], heads["high"]
        is_in = (claim.low == claim.high) & (low < claim.low) & (claim.low <= high)
        has_it = (low == high) & (claim.low < low) & (low <= claim.high)
        alike: Array = ((heads["is"] & (THRESHOLD | SEASONAL)) == told) & ~is_in & ~has_it
        return alike


@dataclass(frozen=True, slots=True)
class _Asked:
    """A claim's words, and for each claim that has one of them: which, whose, and what it is."""

    own: Array
    rarities: Array
    is_telling: Array
    words: Array
    owners: Array
    roles: Array

    @property
    def rarity(self) -> Array:
        return self.rarities[self.words]

    @property
    def named(self) -> Array:
        """Names of the one that the other says, and countries of both."""
        own = self.own[self.words]
        is_name = ((own & NAME) > 0) & ((self.roles & SPOKEN) > 0)
        is_name |= ((own & SPOKEN) > 0) & ((self.roles & NAME) > 0)
        found: Array = is_name & self.is_telling[self.words] | self.both(PLACE, PLACE)
        return found

    def both(self, mine: int, theirs: int) -> Array:
        found: Array = ((self.own[self.words] & mine) > 0) & ((self.roles & theirs) > 0)
        return found

    def total(self, role: int) -> float:
        return float((self.rarities * ((self.own & role) > 0)).sum())

    def sums(self, mine: int, theirs: int, count: int, weights: Array | None = None) -> Array:
        """By claim: how much the words tell that are the one to this and the other to it."""
        import numpy as np

        weighed = (self.rarities if weights is None else weights)[self.words]
        return np.bincount(self.owners, weighed * self.both(mine, theirs), minlength=count)

    def among(self, chosen: Array, count: int) -> _Asked:
        """Of these claims alone, numbered anew."""
        import numpy as np

        number = np.full(count, -1, np.int64)
        number[chosen] = np.arange(len(chosen))
        owners = number[self.owners]
        kept = owners >= 0
        return _Asked(
            self.own, self.rarities, self.is_telling, self.words[kept], owners[kept],
            self.roles[kept],
        )  # fmt: skip


def _agrees(claim: Claim, heads: Array) -> Array:
    """As `pairs.agree`."""
    import numpy as np

    found: Array = (heads["low"] == claim.low) & (heads["high"] == claim.high)
    if claim.family == "time":
        is_near = np.ones(len(heads), bool)
        for name, own in (("low", claim.low), ("high", claim.high)):
            is_near &= np.abs(heads[name] - own) <= NEARLY * np.maximum(heads[name], own)
        found |= is_near
    return found
