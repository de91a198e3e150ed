"""Any reader on questions whose paragraph is given, with the confidence production would show.

The same steps as the pipeline after retrieval: the reader proposes spans, each is weighed
by the calibration, and the one that is most surely the answer is taken. No Django.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from operator import mul

from qa_engine.backends.span_reader import SpanReader
from qa_engine.choosing import WEIGHED
from qa_engine.confidence import calibration_for, features_of
from qa_engine.evaluation.outcome import Say
from qa_engine.evaluation.squad import SquadQuestion
from qa_engine.protocols import Embedder, Reader, Vector
from qa_engine.questions import Question
from qa_engine.text import content_words, stem
from qa_engine.types import Candidate, Span

BATCH = 32
# A span reader sorts its windows by length, within a batch of so many questions.
SPAN_BATCH = 512


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader answers, and how sure it is; nothing where it found no span."""

    question: SquadQuestion
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Readings:
    readings: tuple[Reading, ...]
    # Wall seconds of the reader alone, without embeddings for the confidence.
    seconds: float

    @property
    def golds(self) -> dict[str, tuple[str, ...]]:
        return {one.question.key: one.question.answers for one in self.readings}

    def predictions(self, least: float = 0.0) -> dict[str, str]:
        """Question id → answer; the empty string below that confidence."""
        return {
            one.question.key: one.text if one.confidence >= least else "" for one in self.readings
        }

    @property
    def no_answer(self) -> dict[str, float]:
        return {one.question.key: 1 - one.confidence for one in self.readings}


def read_squad(
    questions: Sequence[SquadQuestion], reader: Reader, embedder: Embedder, say: Say
) -> Readings:
    """Each question read on its own paragraph, a batch at a time."""
    reader.warm_up()
    paragraphs = {one.paragraph: one.context for one in questions}
    vectors = _embedded(paragraphs, embedder, say)
    rarity = _Rarity(list(paragraphs.values()))
    calibration = calibration_for(reader.fingerprint)
    readings: list[Reading] = []
    seconds = 0.0
    for first in range(0, len(questions), BATCH):
        batch = questions[first : first + BATCH]
        asked = embedder.embed_queries([one.question for one in batch])
        candidates = [
            [_candidate(one, sum(map(mul, vector, vectors[one.paragraph])))]
            for one, vector in zip(batch, asked, strict=True)
        ]
        started = time.perf_counter()
        found = reader.read([Question(one.question) for one in batch], candidates)
        seconds += time.perf_counter() - started
        for one, spans in zip(batch, found, strict=True):
            known = rarity.of(one.question)
            weighed = [
                (calibration.probability(features_of(Question(one.question), span, known)), span)
                for span in spans[:WEIGHED]
            ]
            readings.append(_reading(one, weighed))
        if (first // BATCH) % 40 == 39:
            say(f"read {len(readings)}/{len(questions)} questions")
    return Readings(tuple(readings), seconds)


def read_spans(questions: Sequence[SquadQuestion], reader: SpanReader, say: Say) -> Readings:
    """Each question read on its own paragraph by a span reader, with its own probability."""
    reader.warm_up()
    readings: list[Reading] = []
    seconds = 0.0
    for first in range(0, len(questions), SPAN_BATCH):
        batch = questions[first : first + SPAN_BATCH]
        started = time.perf_counter()
        found = reader.find([(one.question, one.context) for one in batch])
        seconds += time.perf_counter() - started
        for one, spans in zip(batch, found, strict=True):
            if spans:
                text = one.context[spans[0].start : spans[0].end]
                sure = reader.scale.probability(spans[0].margin)
                readings.append(Reading(one, text, sure))
            else:
                readings.append(Reading(one, "", 0.0))
        say(f"read {len(readings)}/{len(questions)} questions")
    return Readings(tuple(readings), seconds)


def _reading(question: SquadQuestion, weighed: list[tuple[float, Span]]) -> Reading:
    if not weighed:
        return Reading(question, "", 0.0)
    confidence, span = max(weighed, key=lambda pair: pair[0])
    return Reading(question, span.text, confidence)


def _embedded(paragraphs: dict[str, str], embedder: Embedder, say: Say) -> dict[str, Vector]:
    say(f"embedding {len(paragraphs)} paragraphs")
    vectors = embedder.embed_passages(list(paragraphs.values()))
    return dict(zip(paragraphs, vectors, strict=True))


def _candidate(question: SquadQuestion, nearness: float) -> Candidate:
    return Candidate(
        passage_id=0,
        article_id=0,
        revision_id=0,
        title=question.title.replace("_", " "),
        heading_path="",
        text=question.context,
        start=0,
        end=len(question.context),
        score=1.0,
        lanes={"dense": nearness},
        body=question.context,
    )


class _Rarity:
    """How rare a word is among the paragraphs, as the retriever says it of an index."""

    def __init__(self, paragraphs: Sequence[str]) -> None:
        self._total = len(paragraphs)
        self._counts = Counter(
            found for text in paragraphs for found in {stem(word) for word in content_words(text)}
        )

    def of(self, question: str) -> dict[str, float]:
        return {word: self._rarity(stem(word)) for word in content_words(question)}

    def _rarity(self, stemmed: str) -> float:
        return log((self._total + 1) / (self._counts[stemmed] + 1)) / log(self._total + 1)
