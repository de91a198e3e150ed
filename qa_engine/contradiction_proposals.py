"""A contradiction of two articles as a suggestion: which is to change, and what was decided.

A pair of statements is asked about once: whatever a person decided on it stands until one of the
two says something else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from knowledge.models import Article, ArticleUse, Revision, Suggestion, SuggestionEvidence
from knowledge.paragraphs import paragraph_key
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from qa_engine.claim_reading import text_of
from qa_engine.sentences import plain
from qa_engine.suggesting import contradictions
from qa_engine.suggesting.claims import Claim
from qa_engine.suggesting.pairs import Contradiction
from qa_engine.suggesting.settling import settled
from qa_engine.suggesting.topics import stems

RECIPE = f"contradictions/{contradictions.RECIPE}"
MOST_EVIDENCE = 10
#: The highest confidence of what may be of two things; drafts are held from .75 on unless
#: the shop says otherwise.
UNSURE = 0.74
#: Characters of a statement in the reason; the evidence has it whole.
QUOTED = 110


@dataclass(frozen=True)
class Known:
    """A suggestion about the article that is open or was decided, with what it quotes."""

    suggestion: Suggestion
    quotes: frozenset[tuple[int, str]]

    @property
    def articles(self) -> set[int]:
        both = (self.suggestion.article_id, self.suggestion.other_article_id)
        return {pk for pk in both if pk is not None}


def known_about(article: Article) -> list[Known]:
    rows = Suggestion.objects.filter(
        kind=Suggestion.Kind.CONTRADICTION, evidence__revision__article=article
    ).exclude(state__in=[Suggestion.State.SUPERSEDED, Suggestion.State.EXPIRED])
    quotes: dict[int, set[tuple[int, str]]] = {}
    evidence = SuggestionEvidence.objects.filter(suggestion__in=rows.values("pk"))
    for pk, about, quote in evidence.values_list("suggestion", "revision__article", "quote"):
        if about is not None:
            quotes.setdefault(pk, set()).add((about, paragraph_key(quote)))
    return [
        Known(row, frozenset(quotes.get(row.pk, ()))) for row in rows.distinct().order_by("pk")
    ]


@dataclass(frozen=True)
class Pair:
    """Two articles and what they say differently."""

    article: Article
    other: Article
    found: Contradiction

    def proposal(self, known: Sequence[Known]) -> Proposal | None:
        """None where a person has decided on it, or has to find the words."""
        mine, theirs = (
            self._names(self.article, self.found.mine),
            self._names(self.other, self.found.theirs),
        )
        changes_mine = self._is_to_change_mine()
        key = f"contradiction:{_digest(sorted([*mine, *theirs]))}"
        for one in known:
            if mine & one.quotes and theirs & one.quotes:
                if not one.suggestion.is_open:
                    return None
                changes_mine = one.suggestion.article_id == self.article.pk
                key = one.suggestion.fact_key
        changed = self.article if changes_mine else self.other
        for one in known:  # the same words are to change for a third article's sake
            is_same = one.suggestion.is_open and one.suggestion.article_id == changed.pk
            if is_same and one.quotes & (mine if changes_mine else theirs):
                key = one.suggestion.fact_key
        return self._changing(key, changes_mine=changes_mine)

    def _is_to_change_mine(self) -> bool:
        """The one that fewer articles agree with; else the older text; else the less used one."""
        if self.found.for_mine != self.found.for_theirs:
            return self.found.for_mine < self.found.for_theirs
        mine, theirs = _standing(self.article), _standing(self.other)
        return mine < theirs

    def _changing(self, key: str, *, changes_mine: bool) -> Proposal | None:
        changed, source = (
            (self.article, self.other) if changes_mine else (self.other, self.article)
        )
        wrong, right = (
            (self.found.mine, self.found.theirs)
            if changes_mine
            else (self.found.theirs, self.found.mine)
        )
        base, says = changed.published_revision, source.published_revision
        assert base is not None
        assert says is not None
        return changing(
            changed,
            source,
            wrong,
            right[0],
            fact_key=key,
            fingerprint=RECIPE,
            evidence=(*_quoted(says, right), *_quoted(base, wrong)),
            confidence=confidence(self.found),
        )

    @staticmethod
    def _names(article: Article, found: Sequence[Claim]) -> frozenset[tuple[int, str]]:
        return frozenset((article.pk, paragraph_key(claim.stretch.text)) for claim in found)


def changing(
    changed: Article,
    source: Article,
    wrong: Sequence[Claim],
    right: Claim,
    *,
    fact_key: str,
    fingerprint: str,
    evidence: tuple[EvidenceItem, ...],
    confidence: float,
) -> Proposal | None:
    """That one article says what the other does.

    None where no words can be exchanged, or where readers see only one of the two.
    """
    base, says = changed.published_revision, source.published_revision
    if base is None or says is None:
        return None
    text = settled(text_of(base), wrong, right)
    if text is None:
        return None
    return Proposal(
        kind=Kind.CONTRADICTION,
        origin=Origin.REVIEW,
        title=text.title,
        summary=text.summary,
        body=text.body,
        language=changed.language,
        rationale=rationale(base, wrong[0], says, right),
        fact_key=fact_key,
        fingerprint=fingerprint,
        evidence=evidence,
        confidence=confidence,
        base_revision_id=base.pk,
        paragraph_at=next((c.start for c in wrong if c.stretch.field == "body"), None),
        other_article_id=source.pk,
        asks_once=True,
    )


def confidence(found: Contradiction) -> float:
    """See docs/adr/0025 for the shares of planted ones that were right.

    "The voucher" of one page need not be that of another: where a statement speaks of what its
    page has spoken of before, and the titles share no word, it is never sure.
    """
    told = round(min(0.95, 0.6 + 0.12 * found.score), 3)
    return told if _is_of_one_thing(found) else min(told, UNSURE)


def _is_of_one_thing(found: Contradiction) -> bool:
    mine, theirs = found.mine[0], found.theirs[0]
    if not (mine.is_of_its_page or theirs.is_of_its_page):
        return True
    return bool(stems(mine.stretch.title) & stems(theirs.stretch.title))


def _standing(article: Article) -> tuple[date, int, int]:
    """The newer text is taken to be right, then the one that answers rest on more."""
    shown = article.published_revision
    assert shown is not None
    use = ArticleUse.objects.filter(article=article).first()
    written_at = article.rewritten_at or shown.created_at
    return written_at.date(), use.drafts if use else 0, -article.pk


def rationale(wrong: Revision, mine: Claim, right: Revision, theirs: Claim) -> str:
    """One sentence that names both articles and what they say."""
    return _("“%(wrong)s” says “%(mine)s”, but “%(right)s” says “%(theirs)s”.") % {
        "wrong": wrong.title[:80],
        "mine": Truncator(_told(mine)).chars(QUOTED),
        "right": right.title[:80],
        "theirs": Truncator(_told(theirs)).chars(QUOTED),
    }


def _told(claim: Claim) -> str:
    return claim.said if claim.is_row else plain(claim.stretch.text)


def _quoted(revision: Revision, found: Sequence[Claim]) -> list[EvidenceItem]:
    """The statements of the body; of the title or summary where they alone say it."""
    stretches = dict.fromkeys(claim.stretch for claim in found)
    said = [one for one in stretches if one.field == "body"] or list(stretches)[:1]
    return [
        EvidenceItem(
            EvidenceKind.PASSAGE,
            one.text,
            timezone.now(),
            revision_id=revision.pk,
            start=one.start if one.field == "body" else None,
            end=one.end if one.field == "body" else None,
        )
        for one in said[:MOST_EVIDENCE]
    ]


def _digest(names: Sequence[tuple[int, str]]) -> str:
    return hashlib.sha256(repr(names).encode()).hexdigest()[:32]
