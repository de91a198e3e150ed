"""Retrieval over a knowledge base that differs from the indexed one, without writing to it.

What is hidden is dropped from what the index proposes; what is shown instead is cut,
embedded and scored here by the same two lanes, so that both compete on equal terms. Word
statistics stay those of the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.types import Viewer
from qa_engine import indexable
from qa_engine.indexing import mixed
from qa_engine.late_interaction import LANE, Words, nearest_words
from qa_engine.lexical import lexical_queries
from qa_engine.lexical_query import LexicalQuery
from qa_engine.models import EmbeddingIndex
from qa_engine.plans import planned_passages
from qa_engine.protocols import Encoded, Encoder, Retriever
from qa_engine.proximity import Places, Pointed, moved
from qa_engine.questions_encoded import QuestionEncoder
from qa_engine.registry import embedder_for
from qa_engine.replaying.values import Overlay, Shown
from qa_engine.retrieval import LANE_WEIGHTS
from qa_engine.search_vectors import TermWeights, term_weights, word_places
from qa_engine.types import Candidate

#: So many more are asked of the index, for those that turn out to be hidden.
DEEPER = 40


@dataclass(frozen=True, slots=True)
class OverlayPassage:
    """A passage that is in no index, with what both lanes know of it."""

    candidate: Candidate
    weights: TermWeights
    encoded: Encoded
    places: Places


@dataclass(frozen=True, slots=True)
class Remembered:
    """Asks the index once what several overlays want to know of it."""

    base: Retriever
    known: dict[tuple[str, Viewer, int], list[Candidate]] = field(default_factory=dict)

    def retrieve(
        self, queries: Sequence[str], *, viewer: Viewer, top_k: int
    ) -> list[list[Candidate]]:
        new = [one for one in dict.fromkeys(queries) if (one, viewer, top_k) not in self.known]
        for query, found in zip(
            new, self.base.retrieve(new, viewer=viewer, top_k=top_k), strict=True
        ):
            self.known[query, viewer, top_k] = found
        return [self.known[query, viewer, top_k] for query in queries]

    def rarity(self, words: Sequence[str], *, viewer: Viewer) -> dict[str, float]:
        return self.base.rarity(words, viewer=viewer)


@dataclass(frozen=True, slots=True)
class OverlayRetriever:
    """The overlay's texts are for every viewer: whoever makes it leaves out what is not."""

    base: Retriever
    overlay: Overlay

    def retrieve(
        self, queries: Sequence[str], *, viewer: Viewer, top_k: int
    ) -> list[list[Candidate]]:
        found = self.base.retrieve(queries, viewer=viewer, top_k=top_k + DEEPER)
        extra = self._extra(queries)
        return [
            sorted(
                [one for one in indexed if one.article_id not in self.overlay.hidden] + own,
                key=lambda one: -one.score,
            )[:top_k]
            for indexed, own in zip(found, extra, strict=True)
        ]

    def rarity(self, words: Sequence[str], *, viewer: Viewer) -> dict[str, float]:
        return self.base.rarity(words, viewer=viewer)

    def _extra(self, queries: Sequence[str]) -> list[list[Candidate]]:
        """Every passage of the overlay, scored for each query."""
        index = EmbeddingIndex.objects.active()
        model = index.model if index else ""
        passages = [passage for one in self.overlay.shown for passage in _passages(one, model)]
        if not passages or not queries:
            return [[] for _ in queries]
        asked = lexical_queries(queries)
        encoded = [Encoded(())] * len(queries)
        if index:
            encoded = QuestionEncoder.of(index).encode(queries, asked)
        return [
            [_scored(passage, query, own, index) for passage in passages]
            for query, own in zip(asked, encoded, strict=True)
        ]


def _scored(
    passage: OverlayPassage, query: LexicalQuery, asked: Encoded, index: EmbeddingIndex | None
) -> Candidate:
    rare = query.weights
    words = sum(rare[term] * weight for term, weight in passage.weights.items() if term in rare)
    lanes = {"lexical": words / (query.total or 1.0)}
    if passage.encoded.vector:
        own = passage.encoded.vector
        lanes["dense"] = sum(a * b for a, b in zip(own, asked.vector, strict=True))
    fused = sum(LANE_WEIGHTS[lane] * score for lane, score in lanes.items())
    score = moved(Pointed.of(query), fused, lanes, passage.places, LANE_WEIGHTS["lexical"])
    if index is not None and index.token_width:
        [near] = nearest_words(asked.tokens, [passage.encoded.tokens], index.token_width)
        lanes[LANE] = near or 0.0
        score += Words(asked.tokens, query.points).weight * lanes[LANE]
    one = passage.candidate
    return Candidate(
        one.passage_id, one.article_id, one.revision_id, one.title, one.heading_path, one.text,
        one.start, one.end, score, lanes, one.body,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _passages(shown: Shown, model: str) -> tuple[OverlayPassage, ...]:
    text = shown.text
    planned = planned_passages(text.title, text.summary, text.body)
    parts = [(text.title, one.heading_path, one.text, text.summary) for one in planned]
    weights, places = term_weights(parts), [Places.of(own) for own in word_places(parts)]
    head = indexable.head(text.title, text.summary)
    words = [one.words for one in planned]
    encoded = _encoded(embedder_for(model), head, words) if model else []
    return tuple(
        OverlayPassage(
            Candidate(
                passage_id=_passage_id(shown.revision_id, number),
                article_id=shown.article_id,
                revision_id=shown.revision_id,
                title=text.title,
                heading_path=one.heading_path,
                text=one.text,
                start=one.start,
                end=one.end,
                score=0.0,
                body=text.body,
            ),
            weights[number],
            encoded[number] if encoded else Encoded(()),
            places[number],
        )
        for number, one in enumerate(planned)
    )


def _passage_id(revision_id: int, number: int) -> int:
    """Of no row, and of no other revision, saved (positive) or proposed (negative)."""
    return -((2 * abs(revision_id) + (revision_id < 0)) * 10_000 + number + 1)


def _encoded(embedder: Encoder, head: str, words: Sequence[str]) -> list[Encoded]:
    if not words:
        return []
    texts = [head, *words] if head else list(words)
    found = embedder.encode_passages(texts)
    about, own = (found[0], found[1:]) if head else (None, found)
    return [mixed(about, one) for one in own]
