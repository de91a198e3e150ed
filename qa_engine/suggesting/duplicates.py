"""Articles that say the same: which may, which do, and one text for both. Imports no Django.

Which may is asked of an index: MinHash over pairs of neighbouring words (Broder, 1997), cut
into bands, of which articles that share a third of their pairs have one in common. Which do
is a matter of paragraphs: nearly all of the shorter article's stand in the other one. Pages of
two products, countries or versions are alike and not the same; names and numbers tell.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from knowledge.paragraphs import Paragraph, paragraphs
from qa_engine.grounding.facts import names as names_in
from qa_engine.names import models, places
from qa_engine.sentences import plain
from qa_engine.suggesting.amounts import amounts
from qa_engine.text import content_stems, stem, words

#: Names this code in what it found; raise it to have every article looked at again.
RECIPE = 2

BANDS, ROWS = 32, 2
_PRIME = (1 << 61) - 1
_chance = random.Random(18)  # no secret: the same functions on every machine
_HASHES = [(_chance.randrange(1, _PRIME), _chance.randrange(_PRIME)) for _ in range(BANDS * ROWS)]

#: Of a paragraph's words, the part that another one must have to say it too.
SAYS_IT = 0.6
#: Of the shorter article's words, the part in paragraphs that the other one says too.
ENOUGH = 0.8
#: Shorter articles are too short to tell.
FEWEST_WORDS = 25
#: A paragraph of so many articles more is a formula of the house, and proves nothing.
FORMULA = 2
#: Of the paragraphs that both have, the part that may state other numbers.
OTHER_NUMBERS = 0.25


@dataclass(frozen=True)
class Page:
    """An article as it is compared."""

    key: int
    title: str
    body: str

    @cached_property
    def told(self) -> tuple[Line, ...]:
        return tuple(line for one in paragraphs(self.body) if (line := _line(one)).stems)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Of the title: versions, codes, years."""
        return frozenset(w for w in words(self.title) if any(char.isdigit() for char in w))

    @cached_property
    def names(self) -> frozenset[str]:
        """Of the title: places, products with their numbers."""
        return frozenset({" ".join(one) for one in models(self.title)}) | places(self.title)

    @cached_property
    def title_names(self) -> frozenset[str]:
        """Words of the title that the text writes with a capital within sentences."""
        return self.title_stems & frozenset(names_in(" ".join(plain(self.body).split())))

    @cached_property
    def title_stems(self) -> frozenset[str]:
        return content_stems(self.title)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Of all that it says."""
        return self.title_stems.union(*(line.stems for line in self.told))


@dataclass(frozen=True)
class Line:
    """A paragraph, a list item, a row or a heading, by its words."""

    paragraph: Paragraph
    stems: frozenset[str]
    numbers: frozenset[tuple[object, ...]]
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Twins:
    """Two pages that say the same: `kept` says it all or nearly so, `gone` may go."""

    kept: Page
    gone: Page
    share: float
    # Paragraphs that state other numbers than their like: (kept's, gone's).
    differing: tuple[tuple[str, str], ...]


def bands(page: Page) -> list[int]:
    """The page's place in the index: 32 signed 32-bit numbers; empty where it says too little."""
    told = [stem(word) for word in words(plain(f"{page.title}. {page.body}"))]
    if len(told) < FEWEST_WORDS:
        return []
    pairs = {zlib.crc32(" ".join(pair).encode()) for pair in pairwise(told)}
    least = _least(pairs)
    found = []
    for band in range(BANDS):
        rows = ",".join(map(str, least[band * ROWS : (band + 1) * ROWS]))
        found.append(zlib.crc32(f"{band}:{rows}".encode()) - (1 << 31))
    return found


def _least(pairs: Set[int]) -> list[int]:
    """Of each hash function the least value. The same with numpy, a tenth of the time."""
    try:
        import numpy as np  # with the models, which the web tier has not
    except ImportError:
        return [min((a * one + b) % _PRIME for one in pairs) for a, b in _HASHES]
    # a·x + b modulo 2⁶¹ - 1 in 64 bits: a in two halves, the upper one's product turned by 32.
    given = np.fromiter(pairs, np.uint64, len(pairs))[None, :]
    a, b = np.array(_HASHES, np.uint64).T[:, :, None]
    low, turn, prime = np.uint64(32), np.uint64(29), np.uint64(_PRIME)
    upper = (a >> low) * given % prime
    upper = ((upper & np.uint64((1 << 29) - 1)) << low) + (upper >> turn)
    lower = (a & np.uint64(0xFFFFFFFF)) * given % prime
    return [int(least) for least in ((upper % prime + lower + b) % prime).min(axis=1)]


def formulas(page: Page, others: Sequence[Page]) -> frozenset[str]:
    """Names of the page's paragraphs that so many of the others have that they prove nothing."""
    seen: Counter[str] = Counter()
    for other in others:
        seen.update({line.paragraph.key for line in other.told})
    own = {line.paragraph.key for line in page.told}
    return frozenset(key for key in own if seen[key] >= FORMULA)


