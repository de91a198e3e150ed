"""Do the words of a pointed question stand together in a passage?

BM25 counts a word wherever it stands. Where a passage answers a question, the question's words
mostly stand in one sentence; scattered over the passage they are about several matters. A long
description's words stand together nowhere, so that for it this counts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.db import connection

from qa_engine.arrays import literal
from qa_engine.lexical_query import LexicalQuery
from qa_engine.search_vectors import WordPlaces

#: Of each ranking so many are looked at more closely; with 20 or 60 the same come first.
LOOKED_AT = 30
#: A sentence or two, in positions of PostgreSQL's parser, stop words included.
WINDOW = 12
# Two words of a question are a pair where at most two stop words stand between them.
PAIR = 3
# For a pointed question: what the share of its words counts, that of the best window, and
# that of its pairs. See docs/adr/0008 for what they were chosen on.
ANYWHERE, TOGETHER, IN_ORDER = 0.4, 0.6, 0.2

_PLACES = """
SELECT passage.id, found.lexeme, found.positions, found.weights && '{A,B}'
FROM qa_engine_passage AS passage
CROSS JOIN LATERAL unnest(ts_filter(passage.search, '{a,b,c}')) AS found
WHERE passage.id = ANY(%s::bigint[]) AND found.lexeme = ANY(%s)
"""

#: (passage, score, lane → its score), best first.
Ranked = list[tuple[int, float, dict[str, float]]]


@dataclass(slots=True)
class Places:
    """Where the words of a question stand in a passage."""

    # In the title or in the headings: they stand above every sentence.
    above: set[str] = field(default_factory=set)
    # Lexeme → its positions in the title, the headings and the text.
    all: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, words: Iterable[WordPlaces]) -> Places:
        places = cls()
        for lexeme, positions, is_above in words:
            places.add(lexeme, positions, is_above=is_above)
        return places

    def add(self, lexeme: str, positions: list[int], *, is_above: bool) -> None:
        self.all[lexeme] = positions
        if is_above:
            self.above.add(lexeme)


@dataclass(frozen=True, slots=True)
class Pointed:
    """What is looked for in each passage, prepared once a question."""

    # 1 for a pointed question … 0 for a long description, in which nothing is looked for.
    points: float
    # Lexeme → what it counts.
    words: dict[str, float]
    # Neighbouring words, how far apart they are, and what they count together.
    pairs: list[tuple[str, str, int, float]]
    # What all words count, and all pairs.
    words_total: float
    pairs_total: float

    @classmethod
    def of(cls, query: LexicalQuery) -> Pointed:
        words = {word.lexeme: query.weight(word) for word in query.words}
        order = sorted((place, word.lexeme) for word in query.words for place in word.places)
        pairs = [
            (first, second, there - here, min(words[first], words[second]))
            for (here, first), (there, second) in pairwise(order)
            if there - here <= PAIR and first != second
        ]
        of_pairs = sum(weight for _, _, _, weight in pairs)
        return cls(query.points, words, pairs, sum(words.values()), of_pairs)


def closest_first(
    queries: Sequence[LexicalQuery], rankings: Sequence[Ranked], weight: float
) -> list[Ranked]:
    """The rankings once more; `weight` is what words count in their scores."""
    pairs = list(zip(queries, rankings, strict=True))
    pointed = [(query, ranked) for query, ranked in pairs if query.points and ranked]
    passages = {passage_id for _, ranked in pointed for passage_id, _, _ in ranked[:LOOKED_AT]}
    lexemes = {word.lexeme for query, _ in pointed for word in query.words}
    places = _places(passages, lexemes)
    return [
        _again(query, ranked, places, weight) if query.points and ranked else ranked
        for query, ranked in pairs
    ]


def together(asked: Pointed, places: Places) -> float:
    """The share of the question's words that the best window and what is above it hold."""
    held = [lexeme for lexeme in asked.words if lexeme in places.all]
    if not held:
        return 0.0
    above = sum([asked.words[lexeme] for lexeme in held if lexeme in places.above])
    within = [
        (position, lexeme)
        for lexeme in held
        if lexeme not in places.above
        for position in places.all[lexeme]
    ]
    within.sort()
    return (above + _best_window(within, asked.words)) / asked.words_total


def in_order(asked: Pointed, places: Places) -> float:
    """The share of the question's pairs of words that stand so in the passage, too."""
    found = 0.0
    for first, second, gap, weight in asked.pairs:
        here, there = places.all.get(first), places.all.get(second)
        if here and there and _follows(here, there, gap):
            found += weight
    return found / asked.pairs_total if found else 0.0


def moved(
    asked: Pointed, score: float, lanes: Mapping[str, float], places: Places, weight: float
) -> float:
    """The score of both lanes with a part of what words count given to their closeness."""
    if not asked.points:
        return score
    closer = TOGETHER * together(asked, places) + IN_ORDER * in_order(asked, places)
    away = (1 - ANYWHERE) * lanes.get("lexical", 0.0)
    return score + weight * asked.points * (closer - away)


def _again(
    query: LexicalQuery, ranked: Ranked, places: Mapping[int, Places], weight: float
) -> Ranked:
    asked, nowhere = Pointed.of(query), Places()
    again = [
        (passage_id, moved(asked, score, lanes, places.get(passage_id, nowhere), weight), lanes)
        for passage_id, score, lanes in ranked[:LOOKED_AT]
    ]
    again.sort(key=lambda one: (-one[1], one[0]))
    # What was not looked at stays behind what was.
    least = again[-1][1]
    rest = ranked[LOOKED_AT:]
    return again + [(passage_id, min(score, least), lanes) for passage_id, score, lanes in rest]


def _places(passages: Collection[int], lexemes: Collection[str]) -> dict[int, Places]:
    """One statement for all, so a passage may hold words of other questions, too."""
    found: dict[int, Places] = {}
    if not passages or not lexemes:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [literal(passages), sorted(lexemes)])
        for passage_id, lexeme, positions, is_above in cursor.fetchall():
            places = found.get(passage_id)
            if places is None:
                places = found[passage_id] = Places()
            places.add(lexeme, positions, is_above=is_above)
    return found


def _follows(first: Iterable[int], second: Sequence[int], gap: int) -> bool:
    return any(0 < there - here <= gap for here in first for there in second)


def _best_window(within: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> float:
    """The most that different words in one window add up to."""
    held = dict.fromkeys((lexeme for _, lexeme in within), 0)
    best = now = 0.0
    oldest = 0
    for position, lexeme in within:
        if not held[lexeme]:
            now += weights[lexeme]
        held[lexeme] += 1
        while position - within[oldest][0] >= WINDOW:
            gone = within[oldest][1]
            held[gone] -= 1
            if not held[gone]:
                now -= weights[gone]
            oldest += 1
        best = max(best, now)
    return best
