"""Do clusters of unanswered questions follow their intents, and stay the same when more come?"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from qa_engine.evaluation.squad import LabelledQuestion
from qa_engine.protocols import Embedder
from qa_engine.suggesting import gaps

#: Of the questions, how many come later.
LATER = 0.1


def measure_gaps(
    questions: Sequence[LabelledQuestion], *, embedder: Embedder, seed: int
) -> dict[str, float]:
    """Figures of the clusters, and of two baselines on the same questions."""
    import numpy as np
    from sklearn.cluster import HDBSCAN, KMeans

    gold = [one.label for one in questions]
    vectors = embedder.embed_queries([one.text for one in questions])
    matrix = np.asarray(vectors, dtype=np.float32)
    intents = len(set(gold))
    labels = _labels(gaps.group(vectors), len(vectors))
    figures = _quality("", gold, labels)
    means = KMeans(intents, n_init=3, random_state=seed).fit_predict(matrix).tolist()
    figures |= _quality("kmeans_true_k_", gold, means)
    plain = HDBSCAN(min_cluster_size=5, copy=True).fit_predict(matrix).tolist()
    figures |= _quality("hdbscan_", gold, plain)
    figures |= _identity(vectors, gold, seed)
    return figures | {"questions": float(len(gold)), "intents": float(intents)}


def _identity(vectors: Sequence[Any], gold: Sequence[str], seed: int) -> dict[str, float]:
    """Nine in ten questions first; then the others. Kept: same cluster, by the same key.

    `identity_kept` is the share of pairs (question, cluster) of the first night that hold
    after the second; clustering anew is matched to the first night as well as it can be.
    """
    order = list(range(len(vectors)))
    Random(seed).shuffle(order)  # no secret
    first = sorted(order[int(len(order) * LATER) :])
    later = sorted(order[: int(len(order) * LATER)])
    before = _labels(gaps.group([vectors[n] for n in first]), len(first))
    known = _kept([vectors[n] for n in first], before)
    waiting = [n for n, label in zip(first, before, strict=True) if label < 0]
    night = [*waiting, *later]
    grouped = gaps.group([vectors[n] for n in night], known)
    after = {n: label for n, label in zip(first, before, strict=True) if label >= 0}
    fresh = len(known)
    after |= {night[at]: key for at, key in grouped.joined.items()}
    for number, members in enumerate(grouped.new):
        after |= {night[at]: fresh + number for at in members}
    anew = _labels(gaps.group(vectors), len(vectors))
    return {
        "identity_kept": _same_name(first, before, [after.get(n, -1) for n in first]),
        "identity_kept_clustering_anew": _same_name(
            first, before, _matched(before, [anew[n] for n in first])
        ),
        **_quality("after_adding_", gold, [after.get(n, -1) for n in range(len(vectors))]),
    }


def _kept(vectors: Sequence[Any], labels: Sequence[int]) -> list[gaps.Kept]:
    known = []
    for key in sorted({label for label in labels if label >= 0}):
        mine = [v for v, label in zip(vectors, labels, strict=True) if label == key]
        known.append(gaps.Kept(key, gaps.centroid(mine), len(mine)))
    return known


def _same_name(numbers: Sequence[int], before: Sequence[int], after: Sequence[int]) -> float:
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one >= 0]
    return sum(one == other for one, other in pairs) / max(len(pairs), 1)


def _matched(before: Sequence[int], after: Sequence[int]) -> list[int]:
    """Each new cluster takes the name of the old one it has most of, if none took it."""
    shared: dict[tuple[int, int], int] = {}
    for old, new in zip(before, after, strict=True):
        if old >= 0 and new >= 0:
            shared[old, new] = shared.get((old, new), 0) + 1
    name: dict[int, int] = {}
    for old, new in sorted(shared, key=lambda pair: -shared[pair]):
        if new not in name and old not in name.values():
            name[new] = old
    return [name.get(label, -2) for label in after]


def _labels(grouped: gaps.Grouped, count: int) -> list[int]:
    labels = [-1] * count
    for key, members in enumerate(grouped.new):
        for number in members:
            labels[number] = key
    return labels


def _quality(name: str, gold: Sequence[str], labels: Sequence[int]) -> dict[str, float]:
    """A question without a cluster counts as a cluster of its own for NMI and ARI."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    single = [label if label >= 0 else -number - 1 for number, label in enumerate(labels)]
    clusters = {label for label in labels if label >= 0}
    right = 0
    for cluster in clusters:
        mine = [intent for intent, label in zip(gold, labels, strict=True) if label == cluster]
        right += max(mine.count(intent) for intent in set(mine))
    placed = sum(label >= 0 for label in labels)
    return {
        f"{name}nmi": float(normalized_mutual_info_score(gold, single)),
        f"{name}ari": float(adjusted_rand_score(gold, single)),
        f"{name}purity": right / max(placed, 1),
        f"{name}noise": 1 - placed / max(len(labels), 1),
        f"{name}clusters": float(len(clusters)),
    }
