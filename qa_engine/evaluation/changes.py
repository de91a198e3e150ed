"""Changes of facts with known consequences, made from a list of facts that people labelled.

The truth does not come from the finder: each fact of the file names, by hand, every place of
the articles that states it. Into copies of the articles come other ways to state the fact
(also true) and sentences with the same number about something else (not true). Imports no
Django.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.data import UnusableData

_SPELT = {
    2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 10: "ten",
    12: "twelve", 14: "fourteen", 20: "twenty", 30: "thirty", 60: "sixty",
}  # fmt: skip
_NUMBERS = {word: number for number, word in _SPELT.items()}


@dataclass(frozen=True, slots=True)
class Fact:
    """As the file has it; `places` are (article, words of the place)."""

    key: str
    kind: str
    source: str
    old: str
    value: str
    new: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    maybe: tuple[tuple[str, str], ...]
    says: tuple[str, ...]
    product: str = ""
    attribute: str = ""
    mention: str = ""

    @property
    def group(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class Span:
    article: str
    field: str
    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        return (
            (self.article, self.field) == (other.article, other.field)
            and self.start < other.end
            and other.start < self.end
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One change of one fact: the source's text before and after, the articles that day,
    and where they state it.
    """

    fact: Fact
    value: str
    before: str
    after: str
    articles: tuple[ArticleRecord, ...]
    truth: tuple[Span, ...]
    maybe: tuple[Span, ...]
    # Planted sentences that hold the same number and are about something else.
    decoys: tuple[Span, ...]


def load_facts(path: Path) -> tuple[list[Fact], Mapping[str, Sequence[str]]]:
    """The facts, and by kind the sentences about something else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        facts = [_fact(one) for one in data["facts"]]
        return facts, data["about_something_else"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableData(f"{path.name} is no list of facts: {error!r}") from error


def make_cases(
    facts: Sequence[Fact],
    decoys: Mapping[str, Sequence[str]],
    articles: Sequence[ArticleRecord],
    sources: Path,
    *,
    count: int,
    seed: int,
) -> Iterator[Case]:
    """`count` changes: every fact once, then again with other values, in a seeded order."""
    chance = random.Random(seed)
    order: list[Fact] = []
    while len(order) < count:
        order += chance.sample(list(facts), len(facts))
    for fact in order[:count]:
        value = chance.choice(fact.new)
        before = (sources / fact.source).read_text(encoding="utf-8")
        after = _after(fact, before, value)
        yield _case(fact, value, before, after, articles, decoys, chance)


def _fact(one: Mapping[str, Any]) -> Fact:
    pairs = {
        name: tuple(tuple(place.split("|", 1)) for place in one[name])
        for name in ("places", "maybe")
    }
    return Fact(
        key=one["id"],
        kind=one["kind"],
        source=one["source"],
        old=one.get("old", ""),
        value=one["value"],
        new=tuple(one["new"]),
        places=pairs["places"],
        maybe=pairs["maybe"],
        says=tuple(one["says"]),
        product=one.get("product", ""),
        attribute=one.get("attribute", ""),
        mention=one.get("mention", ""),
    )


def _after(fact: Fact, before: str, value: str) -> str:
    if fact.product:
        lines = before.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{fact.product},"))
        cells = lines[at].split(",")
        cells[1 if fact.attribute == "name" else 2] = value
        return "\n".join([*lines[:at], ",".join(cells), *lines[at + 1 :]])
    new = fact.old.replace(fact.value, value) if fact.value else value
    if fact.old not in before or new == fact.old:
        raise UnusableData(f"{fact.source} does not hold “{fact.old}”.")
    return before.replace(fact.old, new, 1)


def _case(
    fact: Fact,
    value: str,
    before: str,
    after: str,
    articles: Sequence[ArticleRecord],
    decoys: Mapping[str, Sequence[str]],
    chance: random.Random,
) -> Case:
    truth = [span for place in fact.places for span in where(articles, *place)]
    truth += _mentions(fact, articles)
    maybe = [span for place in fact.maybe for span in where(articles, *place)]
    bodies = {article.key: article.body for article in articles}
    said = [(text, truth) for text in fact.says if chance.random() < 0.7]
    about_else: list[Span] = []
    others = chance.sample(list(decoys[fact.kind]), 2)
    for text, spans in [*said, *((text, about_else) for text in others)]:
        sentence = text.format(v=form_of(fact.value, chance)) if "{v}" in text else text
        key = chance.choice(sorted(bodies))
        start = len(bodies[key]) + 2
        bodies[key] += f"\n\n{sentence}"
        spans.append(Span(key, "body", start, start + len(sentence)))
    that_day = tuple(
        ArticleRecord(a.key, a.title, bodies[a.key], a.summary, a.issue, a.is_internal)
        for a in articles
    )
    return Case(
        fact, value, before, after, that_day, tuple(truth), tuple(maybe), tuple(about_else)
    )


def where(articles: Sequence[ArticleRecord], key: str, words: str) -> list[Span]:
    """The first place of the article that holds the words: body, summary or title."""
    article = next((one for one in articles if one.key == key), None)
    if article is None:
        raise UnusableData(f"There is no article {key}.")
    for field in ("title", "summary", "body"):
        start = getattr(article, field).find(words)
        if start >= 0:
            return [Span(key, field, start, start + len(words))]
    raise UnusableData(f"The article {key} does not hold “{words}”.")


def _mentions(fact: Fact, articles: Sequence[ArticleRecord]) -> list[Span]:
    """Of a name: wherever it stands, by the pattern that the file gives."""
    if not fact.mention:
        return []
    return [
        Span(article.key, field, found.start(), found.end())
        for article in articles
        for field in ("title", "summary", "body")
        for found in re.finditer(fact.mention, getattr(article, field))
    ]


def form_of(value: str, chance: random.Random) -> str:
    """The value as somebody else would write it."""
    if value.startswith("€"):
        number = value[1:]
        return chance.choice([value, f"{number.replace('.', ',')} €", f"EUR {number}"])
    first, _, rest = value.partition(" ")
    if first.isdigit() and rest and " to " not in value:
        return chance.choice([value, f"{_SPELT.get(int(first), first)} {rest}"])
    if first in _NUMBERS:
        return chance.choice([value, f"{_NUMBERS[first]} {rest}"])
    return value
