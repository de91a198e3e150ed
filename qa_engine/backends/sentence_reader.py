"""A reader that needs no training: the sentences nearest to the question, by meaning and words.

It works with whatever embedder retrieval uses. Sentences are short and recur, so their
vectors are kept; a warm reader embeds little more than the questions.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from operator import mul
from threading import Lock

from qa_engine.answer_types import expected, fits, hints
from qa_engine.markdown import Kind
from qa_engine.protocols import Embedder, Vector
from qa_engine.questions import Question
from qa_engine.sentences import Unit
from qa_engine.spans import in_words, quotable, standing_alone
from qa_engine.text import content_stems
from qa_engine.types import Candidate, Span

CACHE_SIZE = 50_000

# Chosen on the demo shop's questions; `manage.py ask --evaluate` shows the effect.
WORDS_WEIGHT = 0.25
RETRIEVAL_WEIGHT = 0.20
# A row of a table reads badly in a letter: prose that says the same is better.
ROW_PENALTY = 0.08
# For a sentence that holds the kind of words asked for, against one that does not.
TYPE_WEIGHT = 0.10
# The opening of an article states the rule; what follows are its cases.
OPENING_WEIGHT = 0.04


@dataclass(frozen=True, slots=True)
class _Sentence:
    candidate: Candidate
    unit: Unit
    # As it is embedded and compared: with its heading, a row with its column heads.
    words: str


class SentenceReader:
    """Scores each sentence of the candidates against the question."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = Lock()
        self._vectors: OrderedDict[str, Vector] = OrderedDict()

    @property
    def fingerprint(self) -> str:
        return f"sentences/1+{self._embedder.fingerprint}"

    def warm_up(self) -> None:
        self._embedder.warm_up()

    def read(
        self, questions: Sequence[Question], candidates: Sequence[Sequence[Candidate]]
    ) -> list[list[Span]]:
        """For each question the spans that answer it, best first, no two of them overlapping."""
        sentences = [_sentences(proposed) for proposed in candidates]
        passages = self._embed({s.words for group in sentences for s in group})
        queries = self._embedder.embed_queries([question.query for question in questions])
        alone = self._embedder.embed_queries([question.text for question in questions])
        return [
            _best_spans(question, _mean(*vectors), group, passages)
            for question, *vectors, group in zip(questions, queries, alone, sentences, strict=True)
        ]

    def _embed(self, texts: set[str]) -> dict[str, Vector]:
        with self._lock:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
        todo = sorted(texts - found.keys())
        found |= zip(todo, self._embedder.embed_passages(todo), strict=True)
        with self._lock:
            self._vectors.update(found)
            while len(self._vectors) > CACHE_SIZE:
                self._vectors.popitem(last=False)
        return found


def _mean(first: Vector, second: Vector) -> Vector:
    """Between what is asked and what it is about."""
    return [(a + b) / 2 for a, b in zip(first, second, strict=True)]


def _sentences(candidates: Sequence[Candidate]) -> list[_Sentence]:
    return [
        _Sentence(candidate, unit, _with_heading(candidate, unit))
        for candidate in candidates
        for unit in quotable(candidate)
    ]


def _with_heading(candidate: Candidate, unit: Unit) -> str:
    above = unit.heading_path or candidate.title
    return f"{above}: {in_words(candidate.body or candidate.text, unit)}"


def _best_spans(
    question: Question, query: Vector, sentences: list[_Sentence], vectors: dict[str, Vector]
) -> list[Span]:
    if not sentences:
        return []
    asked = content_stems(f"{question.query} {hints(question.text)}")
    stems = [content_stems(f"{s.candidate.title} {s.words}") for s in sentences]
    weights = _rarity(asked, stems)
    kinds = expected(question.text)
    best_passage = max(sentence.candidate.score for sentence in sentences) or 1.0
    scored: list[tuple[float, _Sentence]] = []
    for sentence, own in zip(sentences, stems, strict=True):
        score = sum(map(mul, query, vectors[sentence.words]))
        score += WORDS_WEIGHT * sum(weights[one] for one in asked & own)
        score += RETRIEVAL_WEIGHT * sentence.candidate.score / best_passage
        score += TYPE_WEIGHT * fits(kinds, sentence.words)
        score += OPENING_WEIGHT * (sentence.unit.section == 0)
        score -= ROW_PENALTY * (sentence.unit.kind is Kind.TABLE_ROW)
        scored.append((score, sentence))
    scored.sort(key=lambda pair: -pair[0])
    spans: list[Span] = []
    for score, sentence in scored:
        span = standing_alone(sentence.candidate, sentence.unit, score)
        if not any(_overlap(span, other) for other in spans):
            spans.append(span)
    return spans


def _rarity(asked: frozenset[str], stems: list[frozenset[str]]) -> dict[str, float]:
    """The share of the question's meaning that each of its words carries; sums to one.

    A word that every candidate has ("refund", once refunds are what was found) tells
    them apart least.
    """
    counts = Counter(one for own in stems for one in own & asked)
    raw = {one: log(1 + len(stems) / (counts[one] + 0.5)) for one in asked}
    total = sum(raw.values()) or 1.0
    return {one: weight / total for one, weight in raw.items()}


def _overlap(span: Span, other: Span) -> bool:
    same = span.candidate.revision_id == other.candidate.revision_id
    return same and span.start < other.end and other.start < span.end
