"""A reader on sentence embeddings: the sentence with the best clues, by a learnt ranking.

It works with whatever embedder retrieval uses. Sentences are short and recur, so their
vectors are kept; a warm reader embeds little more than the questions.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import TypeVar

from qa_engine.backends.vectors import VectorCache, cosines
from qa_engine.clues import Asked, Clues, Nearness, clues_of
from qa_engine.fitted import fitted_digest
from qa_engine.protocols import Embedder, Vector
from qa_engine.questions import Question
from qa_engine.ranking import Ranking, ranking_for, shares
from qa_engine.sentences import Unit
from qa_engine.spans import quotable, standing_alone
from qa_engine.told import telling_stems
from qa_engine.types import Candidate, Span

Key = TypeVar("Key")

# Three vectors a sentence: of 1,000 articles all, in 80 MB.
CACHE_SIZE = 50_000
#: Names the clues; with the coefficients, how they are added up.
RECIPE = "sentences/4"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A sentence that might answer."""

    candidate: Candidate
    unit: Unit
    # As it is compared: a row with its column heads, an item with its list's lead.
    said: str

    @property
    def above(self) -> str:
        return self.unit.heading_path or self.candidate.title

    @property
    def with_heading(self) -> str:
        return f"{self.above}: {self.said}"

    @property
    def heading(self) -> str:
        parts = (self.candidate.title, self.unit.heading_path)
        return ": ".join(dict.fromkeys(part for part in parts if part))

    def span(self, score: float, share: float = 0.0) -> Span:
        return standing_alone(self.candidate, self.unit, score, share)


class SentenceReader:
    """Scores each sentence of the candidates against the question."""

    def __init__(self, embedder: Embedder, ranking: Ranking | None = None) -> None:
        self._embedder = embedder
        self._ranking = ranking
        self._vectors = VectorCache(embedder.embed_passages, CACHE_SIZE)

    @property
    def fingerprint(self) -> str:
        return f"{recipe()}+{self._embedder.fingerprint}"

    def warm_up(self) -> None:
        self._embedder.warm_up()

    def read(
        self, questions: Sequence[Question], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[Span]]:
        """For each question the spans that answer it, best first, no two of them overlapping."""
        ranking = self._ranking or ranking_for(self._embedder.fingerprint)
        return [best_spans(found, ranking) for found in self.weigh(questions, candidates)]

    def weigh(
        self, questions: Sequence[Question], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[tuple[Proposed, Clues]]]:
        """For each question every sentence proposed, with its clues."""
        groups = [_proposed(found) for found in candidates]
        texts = {t for group in groups for p in group for t in (p.with_heading, p.said, p.heading)}
        vectors = self._vectors.get(texts)
        asked = self._asked(questions)
        return [
            _weigh(Asked.of(one), group, asked[one.text], asked[one.query], vectors)
            for one, group in zip(questions, groups, strict=True)
        ]

    def _asked(self, questions: Sequence[Question]) -> dict[str, Vector]:
        """Each question alone, and with its context, in one call."""
        texts = list(dict.fromkeys(text for one in questions for text in (one.query, one.text)))
        return dict(zip(texts, self._embedder.embed_queries(texts), strict=True))


def recipe() -> str:
    """Names what makes a ranking and a confidence of the same vectors."""
    return f"{RECIPE}-{fitted_digest()}"


def best_spans(weighed: Sequence[tuple[Proposed, Clues]], ranking: Ranking) -> list[Span]:
    """Best first; of two that overlap, the better one."""
    scores = [ranking.score(clues) for _, clues in weighed]
    order = sorted(
        zip(scores, shares(scores), (proposed for proposed, _ in weighed), strict=True),
        key=lambda entry: -entry[0],
    )
    spans: list[Span] = []
    for score, share, proposed in order:
        span = proposed.span(score, share)
        if not any(_overlap(span, other) for other in spans):
            spans.append(span)
    return _with_shares_around(spans)


def _with_shares_around(spans: Sequence[Span]) -> list[Span]:
    """Each with what its section and its article take of the belief, overlaps counted once."""
    of_section: defaultdict[tuple[int, str], float] = defaultdict(float)
    of_article: defaultdict[int, float] = defaultdict(float)
    for span in spans:
        of_section[span.candidate.revision_id, span.heading_path] += span.share
        of_article[span.candidate.article_id] += span.share
    return [
        replace(
            span,
            section_share=of_section[span.candidate.revision_id, span.heading_path],
            article_share=of_article[span.candidate.article_id],
        )
        for span in spans
    ]


def _proposed(candidates: Sequence[Candidate]) -> list[Proposed]:
    return [
        Proposed(candidate, unit, said)
        for candidate in candidates
        for unit, said in quotable(candidate)
    ]


def _weigh(
    asked: Asked,
    group: Sequence[Proposed],
    own: Vector,
    whole: Vector,
    vectors: Mapping[str, array[float]],
) -> list[tuple[Proposed, Clues]]:
    if not group:
        return []
    stems = [telling_stems(f"{one.candidate.title} {one.above} {one.said}") for one in group]
    rarity = _rarity(asked.own | asked.context, stems)
    best = max(one.candidate.score for one in group) or 1.0
    under_heading = [one.with_heading for one in group]
    meanings = cosines(own, vectors, under_heading)
    contexts = cosines(whole, vectors, under_heading)
    alone = cosines(own, vectors, [one.said for one in group])
    headings = list({one.heading: None for one in group})
    of_heading = dict(zip(headings, cosines(own, vectors, headings), strict=True))
    ranks = [one.candidate.score / best for one in group]
    articles = [one.candidate.article_id for one in group]
    sections = [(one.candidate.revision_id, one.unit.section) for one in group]
    article_rank = _best_of(articles, ranks)
    section_meaning = _best_of(sections, meanings)
    weighed: list[tuple[Proposed, Clues]] = []
    for at, one in enumerate(group):
        near = Nearness(
            alone=alone[at],
            heading=of_heading[one.heading],
            context=contexts[at],
            section=section_meaning[one.candidate.revision_id, one.unit.section],
            passage_rank=ranks[at],
            article_rank=article_rank[one.candidate.article_id],
        )
        clues = clues_of(asked, one.candidate, one.unit, one.said, near, rarity)
        weighed.append((one, clues))
    return weighed


def _best_of(keys: Iterable[Key], values: Iterable[float]) -> dict[Key, float]:
    best: dict[Key, float] = {}
    for key, value in zip(keys, values, strict=True):
        best[key] = max(value, best.get(key, value))
    return best


def _rarity(asked: Iterable[str], stems: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each asked word tells the proposed sentences apart.

    A word that every candidate has ("refund", once refunds are what was found) tells
    them apart least.
    """
    counts = {one: sum(one in own for own in stems) for one in asked}
    return {one: log(1 + len(stems) / (count + 0.5)) for one, count in counts.items()}


def _overlap(span: Span, other: Span) -> bool:
    same = span.candidate.revision_id == other.candidate.revision_id
    return same and span.start < other.end and other.start < span.end
