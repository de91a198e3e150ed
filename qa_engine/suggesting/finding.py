"""Which article a fact belongs to, among a set of articles held in memory. Pure.

Five signs: the telling words of the whole article, the meaning of its best passage, and what
a stemmer and a model of meaning blur: every word as it is written, small ones and names and
codes alike, two words in a row, and the words of the title. But for the meaning each is a
share of the best article's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any

from qa_engine.chunking import split
from qa_engine.protocols import Embedder
from qa_engine.sentences import SEPARATOR, plain
from qa_engine.suggesting.wording import words_of
from qa_engine.text import STOP_WORDS, fold, stem, words

_K1, _B = 1.2, 0.6


@dataclass(frozen=True, slots=True)
class Document:
    """An article as it was at a time; several may have one key."""

    key: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Found:
    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Mix:
    """What each sign counts. Chosen on one half of real edits: see docs/adr/0015."""

    article: float = 3.7
    dense: float = 4.4
    written: float = 1.9
    phrases: float = 1.4
    title: float = 0.6


class Finder:
    """Reads all documents once; `find` then looks among those that are visible."""

    def __init__(
        self,
        documents: Sequence[Document],
        embedder: Embedder | None = None,
        mix: Mix | None = None,
    ) -> None:
        self._mix = mix or Mix()
        self._embedder = embedder
        self._owners: list[int] = []
        texts: list[str] = []
        for number, document in enumerate(documents):
            for chunk in split(document.body, document.title):
                above = SEPARATOR.join(p for p in (document.title, chunk.heading_path) if p)
                texts.append(f"{above}\n{chunk.text}")
                self._owners.append(number)
        whole = [f"{document.title} {document.body}" for document in documents]
        self._articles = _Words(_stems(text) for text in whole)
        self._written = _Words(_written(text) for text in whole)
        self._phrases = _Words(_phrases(text) for text in whole)
        self._titles = _Words(_stems(document.title) for document in documents)
        self._vectors = _matrix(embedder.embed_passages(texts)) if embedder else None

    def find(self, fact: str, visible: Collection[int]) -> list[Found]:
        """The visible documents, the likeliest first; those without any sign are left out."""
        return mixed(self.signs(fact, visible), self._mix)

    def signs(self, fact: str, visible: Collection[int]) -> dict[str, dict[int, float]]:
        """Sign → document → its score, unscaled."""
        seen = set(visible)
        stems = _stems(fact)
        found = {
            "article": _only(self._articles.scores(stems), seen),
            "written": _only(self._written.scores(_written(fact)), seen),
            "phrases": _only(self._phrases.scores(_phrases(fact)), seen),
            "title": _only(self._titles.scores(stems), seen),
        }
        if self._embedder and self._vectors is not None:
            query = _matrix(self._embedder.embed_queries([fact]))[0]
            found["dense"] = self._best(enumerate((self._vectors @ query).tolist()), seen)
        return found

    def _best(self, scores: Iterable[tuple[int, float]], seen: set[int]) -> dict[int, float]:
        best: dict[int, float] = {}
        for passage, score in scores:
            owner = self._owners[passage]
            if owner in seen and score > best.get(owner, 0.0):
                best[owner] = score
        return best


def mixed(signs: dict[str, dict[int, float]], mix: Mix) -> list[Found]:
    total: dict[int, float] = defaultdict(float)
    for name, scores in signs.items():
        # A cosine is what it is; sums over words count as shares of the best.
        full = 1.0 if name == "dense" else max(scores.values(), default=1.0) or 1.0
        for number, score in scores.items():
            total[number] += getattr(mix, name) * score / full
    every = sum(getattr(mix, name) for name in signs) or 1.0
    ordered = sorted(total, key=lambda number: (-total[number], number))
    return [Found(number, total[number] / every) for number in ordered]


class _Words:
    """BM25 over postings."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths: list[int] = []
        for number, text in enumerate(texts):
            self._lengths.append(len(text))
            for term, count in Counter(text).items():
                self._postings[term].append((number, count))
        self._average = sum(self._lengths) / max(len(self._lengths), 1) or 1.0

    def scores(self, terms: Sequence[str]) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        count = len(self._lengths)
        for term, asked in Counter(terms).items():
            postings = self._postings.get(term, ())
            rarity = log(1 + (count - len(postings) + 0.5) / (len(postings) + 0.5))
            # Said ten times in the fact is not ten times as telling.
            weight = rarity * (1 + log(asked))
            for number, often in postings:
                norm = _K1 * (1 - _B + _B * self._lengths[number] / self._average)
                scores[number] += weight * often * (_K1 + 1) / (often + norm)
        return scores


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(plain(text)) if word not in STOP_WORDS)


def _written(text: str) -> tuple[str, ...]:
    return tuple(fold(word.text) for word in words_of(text))


def _phrases(text: str) -> tuple[str, ...]:
    """Each two words in a row of one line."""
    return tuple(
        f"{one} {other}" for line in text.split("\n") for one, other in pairwise(_written(line))
    )


def _only(scores: dict[int, float], seen: set[int]) -> dict[int, float]:
    return {number: score for number, score in scores.items() if number in seen}


def _matrix(vectors: Any) -> Any:
    import numpy as np  # comes with the models, which the web tier has not

    return np.asarray(vectors, dtype=np.float32)
