"""Contradictions of an article with the others, as suggestions. Runs in the worker.

Where to look is told by the words of what all articles claim (`claim_reading`). Only statements
that may be of one matter by their words are read and embedded, those of some articles at once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from knowledge.models import Article
from knowledge.proposals import Proposal
from knowledge.services.suggestions import rebase_open
from qa_engine.claim_reading import Shelved, rarity, shelved, text_of
from qa_engine.contradiction_proposals import RECIPE, Known, Pair, known_about
from qa_engine.models import EmbeddingIndex
from qa_engine.protocols import ModelUnavailable
from qa_engine.registry import embedder_for
from qa_engine.suggesting.claims import Claim, claims
from qa_engine.suggesting.contradictions import Finder
from qa_engine.suggesting.pairs import Contradiction
from qa_engine.suggesting.shelves import Possible

#: Articles that an article is compared with, those whose claims may be nearest to its own; and
#: as many that agree with it, where it contradicts one.
NEAREST = 20
#: Vectors of statements that are kept from one step of a night to the next (15 MB).
KEPT = 10_000

Claims = tuple[Claim, Claim]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ahead:
    """What is known of an article's contradictions before anything is embedded."""

    revision_id: int | None
    possible: Sequence[Possible]
    pairs: Sequence[Claims]
    # The articles that the pairs are with.
    others: Mapping[int, Article]


class Comparison:
    """Compares articles one after another, with what is read and embedded once for all.

    Free to build. `meet` tells which articles there are to compare them with. Where no index
    answers, or its model cannot be had, nothing is found.
    """

    def __init__(self) -> None:
        self._ahead: dict[int, Ahead] = {}
        # Each pair is looked at once, by whichever article comes second.
        self._compared: set[int] = set()
        self._shelved: dict[tuple[object, ...], Shelved] = {}

    @cached_property
    def index(self) -> EmbeddingIndex | None:
        index = EmbeddingIndex.objects.active()
        if index is None:
            return None
        try:
            embedder_for(index.model).warm_up()
        except ModelUnavailable as error:
            logger.info("contradictions are not looked for: %s", error)
            return None
        return index

    @property
    def recipe(self) -> str:
        """Names the code and the model."""
        return f"{RECIPE}/{self.index.fingerprint if self.index else 'without an index'}"

    @cached_property
    def finder(self) -> Finder:
        assert self.index is not None
        vectors = _vectors(self.index.fingerprint)
        for text in list(vectors)[:-KEPT]:
            del vectors[text]
        return Finder(embedder_for(self.index.model).embed_passages, rarity(), vectors=vectors)

    def meet(self, articles: Iterable[int]) -> None:
        """These have been compared, so that those to come are compared with them."""
        self._compared.update(articles)

    def look_ahead(self, articles: Sequence[Article]) -> None:
        """Read and embed at once what comparing each of these articles takes."""
        if self.index is None:
            return
        self.meet(article.pk for article in articles)
        possible = {article: self._possible(article) for article in articles}
        nearest = {
            article: _nearest(one for one in found if one.article in self._compared)
            for article, found in possible.items()
        }
        shown = _shown({pk for keys in nearest.values() for pk in keys})
        self._ahead = {
            article.pk: self._looked_at(
                article, possible[article], {pk: shown[pk] for pk in keys if pk in shown}
            )
            for article, keys in nearest.items()
        }
        self.finder.learn(pair for one in self._ahead.values() for pair in one.pairs)

    def proposals(self, article: Article) -> Iterator[Proposal]:
        """What contradicts the article, but for what a person has decided on."""
        if self.index is None:
            return
        rebase_open(article.pk)  # so that what is open is known by the paragraph as it is now
        known = known_about(article)
        ahead = self._ahead.pop(article.pk, None)
        if ahead is None or ahead.revision_id != article.published_revision_id:
            self.look_ahead([article])
            ahead = self._ahead.pop(article.pk)
        ahead = self._with_known(article, ahead, known)
        found = self._contradictions(article, ahead)
        if found:
            ahead = self._with_agreeing(article, ahead, found)
            found = self._contradictions(article, ahead)
        for one in found:
            pair = Pair(article, ahead.others[int(str(one.other))], one)
            proposal = pair.proposal(known)
            if proposal is not None:
                yield proposal

    def _contradictions(self, article: Article, ahead: Ahead) -> list[Contradiction]:
        if not ahead.pairs:
            return []
        told = [*_claims(article), *(c for other in ahead.others.values() for c in _claims(other))]
        return self.finder.among(ahead.pairs, told)

    def _possible(self, article: Article) -> list[Possible]:
        own = _claims(article)
        return list(self._all_claims(article).shelf.possible(own, article.pk)) if own else []

    def _looked_at(
        self, article: Article, possible: Sequence[Possible], others: Mapping[int, Article]
    ) -> Ahead:
        """Of what is possible by the words what may match by all rules. A text that was changed
        after it was read is left out: it is compared itself, and meets this one then.
        """
        mine, read = _claims(article), self._all_claims(article).revisions
        readers = _readers(article)
        others = {pk: other for pk, other in others.items() if _readers(other) == readers}
        theirs = {
            pk: _claims(other)
            for pk, other in others.items()
            if other.published_revision_id == read.get(pk)
        }
        pairs = (
            (mine[one.mine], theirs[one.article][one.theirs])
            for one in possible
            if one.article in theirs
        )
        return Ahead(
            article.published_revision_id,
            possible,
            [pair for pair in pairs if self.finder.may_match(*pair)],
            others,
        )

    def _with_known(self, article: Article, ahead: Ahead, known: Sequence[Known]) -> Ahead:
        """Also with those of which it is known that they contradict it."""
        about = {pk for one in known if one.suggestion.is_open for pk in one.articles}
        return self._with(article, ahead, about - {article.pk})

    def _with_agreeing(
        self, article: Article, ahead: Ahead, found: Sequence[Contradiction]
    ) -> Ahead:
        """Also with those that agree with it on what it contradicts others in."""
        disputed = {claim for one in found for claim in one.mine}
        mine = _claims(article)
        agreeing = [one for one in ahead.possible if one.agrees and mine[one.mine] in disputed]
        return self._with(article, ahead, _nearest(agreeing, agreeing=True))

    def _with(self, article: Article, ahead: Ahead, keys: Iterable[int]) -> Ahead:
        missing = _shown(set(keys) - ahead.others.keys())
        if not missing:
            return ahead
        return self._looked_at(article, ahead.possible, {**ahead.others, **missing})

    def _all_claims(self, article: Article) -> Shelved:
        key = article.language, *_readers(article)
        if key not in self._shelved:
            self._shelved[key] = shelved(article, self.finder.rarity, self.finder.weights)
        return self._shelved[key]


@lru_cache(maxsize=1)
def _vectors(_fingerprint: str) -> dict[str, Any]:
    return {}


def _nearest(possible: Iterable[Possible], *, agreeing: bool = False) -> list[int]:
    best: dict[int, float] = {}
    for one in possible:
        if one.agrees == agreeing:
            best[one.article] = max(one.at_most, best.get(one.article, one.at_most))
    return sorted(best, key=lambda pk: (-best[pk], pk))[:NEAREST]


def _readers(article: Article) -> tuple[object, ...]:
    """Words go from the one to the other only among articles for just the same ones."""
    return article.visibility, *article.reader_groups


def _claims(article: Article) -> tuple[Claim, ...]:
    return claims(text_of(article.published_revision))


def _shown(keys: set[int]) -> dict[int, Article]:
    if not keys:
        return {}
    return Article.objects.published().select_related("published_revision").in_bulk(keys)
