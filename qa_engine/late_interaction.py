"""Each word of a question against each word of a passage, as the encoder understands them.

One vector for a whole passage cannot say everything in it; BM25 knows only words that are the
same. Late interaction (Khattab and Zaharia, ColBERT, 2020) takes for each token of the question
the nearest token of the passage, and the mean of these cosines. Tokens were encoded when the
passage was, so that it costs a few milliseconds for the passages that come first anyway. numpy is
imported by the calls: the web tier does without.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from qa_engine.arrays import literal
from qa_engine.models import EmbeddingIndex
from qa_engine.proximity import LOOKED_AT, Ranked

if TYPE_CHECKING:
    import numpy as np

#: What the mean of the nearest tokens' cosines counts beside the lanes: for a pointed question,
#: and for a long description. See docs/adr/0030 for what they were chosen on.
POINTED, DESCRIBING = 1.0, 0.1
#: What it is called among a candidate's scores.
LANE = "tokens"

_TOKENS = """
SELECT passage_id, tokens FROM qa_engine_passageembedding
WHERE index_id = %s AND passage_id = ANY(%s::bigint[]) AND tokens IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Words:
    """A question's tokens, `width` bytes each, and how pointed it is: 1 … 0 for a description."""

    tokens: bytes
    points: float

    @property
    def weight(self) -> float:
        return DESCRIBING + self.points * (POINTED - DESCRIBING)


def nearest_words(tokens: bytes, passages: Sequence[bytes], width: int) -> list[float | None]:
    """For each passage the mean, over the question's tokens, of the best cosine with one of its.

    None for a passage without tokens, and for all where the question has none.
    """
    import numpy as np

    known = [at for at, one in enumerate(passages) if one]
    found: list[float | None] = [None] * len(passages)
    if not tokens or not known:
        return found
    lengths = [len(passages[at]) // width for at in known]
    starts = np.cumsum([0, *lengths[:-1]])
    cosines = _matrix(b"".join(passages[at] for at in known), width) @ _matrix(tokens, width).T
    best = np.maximum.reduceat(cosines, starts, axis=0).mean(axis=1)
    for at, score in zip(known, best.tolist(), strict=True):
        found[at] = score
    return found


def word_by_word(
    asked: Sequence[Words], rankings: Sequence[Ranked], index: EmbeddingIndex | None
) -> list[Ranked]:
    """The rankings once more: of each the first ones, those with the nearest words before."""
    if index is None or not index.token_width or not any(one.tokens for one in asked):
        return list(rankings)
    kept = _tokens(index, {one for ranked in rankings for one, _, _ in ranked[:LOOKED_AT]})
    return [
        _again(one, ranked, kept, index.token_width) if one.tokens and ranked else ranked
        for one, ranked in zip(asked, rankings, strict=True)
    ]


def _again(asked: Words, ranked: Ranked, kept: Mapping[int, bytes], width: int) -> Ranked:
    first, rest = ranked[:LOOKED_AT], ranked[LOOKED_AT:]
    nearest = nearest_words(asked.tokens, [kept.get(one, b"") for one, _, _ in first], width)
    known = [score for score in nearest if score is not None]
    # What has no tokens yet is neither better nor worse for it.
    usual = sum(known) / len(known) if known else 0.0
    again = []
    for (passage_id, score, lanes), own in zip(first, nearest, strict=True):
        near = usual if own is None else own
        again.append((passage_id, score + asked.weight * near, {**lanes, LANE: near}))
    again.sort(key=lambda one: (-one[1], one[0]))
    # What was not looked at stays behind what was.
    least = again[-1][1]
    return again + [(one, min(score, least), lanes) for one, score, lanes in rest]


def _tokens(index: EmbeddingIndex, passages: Collection[int]) -> dict[int, bytes]:
    """One statement for all."""
    if not passages:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_TOKENS, [index.pk, literal(passages)])
        return {passage_id: bytes(tokens) for passage_id, tokens in cursor.fetchall()}


def _matrix(tokens: bytes, width: int) -> np.ndarray:
    """Rows of length one, but for rounding."""
    import numpy as np

    return np.frombuffer(tokens, dtype=np.int8).reshape(-1, width).astype(np.float32) / 127
