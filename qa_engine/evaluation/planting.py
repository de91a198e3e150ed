"""Contradictions with known truth: one article of a shop gets another value of a known fact.

The facts and all their places are labelled by people (`changes`). Either an article that states
the fact states another value, or a paraphrase with another value is put into an article that
is about something else. Decoys state another value of something that nobody else speaks of.
Imports no Django.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.changes import Fact, Span, form_of, where
from qa_engine.names import places
from qa_engine.suggesting.amounts import amounts, restated

#: Stand for what the shop does not have or does not ship to.
ELSEWHERE = ("Iceland", "Japan", "Turkey", "Brazil")
UNKNOWN = ("Kestrel 7", "Sula", "Bothy", "Gannet 3")
#: What a source calls a fact that is not an amount.
CONDITION = "condition"
_SKIPPED = frozenset({"renamed"})


class Way(StrEnum):
    PLACE = "place"
    PARAPHRASE = "paraphrase"
    DECOY = "decoy"


@dataclass(frozen=True, slots=True)
class Planted:
    """An article as it was changed, where, and where the others say what it contradicts."""

    fact: Fact
    way: Way
    article: ArticleRecord
    spans: tuple[Span, ...]
    # What the other articles say; empty for a decoy.
    truth: tuple[Span, ...]
    # Where people would disagree whether it is the same fact.
    maybe: tuple[Span, ...]

    @property
    def words(self) -> list[str]:
        return [getattr(self.article, span.field)[span.start : span.end] for span in self.spans]


def plant(
    facts: Sequence[Fact],
    decoys: Mapping[str, Sequence[str]],
    articles: Sequence[ArticleRecord],
    *,
    seed: int,
) -> Iterator[Planted]:
    """Each fact at up to two of its articles, in each paraphrase, and as a decoy."""
    chance = random.Random(seed)
    seen = [article for article in articles if not article.is_internal]
    by_key = {article.key: article for article in seen}
    for fact in facts:
        if fact.kind in _SKIPPED:
            continue
        spans = [s for place in fact.places if place[0] in by_key for s in where(seen, *place)]
        maybe = [s for place in fact.maybe if place[0] in by_key for s in where(seen, *place)]
        stating = sorted({span.article for span in spans})
        others = [key for key in sorted(by_key) if key not in stating]
        if fact.kind != CONDITION and len(stating) > 1:
            for key in chance.sample(stating, 2):
                value = chance.choice(fact.new)
                changed = _restated(by_key[key], [s for s in spans if s.article == key], value)
                if changed is not None:
                    yield _planted(fact, Way.PLACE, *changed, spans, maybe)
        for text in fact.new[:1] if fact.kind == CONDITION else fact.says:
            sentence = text.format(v=form_of(chance.choice(fact.new), chance))
            changed = _with(by_key[chance.choice(others)], sentence)
            yield _planted(fact, Way.PARAPHRASE, *changed, spans, maybe)
        for sentence in _decoys(fact, decoys, chance):
            changed = _with(by_key[chance.choice(others)], sentence)
            yield Planted(fact, Way.DECOY, *changed, (), ())


def _planted(
    fact: Fact,
    way: Way,
    article: ArticleRecord,
    at: tuple[Span, ...],
    spans: Sequence[Span],
    maybe: Sequence[Span],
) -> Planted:
    truth = tuple(span for span in spans if span.article != article.key)
    return Planted(fact, way, article, at, truth, tuple(maybe))


def _with(article: ArticleRecord, sentence: str) -> tuple[ArticleRecord, tuple[Span, ...]]:
    start = len(article.body) + 2
    body = f"{article.body}\n\n{sentence}"
    span = Span(article.key, "body", start, start + len(sentence))
    return replace(article, body=body), (span,)


def _restated(
    article: ArticleRecord, spans: Sequence[Span], value: str
) -> tuple[ArticleRecord, tuple[Span, ...]] | None:
    """With the new value at each of the places that hold an amount of the old one's kind."""
    [new, *_] = amounts(value)
    changed: list[Span] = []
    for span in sorted(spans, key=lambda one: -one.start):
        text: str = getattr(article, span.field)
        line_end = text.find("\n", span.end) if "\n" in text[span.end :] else len(text)
        for amount in amounts(text):
            is_bare = amount.kind == "number" and amount.low != amount.high
            if not (span.start <= amount.start < min(line_end, span.end + 40)):
                continue
            if amount.kind != new.kind and not is_bare:
                continue
            written = restated(amount, replace(new, kind=amount.kind))
            text = text[: amount.start] + written + text[amount.end :]
            article = _with_text(article, span.field, text)
            moved = len(written) - (amount.end - amount.start)
            changed = [replace(one, start=one.start + moved, end=one.end + moved)
                       if one.field == span.field else one for one in changed]  # fmt: skip
            end = max(span.end + moved, amount.start + len(written))
            changed.append(replace(span, end=end))
            break
    return (article, tuple(changed)) if changed else None


def _with_text(article: ArticleRecord, field: str, text: str) -> ArticleRecord:
    match field:
        case "title":
            return replace(article, title=text)
        case "summary":
            return replace(article, summary=text)
        case _:
            return replace(article, body=text)


def _decoys(
    fact: Fact, decoys: Mapping[str, Sequence[str]], chance: random.Random
) -> Iterator[str]:
    """The value of something else; and the fact's own sentence about another place or product."""
    value = form_of(chance.choice(fact.new), chance)
    yield chance.choice(list(decoys[fact.kind])).format(v=value)
    for text in fact.says:
        sentence = text.format(v=value)
        name = fact.key.removeprefix("price-").replace("-", " ").title().replace("Gtx", "GTX")
        if fact.product and name in sentence:
            yield sentence.replace(name, chance.choice(UNKNOWN))
        for place in places(text):
            if (spelt := place.title()) in sentence:
                yield sentence.replace(spelt, chance.choice(ELSEWHERE))
