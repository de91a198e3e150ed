"""The other way round: of two articles that contradict each other, the other one changes.

Needs no model: which words are meant is told by what the suggestion changes and quotes.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.exceptions import SuggestionDecided, SuggestionInvalid
from knowledge.models import Article, Suggestion, SuggestionEvidence
from knowledge.paragraphs import paragraph_key
from knowledge.proposals import EvidenceItem, EvidenceKind, Proposal
from knowledge.services.suggestions import propose, supersede
from qa_engine.claim_reading import text_of
from qa_engine.contradiction_proposals import changing
from qa_engine.suggesting.claims import Claim, claims
from qa_engine.suggesting.pairs import agree
from qa_engine.suggesting.stretches import Text


@transaction.atomic
def turn_round(suggestion: Suggestion) -> Suggestion:
    """An open suggestion that the other article is changed, in place of this one.

    Raises SuggestionDecided, and SuggestionInvalid where the two no longer say what is quoted.
    """
    row = Suggestion.objects.select_for_update(of=("self",)).get(pk=suggestion.pk)
    if not row.is_open:
        raise SuggestionDecided(row)
    proposal = _turned(row) if row.kind == Suggestion.Kind.CONTRADICTION else None
    if proposal is None:
        raise SuggestionInvalid(_("The other article has to be changed by hand."))
    supersede(suggestion=row)
    return propose(proposal).suggestion


def _turned(row: Suggestion) -> Proposal | None:
    right, wrong = row.article, row.other_article
    if right is None or wrong is None or row.base_revision is None:
        return None
    base = wrong.published_revision
    if base is None:
        return None
    evidence = list(row.evidence.select_related("revision"))
    pair = _exchanged(row, _quotes_of(evidence, wrong), text_of(base))
    if pair is None:
        return None
    mine, theirs = pair
    return changing(
        wrong,
        right,
        theirs,
        mine,
        fact_key=row.fact_key,
        fingerprint=row.fingerprint,
        evidence=tuple(_item(one) for one in evidence),
        confidence=row.confidence,
    )


def _exchanged(
    row: Suggestion, quotes: frozenset[str], other: Text
) -> tuple[Claim, list[Claim]] | None:
    """What the suggestion would change, and what the other article says instead."""
    assert row.base_revision is not None
    before = claims(text_of(row.base_revision))
    after = claims(Text(row.article_id, row.title, row.body, row.summary))
    for old, new in zip(before, after, strict=False):
        if old.family == new.family and not agree(old, new):
            theirs = [
                claim
                for claim in claims(other)
                if claim.family == new.family
                and agree(claim, new)
                and paragraph_key(claim.stretch.text) in quotes
            ]
            return (old, theirs) if theirs else None
    return None


def _quotes_of(evidence: list[SuggestionEvidence], article: Article) -> frozenset[str]:
    return frozenset(
        paragraph_key(one.quote)
        for one in evidence
        if one.revision is not None and one.revision.article_id == article.pk
    )


def _item(row: SuggestionEvidence) -> EvidenceItem:
    return EvidenceItem(
        EvidenceKind.PASSAGE,
        row.quote,
        timezone.now(),
        revision_id=row.revision_id,
        start=row.start,
        end=row.end,
    )
