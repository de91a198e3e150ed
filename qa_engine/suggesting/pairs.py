"""Two claims side by side: whether they agree, what tells them apart, what they add up to.

Imports no Django.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qa_engine.names import places
from qa_engine.suggesting.claims import Claim

#: A month is nearly 30 days, and that is near enough to agree.
NEARLY = 0.06
_UNION = re.compile(r"\bEU\b")


@dataclass(frozen=True, slots=True)
class Match:
    """Two claims of one matter."""

    mine: Claim
    theirs: Claim
    score: float
    agrees: bool


@dataclass(frozen=True)
class Contradiction:
    """A value that one article states, and another that the other states, with their places."""

    mine: tuple[Claim, ...]
    theirs: tuple[Claim, ...]
    score: float
    # How many other articles say what this one says, and what the other one says.
    for_mine: int = 0
    for_theirs: int = 0

    @property
    def other(self) -> object:
        return self.theirs[0].stretch.key


def agree(one: Claim, other: Claim) -> bool:
    """Whether both state the same value, however it is written."""
    if (one.low, one.high) == (other.low, other.high):
        return True
    if one.family != "time":
        return False
    pairs = ((one.low, other.low), (one.high, other.high))
    return all(abs(a - b) <= NEARLY * max(a, b) for a, b in pairs)


def is_inside(one: Claim, other: Claim) -> bool:
    """A value within a range: "7 days" does not contradict "within 1 to 7 days"."""
    for point, span in ((one, other), (other, one)):
        if point.low == point.high and span.low < span.high:
            return span.low < point.low <= span.high
    return False


def has_other_conditions(one: Claim, other: Claim) -> bool:
    mine, theirs = one.conditions, other.conditions
    return any(not mine[family] & theirs[family] for family in mine.keys() & theirs.keys())


def have_other_codes(one: Claim, other: Claim) -> bool:
    """Both name articles, parts or orders by their codes, and none of them is the same."""
    return bool(one.codes and other.codes) and not one.codes & other.codes


def is_elsewhere(one: Claim, other: Claim) -> bool:
    """It names countries, and the other none of them, nor a union that they are in."""
    return (
        bool(one.places)
        and not one.places & places(other.context)
        and not _UNION.search(other.context)
    )


def unexplained(matches: Iterable[Match], told: Iterable[Claim]) -> Iterator[Match]:
    """Without those whose two sentences agree on the one value or the other; `told` is all that
    the texts claim.
    """
    said: defaultdict[tuple[object, ...], list[Claim]] = defaultdict(list)
    for claim in told:
        said[_place(claim)].append(claim)

    def says(place: Claim, value: Claim) -> bool:
        return any(c.family == value.family and agree(c, value) for c in said[_place(place)])

    for match in matches:
        one, other = match.mine, match.theirs
        if match.agrees or not (says(other, one) or says(one, other)):
            yield match


def _place(claim: Claim) -> tuple[object, ...]:
    return claim.stretch.key, claim.stretch.field, claim.stretch.start


def grouped(matches: Iterable[Match]) -> Iterator[Contradiction]:
    """Of one other article: the claims that contradict, value against value.

    A claim that the other article states better elsewhere, and just so, does not contradict it.
    """
    ranked = sorted(matches, key=lambda match: -match.score)
    settled: dict[tuple[bool, Claim], object] = {}
    groups: dict[object, list[Match]] = {}
    for match in ranked:
        values = None if match.agrees else (_value(match.mine), _value(match.theirs))
        ends = ((True, match.mine), (False, match.theirs))
        if match.agrees or all(settled.get(end, values) == values for end in ends):
            for end in ends:
                settled.setdefault(end, values)
            if values is not None:
                groups.setdefault(values, []).append(match)
    for group in groups.values():
        yield Contradiction(
            tuple(dict.fromkeys(match.mine for match in group)),
            tuple(dict.fromkeys(match.theirs for match in group)),
            group[0].score,
        )


def _value(claim: Claim) -> tuple[object, ...]:
    return claim.family, claim.low, claim.high


def counted(
    one: Contradiction,
    found: Sequence[Contradiction],
    agreeing: Mapping[Claim, set[object]],
) -> Contradiction:
    """With how many articles each side has behind it."""
    for_mine = {key for claim in one.mine for key in agreeing.get(claim, ())}
    for_theirs = {
        other.other
        for other in found
        if set(other.mine) & set(one.mine) and agree(other.theirs[0], one.theirs[0])
    }
    return replace(
        one, for_mine=len(for_mine - {one.other}), for_theirs=len(for_theirs - {one.other})
    )
