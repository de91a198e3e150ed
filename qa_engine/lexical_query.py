"""A question as the lexical lane asks: what each of its words counts, and which of them propose.

Weights are kept for two fields apart, the article's head (title and summary) and the passage, and
the query says what each counts. The rarest words propose the passages that are scored at all, and
of the commoner ones two together: what holds none of these cannot come near the top, and a
question full of common words would otherwise look at half the index.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import exp, log

from qa_engine.lexical_models import TERMS

#: How many passages the words of a query may propose, each by itself; what is left of them two
#: commoner words propose together. See docs/adr/0008 for what it was chosen on.
PROPOSED = 1_000
# Of the commoner words so many are paired, the rarer ones first.
PAIRED = 4
# Two words of one question meet in a passage more often than chance has it.
TOGETHER = 2.0
#: What the head counts for a query of so few words (stems), and for one of so many; between the
#: two along a line. A pointed question asks for what stands in a passage, a description of a
#: problem for the article about it. See docs/adr/0008.
POINTED, POINTED_HEAD = 8, 0.2
DESCRIBING, DESCRIBING_HEAD = 13, 0.65
#: No passage holds all words of a long description: it has its full share with so many of them.
DESCRIBING_WHOLE = 0.8
#: A description tells the problem first and its circumstances then: its words count up to twice
#: as much, less by a factor e every so many words.
EARLY = 10
# As many passages should be proposed as a lane has places.
FEW = 60


@dataclass(frozen=True, slots=True)
class Word:
    """A stem of a query, its number in term weights, and in how many passages it stands."""

    lexeme: str
    number: int
    passages: int
    # Its positions in the query, counted from 1 with stop words.
    places: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """A query as the index is asked."""

    # Rarest first, misspelt ones put right.
    words: tuple[Word, ...]
    # What was put right, as it was written: it may be too new to have been counted.
    unknown: tuple[Word, ...]
    # All passages that were counted.
    passages: int

    @property
    def vector(self) -> str:
        """A sparsevec literal of `weights`."""
        entries = ",".join(f"{number}:{value:.4f}" for number, value in self.weights.items())
        return f"{{{entries}}}/{TERMS}"

    @property
    def weights(self) -> dict[int, float]:
        """Number of the word in a field → its weight, times what the field counts."""
        head = self.head_share
        weights: dict[int, float] = {}
        for one in (*self.unknown, *self.words):
            weight = self.weight(one)
            weights[2 * one.number - 1] = head * weight
            weights[2 * one.number] = (1 - head) * weight
        return weights

    @property
    def head_share(self) -> float:
        """What the article's title and summary count, and not the passage."""
        return POINTED_HEAD + self.describes * (DESCRIBING_HEAD - POINTED_HEAD)

    @property
    def describes(self) -> float:
        """0 for a pointed question … 1 for a long description."""
        along = (len(self.words) - POINTED) / (DESCRIBING - POINTED)
        return min(max(along, 0.0), 1.0)

    @property
    def points(self) -> float:
        """1 for a pointed question … 0 for a long description."""
        return 1 - self.describes

    @property
    def total(self) -> float:
        """What a passage's score is a share of: the words' weights, of a description part."""
        whole = 1 - self.describes * (1 - DESCRIBING_WHOLE)
        return whole * sum(self.weight(word) for word in self.words)

    @property
    def any_of(self) -> str:
        """A tsquery of the words that propose: rare ones alone, commoner ones in pairs."""
        left = list(self.words)
        budget = float(PROPOSED)
        rare = [*self.unknown]
        while left and left[0].passages <= budget:
            budget -= left[0].passages
            rare.append(left.pop(0))
        pairs: list[tuple[Word, Word]] = []
        for pair in sorted(combinations(left[:PAIRED], 2), key=self._together):
            budget -= self._together(pair)
            if budget < 0 and (rare or pairs):
                break
            pairs.append(pair)
        # Rare words and pairs that hardly meet propose too little: then the next word does, too.
        if sum(word.passages for word in rare) + sum(map(self._together, pairs)) < FEW:
            rare += left[:1]
        alone = [_quoted(word.lexeme) for word in rare]
        both = [f"({_quoted(one.lexeme)} & {_quoted(other.lexeme)})" for one, other in pairs]
        return " | ".join(alone + both)

    def _together(self, pair: tuple[Word, Word]) -> float:
        """In about how many passages both words stand."""
        one, other = pair
        return TOGETHER * one.passages * other.passages / max(1, self.passages)

    def weight(self, word: Word) -> float:
        """Its rarity; of a description's first words up to twice as much."""
        early = exp(-word.places[0] / EARLY) if word.places else 0.0
        return self.rarity(word) * (1 + self.describes * early)

    def rarity(self, word: Word) -> float:
        """BM25's inverse document frequency, never negative."""
        count = min(word.passages, self.passages)
        return log(1 + (self.passages - count + 0.5) / (count + 0.5))


def _quoted(lexeme: str) -> str:
    """For a tsquery: quotes and backslashes doubled."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
