"""Where the fragments of one edit go, and which words give way to each. Pure.

Every spot of the article is scored for every fragment by signs with learnt coefficients
(`laying.json`, by `manage.py fit_editor`). What an edit adds stands in the article in the
order it is told, mostly close together: so each fragment's place is chosen by its share of all
rows of spots in that order (forward and backward sums), not by its own score alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from itertools import pairwise
from math import exp, log, log1p
from operator import mul
from pathlib import Path

from qa_engine.suggesting.locating import Ranked
from qa_engine.suggesting.pages import Page
from qa_engine.suggesting.signs import (
    PLACE_SIGNS,
    SPAN_SIGNS,
    Fragment,
    Placed,
    place_signs,
    span_signs,
)

LAYING = Path(__file__).with_name("laying.json")
ORDER_SIGNS = ("gap", "log_gap", "same_block", "blocks", "log_blocks")
#: More words than these give way only up to the end of a sentence, and never more than that.
_SIZES, _MOST = 5, 40
#: Spots that are held for each fragment, besides the best of each paragraph.
HELD = 80
#: Words give way only in so many of the paragraphs that fit best.
_DEPTH = 15
#: A word goes where it is so likely that it does.
SURE = 0.35
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Spot:
    """The fragment goes before word `at`, and `size` words give way."""

    at: int
    size: int
    block: int
    score: float

    @property
    def end(self) -> int:
        return self.at + self.size


@dataclass(frozen=True, slots=True)
class Coefficients:
    place: Sequence[float]
    span: Sequence[float]
    order: Sequence[float]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> Coefficients:
        def row(names: Sequence[str]) -> tuple[float, ...]:
            return tuple(weights.get(name, 0.0) for name in names)

        return cls(row(PLACE_SIGNS), row(SPAN_SIGNS), row(ORDER_SIGNS))


@cache
def coefficients() -> Coefficients:
    return Coefficients.of(json.loads(LAYING.read_text(encoding="utf-8"))["weights"])


@dataclass(frozen=True, slots=True)
class Told:
    """A fragment, where the ranking of paragraphs puts it, and what the others bring."""

    fragment: Fragment
    alone: Placed
    joint: Placed
    elsewhere: frozenset[str]


def tell(
    read: Sequence[Fragment], joint: Sequence[Ranked], rank: Callable[[str], Sequence[Ranked]]
) -> list[Told]:
    """The fragments of one edit; `joint` ranks the paragraphs for all of them, `rank` for one."""
    everywhere = Placed.of(joint)
    return [
        Told(
            one,
            Placed.of(rank(one.text)) if len(read) > 1 else everywhere,
            everywhere,
            frozenset(stem for other in read if other is not one for stem in other.stems),
        )
        for one in read
    ]


@dataclass(frozen=True, slots=True)
class Laid:
    """A spot for each fragment, and how many of their words each paragraph likely gets."""

    spots: tuple[Spot, ...]
    paragraphs: Mapping[int, float]


def lay(
    page: Page,
    told: Sequence[Told],
    weights: Coefficients,
    may_replace: Callable[[Fragment, Spot], bool],
) -> Laid:
    """No two spots overlap."""
    choices = [
        [
            spot
            for spot in spots(page, one, weights)
            if not spot.size or may_replace(one.fragment, spot)
        ]
        for one in told
    ]
    taken: list[Spot] = []
    paragraphs: dict[int, float] = defaultdict(float)
    for one, found, shares in zip(told, choices, _shares(choices, weights), strict=True):
        taken.append(_chosen(found, shares, taken))
        for spot, share in zip(found, shares, strict=True):
            paragraphs[spot.block] += share * len(one.fragment.folded)
    return Laid(tuple(taken), paragraphs)


def sizes(page: Page, at: int) -> list[int]:
    """How many words may give way at a spot: within one paragraph."""
    found = [0]
    for size in range(1, min(_MOST, len(page.words) - at) + 1):
        if page.block_of[at + size - 1] != page.block_of[at]:
            break
        stops = page.stops_at(at + size)
        if size <= _SIZES or stops:
            found.append(size)
        if size > _SIZES and stops:
            break
    return found


def spots(page: Page, told: Told, weights: Coefficients, held: int = HELD) -> list[Spot]:
    """The best spots of a fragment in the order of the article; some in each paragraph."""
    bases: dict[tuple[int, bool], float] = {}
    fits: dict[int, float] = defaultdict(lambda: _NEVER)
    for at in range(len(page.words) + 1):
        for replaces in (False, True) if at < len(page.words) else (False,):
            signs = place_signs(page, told.fragment, at, replaces, told.alone, told.joint)
            bases[at, replaces] = base = _dot(weights.place, signs)
            block = page.block_at(at, replaces)
            fits[block] = max(fits[block], base)
    deep = set(nlargest(_DEPTH, fits, key=lambda block: fits[block]))
    found: list[Spot] = []
    best: dict[tuple[int, bool], Spot] = {}
    for at in range(len(page.words) + 1):
        for size in sizes(page, at):
            block = page.block_at(at, size > 0)
            if size and block not in deep:
                continue
            signs = span_signs(page, told.fragment, at, size, told.elsewhere)
            spot = Spot(at, size, block, bases[at, size > 0] + _dot(weights.span, signs))
            found.append(spot)
            kind = block, size > 0
            if kind not in best or spot.score > best[kind].score:
                best[kind] = spot
    kept = {*nlargest(held, found, key=lambda spot: spot.score), *best.values()}
    return sorted(kept, key=lambda spot: (spot.at, spot.size))


def order_signs(gap: int, blocks: int) -> tuple[float, ...]:
    """How far on a spot is from where the last fragment ended."""
    blocks = max(0, blocks)
    return min(gap, 60) / 10, log1p(gap), float(not blocks), min(blocks, 12) / 4, log1p(blocks)


def _shares(choices: Sequence[Sequence[Spot]], weights: Coefficients) -> list[list[float]]:
    """For each fragment how the rows of spots that are in order divide among its spots."""
    if not choices:
        return []
    steps = [_steps(before, now, weights) for before, now in pairwise(choices)]
    forward = [[spot.score for spot in choices[0]]]
    for now, step in zip(choices[1:], steps, strict=True):
        last = forward[-1]
        forward.append(
            [
                spot.score + _log_sum([last[n] + score for n, score in came])
                for spot, came in zip(now, step, strict=True)
            ]
        )
    backward = [[0.0] * len(choices[-1])]
    for number in range(len(choices) - 2, -1, -1):
        coming: list[list[float]] = [[] for _ in choices[number]]
        for spot, came, rest in zip(choices[number + 1], steps[number], backward[0], strict=True):
            for n, score in came:
                coming[n].append(score + spot.score + rest)
        backward.insert(0, [_log_sum(scores) for scores in coming])
    return [_normal(ahead, after) for ahead, after in zip(forward, backward, strict=True)]


def _steps(
    before: Sequence[Spot], now: Sequence[Spot], weights: Coefficients
) -> list[list[tuple[int, float]]]:
    """For each spot those of the last fragment that it may follow, with what the step scores."""
    known: dict[tuple[int, int], float] = {}
    found: list[list[tuple[int, float]]] = []
    for spot in now:
        came: list[tuple[int, float]] = []
        for number, last in enumerate(before):
            if last.at > spot.at:
                break
            gap, blocks = spot.at - last.end, spot.block - last.block
            if gap < 0:
                continue
            score = known.get((gap, blocks))
            if score is None:
                score = known[gap, blocks] = _dot(weights.order, order_signs(gap, blocks))
            came.append((number, score))
        found.append(came)
    return found


def _chosen(found: Sequence[Spot], shares: Sequence[float], taken: Sequence[Spot]) -> Spot:
    """In the likeliest paragraph, with those words going that likely go."""
    mass: dict[int, float] = defaultdict(float)
    going: dict[int, float] = defaultdict(float)
    for spot, share in zip(found, shares, strict=True):
        mass[spot.block] += share
        for at in range(spot.at, spot.end):
            going[at] += share
    block = max(mass, key=lambda number: mass[number])
    open_ = [
        (spot, share)
        for spot, share in zip(found, shares, strict=True)
        if not any(_collide(spot, other) for other in taken)
    ] or list(zip(found, shares, strict=True))
    here = [pair for pair in open_ if pair[0].block == block] or open_

    def gain(pair: tuple[Spot, float]) -> tuple[float, float]:
        spot, share = pair
        return sum(going[at] - SURE for at in range(spot.at, spot.end)), share

    return max(here, key=gain)[0]


def _collide(one: Spot, other: Spot) -> bool:
    if not one.size or not other.size:
        point, whole = (one, other) if other.size else (other, one)
        return whole.at < point.at < whole.end
    return one.at < other.end and other.at < one.end


def _log_sum(values: Sequence[float]) -> float:
    if not values:
        return _NEVER
    most = max(values)
    return most + log(sum(exp(value - most) for value in values))


def _normal(ahead: Sequence[float], after: Sequence[float]) -> list[float]:
    sums = [one + other for one, other in zip(ahead, after, strict=True)]
    most = max(sums)
    raw = [exp(one - most) for one in sums]
    total = sum(raw)
    return [one / total for one in raw]


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    total: float = sum(map(mul, weights, values))
    return total
