"""Questions that nobody answered, in clusters that keep their identity. Pure.

A question first goes to the kept cluster whose centroid it is near; only what is left over
is clustered anew (average linkage over cosines, cut at a distance). So a cluster that people
have seen stays the same one from night to night, and a night costs as much as is new.
Parameters were chosen on one half of Banking77's intents: see docs/adr/0015.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from qa_engine.protocols import Vector
from qa_engine.text import word_count

#: Average linkage needs a matrix of n² distances: the newest so many are clustered at once.
MOST_AT_ONCE = 4000
#: Names are short; the most central of the questions of at most so many words.
NAME_WORDS = 14


@dataclass(frozen=True, slots=True)
class Clustering:
    """How near is near. Distances are 1 - cosine."""

    cut: float = 0.45
    # A question joins a kept cluster this near to its centroid.
    join: float = 0.38
    # Fewer questions than this are no gap yet.
    smallest: int = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """A cluster of an earlier night: the mean of its members' vectors, and how many."""

    key: int
    centroid: Vector
    size: int


@dataclass(frozen=True, slots=True)
class Grouped:
    """Which question (by number) is in which kept cluster, which make new ones, which none."""

    joined: Mapping[int, int]
    new: tuple[tuple[int, ...], ...]
    alone: tuple[int, ...]


def group(
    vectors: Sequence[Vector],
    kept: Sequence[Kept] = (),
    clustering: Clustering | None = None,
    *,
    opens: bool = True,
) -> Grouped:
    """Vectors have length one. Those past MOST_AT_ONCE that join nothing stay alone.

    Without `opens` none of them makes a new cluster, and none is compared with another.
    """
    rules = clustering or Clustering()
    joined = _joined(vectors, kept, rules)
    left = [number for number in range(len(vectors)) if number not in joined]
    if not opens:
        return Grouped(joined, (), tuple(left))
    tried = left[-MOST_AT_ONCE:]
    found: dict[int, list[int]] = defaultdict(list)
    for number, label in zip(tried, _labels([vectors[n] for n in tried], rules), strict=True):
        found[label].append(number)
    new = tuple(tuple(one) for one in found.values() if len(one) >= rules.smallest)
    taken = {number for one in new for number in one}
    return Grouped(joined, new, tuple(number for number in left if number not in taken))


def centroid(vectors: Sequence[Vector]) -> list[float]:
    """The mean, of length one."""
    mean = [sum(column) / len(vectors) for column in zip(*vectors, strict=True)]
    length = sqrt(sum(value * value for value in mean)) or 1.0
    return [value / length for value in mean]


def merged(kept: Kept, vectors: Sequence[Vector]) -> list[float]:
    """The centroid after these have joined. Each member counts once, whenever it came."""
    columns = zip(kept.centroid, *vectors, strict=True)
    total = [value * kept.size + sum(others) for value, *others in columns]
    length = sqrt(sum(value * value for value in total)) or 1.0
    return [value / length for value in total]


def most_central(texts: Sequence[str], vectors: Sequence[Vector]) -> int:
    """The number of the question that says best what all of them ask, short ones first."""
    middle = centroid(vectors)
    nearness = [sum(a * b for a, b in zip(one, middle, strict=True)) for one in vectors]
    short = [at for at, text in enumerate(texts) if 3 <= word_count(text) <= NAME_WORDS]
    return max(short or range(len(texts)), key=lambda at: (nearness[at], -at))


def _joined(vectors: Sequence[Vector], kept: Sequence[Kept], rules: Clustering) -> dict[int, int]:
    if not kept or not vectors:
        return {}
    import numpy as np  # with the models, which the web tier has not

    near = (
        np.asarray(vectors, dtype=np.float32)
        @ np.asarray([one.centroid for one in kept], dtype=np.float32).T
    )
    best = near.argmax(axis=1)
    return {
        number: kept[int(at)].key
        for number, at in enumerate(best)
        if near[number, at] >= 1 - rules.join
    }


def _labels(vectors: Sequence[Vector], rules: Clustering) -> list[int]:
    if len(vectors) < 2:
        return list(range(len(vectors)))
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    distances = pdist(np.asarray(vectors, dtype=np.float32), "cosine")
    tree = linkage(np.nan_to_num(distances, copy=False, nan=1.0), "average")
    return [int(label) for label in fcluster(tree, rules.cut, "distance")]