def twins(one: Page, other: Page, ignored: frozenset[str] = frozenset()) -> Twins | None:
    """The two, if they say the same; `ignored` are names of paragraphs that do not count."""
    if _is_of_another_thing(one, other):
        return None
    gone, kept = sorted((one, other), key=lambda page: (_length(page), -page.key))
    told = [line for line in gone.told if line.paragraph.key not in ignored]
    total = sum(len(line.stems) for line in told if not line.is_heading)
    if total < FEWEST_WORDS:
        return None
    said = 0
    numbered, differing = 0, []
    for line in told:
        found = nearest(line, kept.told)
        if found is None or line.is_heading:
            continue
        said += len(line.stems)
        numbered += bool(line.numbers and found.numbers)
        if line.numbers and found.numbers and line.numbers != found.numbers:
            differing.append((found.paragraph.text, line.paragraph.text))
    share = said / total
    is_same_title = one.title_stems == other.title_stems
    if share < ENOUGH or (
        differing and not is_same_title and len(differing) > OTHER_NUMBERS * numbered
    ):
        return None
    if places(plain(one.body)) ^ places(plain(other.body)) and not is_same_title:
        return None
    return Twins(kept, gone, round(share, 3), tuple(differing))


def _is_of_another_thing(one: Page, other: Page) -> bool:
    """Whether the titles name two things of a kind, as "critical" and "warning alert" do."""
    if one.names != other.names or (one.numbers - other.numbers and other.numbers - one.numbers):
        return True
    mine, theirs = one.title_stems - other.title_stems, other.title_stems - one.title_stems
    if (one.title_names & mine) - other.stems or (other.title_names & theirs) - one.stems:
        return True
    if not (mine and theirs):
        return False
    shared = len(one.title_stems & other.title_stems)
    is_one_pattern = shared > max(len(mine), len(theirs))
    return is_one_pattern or bool(mine - other.stems and theirs - one.stems)


def nearest(line: Line, others: Sequence[Line]) -> Line | None:
    """The paragraph of the others that says it, too, best of all."""
    best, found = 0.0, None
    for other in others:
        if other.is_heading != line.is_heading:
            continue
        both = len(line.stems & other.stems)
        # What says more is as good, but the one that says no more is better.
        near = both / len(line.stems) + 0.01 * both / len(other.stems)
        if near > best:
            best, found = near, other
    return found if best >= SAYS_IT else None


def merged(pair: Twins) -> str:
    """The kept text, with each paragraph of the other that it lacks behind the like of its
    neighbour. What both say with other numbers stays as the kept one has it.
    """
    after: dict[int, list[str]] = {}
    place = -1
    starts = [line.paragraph.start for line in pair.kept.told]
    heading: Line | None = None
    for line in pair.gone.told:
        found = nearest(line, pair.kept.told)
        if found is not None:
            place, heading = starts.index(found.paragraph.start), None
        elif line.is_heading:
            heading = line
        elif _is_row(line):
            continue  # a row without its table says nothing
        else:
            if heading is not None:  # what it stands under comes with it, once
                place = _end_of_section(pair.kept.told, place)
                after.setdefault(place, []).append(f"\n{heading.paragraph.text}\n")
                heading = None
            after.setdefault(place, []).append(line.paragraph.text)
    return _written(pair.kept, after)


def _written(page: Page, after: dict[int, list[str]]) -> str:
    body, at = [], 0
    for number in [-1, *range(len(page.told))]:
        end = page.told[number].paragraph.end if number >= 0 else 0
        body.append(page.body[at:end])
        at = end
        previous = page.told[number].paragraph.text if number >= 0 else ""
        for text in after.get(number, ()):
            is_list = _is_item(text) and (_is_item(previous) or not previous)
            body.append(("\n" if is_list else "\n\n") + text.strip("\n"))
            previous = text
        if number == -1 and after.get(-1):
            body.append("\n\n")
    body.append(page.body[at:])
    return "".join(body).lstrip("\n")


def _end_of_section(told: Sequence[Line], place: int) -> int:
    """The last paragraph before the next heading."""
    for number in range(place + 1, len(told)):
        if told[number].is_heading:
            return number - 1
    return len(told) - 1


def _line(one: Paragraph) -> Line:
    text = plain(one.text)
    return Line(
        one,
        content_stems(text),
        frozenset((found.kind, found.low, found.high) for found in amounts(text)),
        one.text.lstrip().startswith("#"),
    )


def _length(page: Page) -> int:
    return sum(len(line.stems) for line in page.told)


def _is_item(text: str) -> bool:
    return text.lstrip().startswith(("- ", "* ", "+ ")) or text.lstrip()[:1].isdigit()


def _is_row(line: Line) -> bool:
    return line.paragraph.text.lstrip().startswith("|")
