"""How sure is it? A logistic of a few features, fitted to questions whose answer is known.

The features are about the match, never about one shop: how near the sentence is, how many
of the question's telling words the evidence says, and whether it names something, a country
or a product, that the evidence does not. `manage.py fit_reader` refits the coefficients;
`calibration.json` holds them with where they come from. Imports no Django.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from math import exp
from pathlib import Path

from qa_engine.answer_types import AnswerType, expected, fits
from qa_engine.names import clashing_models, missing_places, names
from qa_engine.questions import Question
from qa_engine.text import content_stems, content_words, stem
from qa_engine.types import Span

CALIBRATION = Path(__file__).with_name("calibration.json")
FALLBACK = "transformers"
# Words that share this much of their beginning are one word, misspelt or inflected.
PREFIX = 5
# An answer about another country or another model is wrong however well it matches, and
# such questions are too rare in any sample for a fit to learn it.
ELSEWHERE = 0.25
# Brings the reader's scores, sums of many clues, near to one.
SCALE = 20.0


@dataclass(frozen=True, slots=True)
class Features:
    """All between 0 and 1 or near it, so that the coefficients can be compared."""

    # The reader's score of the span, and the part of its belief that the span takes.
    score: float
    share: float
    # How near the whole passage is in meaning.
    passage: float
    # Share of the question's telling words in the span with its headings, in the passage.
    words_in_span: float
    words_in_passage: float
    # Share of the message's other words in the passage; of the context's, without a message.
    words_of_context: float
    # The rarity of the most telling word that the passage does not say.
    missing_word: float
    # The question names a country, another name, a model number that the passage does not.
    missing_place: float
    missing_name: float
    clashing_model: float
    # Whether the span holds an amount, a time … where the question asks for one.
    answer_type: float
    # The part of the reader's belief that the span's section takes, and its article: which
    # sentence it is may be open where the place is not.
    share_of_section: float = 0.0
    share_of_article: float = 0.0
    # How like the nearest question is that a person answered with the span.
    precedent: float = 0.0

    @classmethod
    def names(cls) -> tuple[str, ...]:
        return _FEATURES


_FEATURES = tuple(one.name for one in fields(Features))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients for one family of embedders."""

    intercept: float
    weights: Mapping[str, float]

    def probability(self, features: Features) -> float:
        z = self.intercept + sum(
            weight * getattr(features, name) for name, weight in self.weights.items()
        )
        fitted = 1 / (1 + exp(-max(-30.0, min(30.0, z))))
        is_elsewhere = features.missing_place or features.clashing_model
        return min(fitted, ELSEWHERE) if is_elsewhere else fitted


@cache
def calibrations() -> dict[str, Calibration]:
    stored = json.loads(CALIBRATION.read_text(encoding="utf-8"))["families"]
    return {
        family: Calibration(values["intercept"], values["weights"])
        for family, values in stored.items()
    }


def calibration_for(fingerprint: str) -> Calibration:
    """Of the reader's embedder; a model that nobody calibrated borrows the transformers' one."""
    known = calibrations()
    family = next((name for name in known if f"+{name}" in fingerprint), FALLBACK)
    return known[family]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is looked for in each span, prepared once a question."""

    # The telling words of the question, and the message's others.
    words: tuple[str, ...]
    about: tuple[str, ...]
    names: frozenset[str]
    # The question with its context.
    whole: str
    wanted: frozenset[AnswerType]


@lru_cache(maxsize=1)  # the spans of one question are judged one after the other
def _asked(asked_for: Question) -> _Asked:
    question, context = asked_for.text, asked_for.context
    asked = content_words(question) or content_words(context)
    told = content_words(asked_for.message or context)
    return _Asked(
        words=tuple(asked),
        about=tuple(word for word in told if word not in asked),
        names=names(question) | names(context),
        whole=f"{context} {question}",
        wanted=expected(question),
    )


def features_of(asked_for: Question, span: Span, rarity: Mapping[str, float]) -> Features:
    """What speaks for a span as the answer, and what against it."""
    asked, candidate = _asked(asked_for), span.candidate
    near = f"{candidate.title} {candidate.heading_path} {_around(span)}"
    whole = f"{candidate.title} {candidate.heading_path} {candidate.text} {_around(span)}"
    weights = {word: max(0.05, rarity.get(word, 1.0)) for word in asked.words}
    in_span = _said(asked.words, near)
    in_passage = _said(asked.words, whole)
    total = sum(weights.values()) or 1.0
    about = asked.about
    return Features(
        score=span.score / SCALE,
        share=span.share,
        passage=candidate.lanes.get("dense", 0.0),
        words_in_span=sum(weights[word] for word in in_span) / total,
        words_in_passage=sum(weights[word] for word in in_passage) / total,
        words_of_context=len(_said(about, whole)) / len(about) if about else 1.0,
        missing_word=max((weights[w] for w in weights if w not in in_passage), default=0.0),
        missing_place=float(bool(missing_places(asked.whole, whole))),
        missing_name=_missing_share(asked.names, whole),
        clashing_model=float(bool(clashing_models(asked.whole, near))),
        answer_type=fits(asked.wanted, span.text),
        # A reader that does not tell them knows of no other sentence there.
        share_of_section=max(span.share, span.section_share),
        share_of_article=max(span.share, span.article_share),
        precedent=span.precedent,
    )


def _around(span: Span) -> str:
    """The span with the table head or list lead that its words depend on."""
    return f"{span.heading_path} {span.text}"


def _said(asked: Sequence[str], evidence: str) -> set[str]:
    """The asked words that the evidence says, inflected or slightly misspelt too."""
    stems, starts = _stems_and_starts(evidence)
    return {
        word
        for word in asked
        if stem(word) in stems or (len(word) > PREFIX and stem(word)[:PREFIX] in starts)
    }


@lru_cache(maxsize=10_000)
def _stems_and_starts(evidence: str) -> tuple[frozenset[str], frozenset[str]]:
    """Evidence recurs from ticket to ticket."""
    stems = content_stems(evidence)
    return stems, frozenset(one[:PREFIX] for one in stems if len(one) >= PREFIX)


def _missing_share(named: frozenset[str], evidence: str) -> float:
    if not named:
        return 0.0
    return len(named - _stems_and_starts(evidence)[0]) / len(named)
