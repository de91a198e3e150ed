"""Questions and the passages that answer them, to train and to measure retrieval with. Pure.

Pairs come from people's replies (the question, and the passages that say what the agent
wrote) and from the articles themselves: a heading finds its section, a title its article,
and a section the rest of its article, whose words it shares no sentence with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from qa_engine import chunking, indexable
from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.splits import Part, part_of
from qa_engine.sentences import SEPARATOR, plain
from qa_engine.training.examples import Example, Source

#: Words of a section that stand for a question.
SECTION_WORDS = 60
MIN_SECTION_WORDS = 8


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as it is embedded: its title, its headings, its words."""

    article: str
    title: str
    heading_path: str
    text: str

    @property
    def embedded(self) -> str:
        return indexable.passage(self.title, self.heading_path, self.text)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage that answers it; `turned_down` are passages that do not."""

    query: str
    positive: Passage
    turned_down: tuple[Passage, ...] = ()
    made: str = "reply"

    @property
    def group(self) -> str:
        return self.positive.article


def passages_of(articles: Iterable[ArticleRecord]) -> list[Passage]:
    """Cut as the index cuts them."""
    return [
        Passage(one.key, one.title, chunk.heading_path, chunk.text)
        for one in articles
        for chunk in chunking.split(one.body, one.title)
    ]


def from_examples(examples: Iterable[Example]) -> Iterator[Pair]:
    for example in examples:
        turned_down = tuple(map(_passage, example.negatives))
        for positive in example.positives:
            yield Pair(example.question, _passage(positive), turned_down)


def from_passages(passages: Sequence[Passage], *, seed: int) -> Iterator[Pair]:
    """The knowledge base's own pairs. No passage of a pair holds the words of its question."""
    by_article: dict[str, list[Passage]] = {}
    for passage in passages:
        by_article.setdefault(passage.article, []).append(passage)
    random = Random(seed)  # no secret
    for own in by_article.values():
        yield Pair(own[0].title, _without(own[0], title=True), made="title")
        for passage in own:
            if passage.heading_path:
                heading = passage.heading_path.rpartition(SEPARATOR)[2]
                query = f"{passage.title} {heading}" if len(heading.split()) < 3 else heading
                yield Pair(query, _without(passage, title=False), made="heading")
            others = [one for one in own if one is not passage]
            words = plain(passage.text).split()[:SECTION_WORDS]
            if others and len(words) >= MIN_SECTION_WORDS:
                yield Pair(" ".join(words), random.choice(others), made="section")


def split(pairs: Iterable[Pair], *, held_out: float, seed: int) -> tuple[list[Pair], list[Pair]]:
    """(to learn from, to measure on), by article."""
    sides: tuple[list[Pair], list[Pair]] = ([], [])
    for pair in pairs:
        sides[part_of(pair.group, seed=seed, share=held_out) is Part.TUNE].append(pair)
    return sides


def _without(passage: Passage, *, title: bool) -> Passage:
    """The passage without the words that are its question, which would answer themselves."""
    if title:
        return Passage(passage.article, "", passage.heading_path, passage.text)
    path = passage.heading_path.rpartition(SEPARATOR)[0]
    return Passage(passage.article, passage.title, path, passage.text)


def _passage(source: Source) -> Passage:
    return Passage(source.article, source.title, source.heading_path, source.text)
