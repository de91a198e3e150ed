"""A reader on sentence embeddings: the sentence with the best clues, by a learnt ranking.

It works with whatever embedder retrieval uses. Sentences are short and recur, so their
vectors are kept; a warm reader embeds little more than the questions.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import NamedTuple, TypeVar

from qa_engine.backends.vectors import VectorCache, cosines
from qa_engine.clues import Asked, Clues, Nearness, Rarity, clues_of
from qa_engine.fitted import fitted_digest
from qa_engine.protocols import Embedder, Vector
from qa_engine.questions import Question
from qa_engine.ranking import Ranking, ranking_for, shares
from qa_engine.sentences import Unit
from qa_engine.spans import KEPT_PASSAGES, quotable, span_at, stretch
from qa_engine.told import Told, told
from qa_engine.types import Candidate, Span

Key = TypeVar("Key")

# Three vectors a sentence: of 1,000 articles all, in 80 MB.
CACHE_SIZE = 50_000
#: Names the clues; with the coefficients, how they are added up.
RECIPE = "sentences/4"


@dataclass(frozen=True, slots=True)
class Stated:
    """A sentence in its place, whatever is asked: worked out once for each passage."""

    unit: Unit
    # As it is compared: a row with its column heads, an item with its list's lead.
    said: str
    with_heading: str
    heading: str
    tells: Told
    # Where it starts and ends in the body, with what it needs to stand alone.
    place: tuple[int, int]

    @classmethod
    def of(cls, title: str, body: str, unit: Unit, said: str) -> Stated:
        heading_path = unit.heading_path
        return cls(
            unit=unit,
            said=said,
            with_heading=f"{heading_path or title}: {said}",
            heading=": ".join(dict.fromkeys(part for part in (title, heading_path) if part)),
            tells=told(f"{title} {heading_path}", said, unit.kind, unit.text),
            place=stretch(body, unit),
        )


class Proposed(NamedTuple):
    """A sentence that might answer."""

    candidate: Candidate
    stated: Stated

    @property
    def unit(self) -> Unit:
        return self.stated.unit

    @property
    def said(self) -> str:
        return self.stated.said


class Ranked(NamedTuple):
    """One with its score and its part of the belief."""

    proposed: Proposed
    score: float
    share: float
    precedent: float

    @property
    def section(self) -> tuple[int, str]:
        return self.proposed.candidate.revision_id, self.proposed.unit.heading_path

    @property
    def article(self) -> int:
        return self.proposed.candidate.article_id


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
        stated = [one.stated for group in groups for one in group]
        texts = {t for one in stated for t in (one.with_heading, one.said, one.heading)}
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
    """Best first; of two that overlap, the better one. Each with what its section and its
    article take of the belief, overlaps counted once.
    """
    scores = [ranking.score(clues) for _, clues in weighed]
    order = sorted(
        zip(scores, shares(scores), weighed, strict=True),
        key=lambda entry: -entry[0],
    )
    taken: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    best: list[Ranked] = []
    for score, share, (proposed, clues) in order:
        place, others = proposed.stated.place, taken[proposed.candidate.revision_id]
        if not any(_overlap(place, other) for other in others):
            others.append(place)
            best.append(Ranked(proposed, score, share, clues.precedent))
    of_section: defaultdict[tuple[int, str], float] = defaultdict(float)
    of_article: defaultdict[int, float] = defaultdict(float)
    for one in best:
        of_section[one.section] += one.share
        of_article[one.article] += one.share
    return [
        span_at(
            one.proposed.candidate,
            one.proposed.unit,
            one.proposed.stated.place,
            one.score,
            one.share,
            of_section[one.section],
            of_article[one.article],
            one.precedent,
        )
        for one in best
    ]


def _proposed(candidates: Sequence[Candidate]) -> list[Proposed]:
    return [Proposed(one, stated) for one in candidates for stated in stated_in(one)]


def stated_in(candidate: Candidate) -> tuple[Stated, ...]:
    """What in the candidate's passage could answer something."""
    if candidate.body:
        return _stated(candidate.title, candidate.body, candidate.start, candidate.end)
    return _stated(candidate.title, candidate.text, 0, len(candidate.text))


@lru_cache(maxsize=KEPT_PASSAGES)
def _stated(title: str, body: str, start: int, end: int) -> tuple[Stated, ...]:
    return tuple(Stated.of(title, body, unit, said) for unit, said in quotable(body, start, end))


def _weigh(
    asked: Asked,
    group: Sequence[Proposed],
    own: Vector,
    whole: Vector,
    vectors: Mapping[str, array[float]],
) -> list[tuple[Proposed, Clues]]:
    if not group:
        return []
    rarity = _rarity(asked.everything, [one.stated.tells.both.stems for one in group])
    best = max(one.candidate.score for one in group) or 1.0
    under_heading = [one.stated.with_heading for one in group]
    meanings = cosines(own, vectors, under_heading)
    contexts = cosines(whole, vectors, under_heading)
    alone = cosines(own, vectors, [one.said for one in group])
    headings = list({one.stated.heading: None for one in group})
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
            heading=of_heading[one.stated.heading],
            context=contexts[at],
            section=section_meaning[one.candidate.revision_id, one.unit.section],
            passage_rank=ranks[at],
            article_rank=article_rank[one.candidate.article_id],
        )
        clues = clues_of(asked, one.candidate, one.unit, one.stated.tells, near, rarity)
        weighed.append((one, clues))
    return weighed


def _best_of(keys: Iterable[Key], values: Iterable[float]) -> dict[Key, float]:
    best: dict[Key, float] = {}
    for key, value in zip(keys, values, strict=True):
        best[key] = max(value, best.get(key, value))
    return best


def _rarity(asked: frozenset[str], stems: Sequence[frozenset[str]]) -> Rarity:
    """A word that every candidate has ("refund", once refunds are what was found) tells them
    apart least.
    """
    counts = Counter(one for own in stems for one in own & asked)
    return Rarity({one: log(1 + len(stems) / (counts[one] + 0.5)) for one in asked})


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
