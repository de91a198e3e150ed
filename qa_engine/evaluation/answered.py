"""Tickets with known answers as if people had answered them: what later ones can lean on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import mul

from knowledge.models import Article
from qa_engine import precedents
from qa_engine.evaluation.gold import Gold
from qa_engine.models import AnsweredQuestion
from qa_engine.precedents import NEAREST, Answered, in_context
from qa_engine.protocols import Embedder
from qa_engine.questions import Question
from qa_engine.spans import quotable
from qa_engine.types import Precedent

# What names a ticket of a file among what people answered.
SOURCE = "gold:"


class Others:
    """Precedents of gold questions, but never of the matter that is asked about just now."""

    def __init__(self, gold: Sequence[Gold], named: Mapping[str, int], embedder: Embedder) -> None:
        self.asked_about = ""
        self._embedder = embedder
        found = [(one.about, answered) for one in gold for answered in answered_in(one, named)]
        vectors = embedder.embed_queries([answered.question for _, answered in found])
        self._kept = [
            (about, answered, vector)
            for (about, answered), vector in zip(found, vectors, strict=True)
        ]

    def nearest(self, questions: Sequence[Question]) -> list[list[Precedent]]:
        return [self._nearest(vector) for vector in in_context(self._embedder, questions)]

    def _nearest(self, asked: Sequence[float]) -> list[Precedent]:
        found = [
            Precedent(one.article_id, one.quote, sum(map(mul, asked, vector)))
            for about, one, vector in self._kept
            if about != self.asked_about
        ]
        return sorted(found, key=lambda one: -one.similarity)[:NEAREST]


def keep_answered(gold: Iterable[Gold], keys: Mapping[int, str], embedder: Embedder) -> int:
    """Keep the answers of these questions, by ticket, and of no others; how many sentences."""
    AnsweredQuestion.objects.filter(source__startswith=SOURCE).delete()
    named = {name: article_id for article_id, name in keys.items()}
    by_ticket: dict[str, list[Answered]] = {}
    for one in gold:
        by_ticket.setdefault(one.about, []).extend(answered_in(one, named))
    count = sum(precedents.keep(f"{SOURCE}{key}"[:60], found) for key, found in by_ticket.items())
    while precedents.embed_due(embedder):
        pass
    return count


def answered_in(gold: Gold, named: Mapping[str, int]) -> Iterator[Answered]:
    """The sentences of its articles that say the answer; a question outside a ticket has none."""
    if not gold.question.message:
        return
    for name in gold.articles:
        article_id = named[name]
        shown = Article.objects.get(pk=article_id).published_revision
        body = shown.body if shown else ""
        for _, said in quotable(body, 0, len(body)):
            if any(folded(words) in folded(said) for words in gold.contains):
                yield Answered(gold.question.query, article_id, said)


def folded(text: str) -> str:
    """As words are looked for in a sentence: whatever its spaces and capitals."""
    return " ".join(text.split()).lower()
