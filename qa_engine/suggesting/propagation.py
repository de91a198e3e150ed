"""Where the knowledge base says what a source no longer says. Imports no Django.

A place is a sentence, a list item, a table row or a heading that holds the old value in one
of its forms *and* is about the fact's subject: the same number about something else is left
alone. A product is known by its name, a policy's topic by its words and, with an embedder,
by its meaning.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qa_engine.names import missing_places
from qa_engine.sentences import plain
from qa_engine.suggesting import naming
from qa_engine.suggesting.amounts import amounts
from qa_engine.suggesting.facts import Change, ChangeKind, statements, subject_of
from qa_engine.suggesting.replacing import edits as edits_of
from qa_engine.suggesting.replacing import fits_attribute
from qa_engine.suggesting.stretches import Edit, Stretch, Text, stretches
from qa_engine.suggesting.topics import (
    grammatical_subject,
    is_elsewhere,
    rarity_among,
    share,
    speaks_of,
    stems,
)

#: Names this code in what it proposed.
RECIPE = 1

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the signs that a passage is about a fact's topic, and how much is enough."""

    meaning: float = 1.0
    # Share of the fact's words that the passage and its article say.
    fact_words: float = 0.8
    # Share of the passage's words that the fact and its headings say.
    passage_words: float = 0.5
    # Words beside the amount that are the same in both.
    beside: float = 0.4
    # What the fact's sentence is about, in the grammatical sense.
    about: float = 0.4
    # What the passage's sentence is about.
    told: float = 0.3
    # By how much a place has to fit better than to any other statement of the sources.
    margin: float = 0.0
    threshold: float = 1.25
    # Where no amount but only words changed, a passage has to say nearly the same.
    words_threshold: float = 2.55
    # From this score on a draft that quotes it is held back: better one too many.
    doubt: float = 0.3


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a text that states the old fact: `field[start:end] == quote`."""

    key: object
    field: str  # "title", "summary" or "body"
    start: int
    end: int
    quote: str
    edits: tuple[Edit, ...]
    # How well it fits, comparable within a kind of change.
    score: float
    # Whether it is to be edited; if not, it only is a reason to look at what quotes it.
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Rival:
    """Something else that a source states."""

    subject: str
    text: str


@dataclass(frozen=True)
class Finder:
    """Finds the places of a change in texts. Free to build.

    `products` are the names of all products, as sentences call them; `embed` gives vectors
    of length one, and without it words alone decide. `rivals` are the other statements of
    the sources: a place that states one of them better states that one.
    """

    products: Sequence[str] = ()
    embed: Embed | None = None
    rivals: Sequence[Rival] = ()
    weights: Weights = Weights()

    @property
    def fingerprint(self) -> str:
        return f"propagation/{RECIPE}" + ("" if self.embed else "/words")

    def find(self, change: Change, texts: Iterable[Text]) -> list[Place]:
        """The places that state what `change` made untrue, in the order of the texts."""
        return [place for place in self.possible(change, texts) if place.is_sure]

    def possible(
        self, change: Change, texts: Iterable[Text], among: Iterable[Text] = ()
    ) -> list[Place]:
        """Also those that may state it: nothing is to be sent that rests on them unseen.

        `among` are other texts, in which nothing is looked for: how rare a word is, is
        counted in all of them.
        """
        found = [one for text in texts for one in stretches(text)]
        if change.kind is ChangeKind.RENAMED:
            return list(self._named(change, found))
        if change.kind in {ChangeKind.ADDED, ChangeKind.NEW_PRODUCT, ChangeKind.GONE_PRODUCT}:
            return []
        candidates = [(one, edits) for one in found if (edits := edits_of(change, one))]
        if change.product:
            return list(self._of_product(change, candidates))
        return self._about_topic(change, candidates, found, among)

    def fit(self, fact: Rival, found: Sequence[Stretch], among: Sequence[Stretch]) -> list[float]:
        """How well each passage fits the fact; `among` tells how rare its words are."""
        return self._scores([fact], found, rarity_among(among))[0] if found else []

    def _named(self, change: Change, found: Sequence[Stretch]) -> Iterator[Place]:
        new = change.swaps[0].new
        for one in found:
            spans = naming.mentions(change.product, one.text, self.products)
            if spans:
                edits = tuple(Edit(one.start + a, one.start + b, new) for a, b in spans)
                yield _place(one, edits, 1.0)

    def _of_product(
        self, change: Change, candidates: Sequence[tuple[Stretch, tuple[Edit, ...]]]
    ) -> Iterator[Place]:
        for one, edits in candidates:
            if self._is_about(change, one, edits):
                yield _place(one, edits, 1.0)
            elif change.product in naming.named(f"{one.title}. {one.text}", self.products):
                yield _place(one, edits, self.weights.doubt, is_sure=False)

    def _is_about(self, change: Change, one: Stretch, edits: Sequence[Edit]) -> bool:
        """The product that the sentence is about, nearest to the words that change."""
        at = edits[0].start - one.start
        owner = naming.owner(one.text, at, self.products)
        for around in (one.before, one.title):
            owner = owner or naming.owner(around, len(around), self.products)
        return owner == change.product and fits_attribute(change, one, at)

    def _about_topic(
        self,
        change: Change,
        candidates: Sequence[tuple[Stretch, tuple[Edit, ...]]],
        found: Sequence[Stretch],
        among: Iterable[Text],
    ) -> list[Place]:
        if not candidates:
            return []
        rarity = rarity_among([*found, *(one for text in among for one in stretches(text))])
        is_amount = any(swap.is_amount for swap in change.swaps)
        enough = self.weights.threshold if is_amount else self.weights.words_threshold
        stated = Rival(change.subject, change.old)
        others = [stated, *self._rivals(change, is_amount)]
        scores = self._scores(others, [one for one, _ in candidates], rarity)
        is_general = not grammatical_subject(change.old)
        held = []
        for number, (one, edits) in enumerate(candidates):
            score, *rest = (row[number] for row in scores)
            rivals = [
                other
                for other, rival in zip(rest, others[1:], strict=True)
                if not is_general or speaks_of(rival.text, one)
            ]
            margin = score - max(rivals, default=-1.0)
            is_sure = score >= enough and margin >= self.weights.margin
            if is_sure or score >= self.weights.doubt:
                held.append(_place(one, edits, round(score, 4), is_sure=is_sure))
        return held

    def _rivals(self, change: Change, is_amount: bool) -> list[Rival]:
        """Other statements that a place with the same amount might be about."""
        wanted = {amount.key for swap in change.swaps for amount in amounts(swap.old)}
        return [
            rival
            for rival in self.rivals
            if rival.text != change.old
            and (
                bool(wanted & {amount.key for amount in amounts(rival.text)})
                if is_amount
                else stems(rival.text) & stems(change.old)
            )
        ]

    def _scores(
        self, facts: Sequence[Rival], found: Sequence[Stretch], rarity: Mapping[str, float]
    ) -> list[list[float]]:
        """For each fact how well each passage fits it."""
        meanings = self._meanings(facts, found)
        return [
            [
                self._score(fact, one, meaning, rarity)
                for one, meaning in zip(found, row, strict=True)
            ]
            for fact, row in zip(facts, meanings, strict=True)
        ]

    def _score(
        self, fact: Rival, one: Stretch, meaning: float, rarity: Mapping[str, float]
    ) -> float:
        whole = f"{fact.subject}. {fact.text}"
        if missing_places(one.text, whole) or is_elsewhere(fact.text, one.context):
            return 0.0
        if self._is_of_another_product(whole, one):
            return 0.0
        mine, theirs = stems(fact.text), stems(plain(one.text))
        about, told = grammatical_subject(fact.text), grammatical_subject(one.text)
        return (
            self.weights.meaning * meaning
            + self.weights.fact_words * share(mine, stems(one.context), rarity)
            + self.weights.passage_words * share(theirs, stems(whole), rarity)
            + self.weights.beside * share(mine, theirs, rarity)
            + self.weights.about * share(about, stems(one.context), rarity, empty=1.0)
            + self.weights.told * share(told, stems(whole), rarity, empty=1.0)
        )

    def _is_of_another_product(self, fact: str, one: Stretch) -> bool:
        meant = naming.named(fact, self.products)
        told = naming.named(one.text, self.products) or naming.named(one.title, self.products)
        return bool(meant) and not meant & told

    def _meanings(self, facts: Sequence[Rival], found: Sequence[Stretch]) -> list[list[float]]:
        """Cosine of each fact, under its headings, with each passage under its own."""
        if self.embed is None:
            return [[0.5] * len(found) for _ in facts]
        told = [f"{fact.subject}. {fact.text}" for fact in facts]
        vectors = self.embed([*told, *(one.context for one in found)])
        passages = vectors[len(facts) :]
        return [
            [math.fsum(a * b for a, b in zip(fact, passage, strict=True)) for passage in passages]
            for fact in vectors[: len(facts)]
        ]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; of two that overlap the first one counts."""
    end = len(text) + 1
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end), reverse=True):
        if edit.end <= end:
            text = text[: edit.start] + edit.text + text[edit.end :]
            end = edit.start
    return text


def rivals_of(title: str, body: str) -> list[Rival]:
    """All that a policy text states."""
    return [Rival(subject_of(title, one), one.text) for one in statements(body)]


def held_by(places: Iterable[Place], key: object, start: int, end: int) -> Place | None:
    """The place that a citation of `body[start:end]` rests on: the surest one."""
    touched = [
        place
        for place in places
        if (place.key, place.field) == (key, "body") and place.start < end and start < place.end
    ]
    return max(touched, key=lambda place: place.score, default=None)


def _place(one: Stretch, edits: tuple[Edit, ...], score: float, *, is_sure: bool = True) -> Place:
    return Place(one.key, one.field, one.start, one.end, one.text, edits, score, is_sure)
