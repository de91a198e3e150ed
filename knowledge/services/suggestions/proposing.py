"""Proposing a change. The same need seen again adds evidence, never a second suggestion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count

from knowledge.exceptions import SuggestionInvalid
from knowledge.models import Revision, Suggestion, SuggestionEvidence
from knowledge.paragraphs import paragraph_at
from knowledge.proposals import EvidenceItem, Kind, Origin, Proposal
from knowledge.services.suggestions.readers import ensure_same_readers
from knowledge.services.suggestions.rebasing import rebase
from knowledge.services.writing import checked_text
from knowledge.signals import suggestion_proposed
from knowledge.types import ArticleText


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of a proposal. `suggestion` may be one that a person dismissed before."""

    suggestion: Suggestion
    is_new: bool
    evidence_added: int

    @property
    def is_open(self) -> bool:
        return self.suggestion.is_open


def propose(proposal: Proposal) -> Proposed:
    """Open a suggestion, or add the evidence to the open one of the same need.

    The same need is the same article, paragraph and fact. It raises the suggestion: its
    confidence and expected effect never fall by being seen again. What a person dismissed
    stays dismissed until as much new evidence has come as they had before them, or for good
    (`asks_once`). Raises SuggestionInvalid and ArticleInvalid.
    """
    base = _checked(proposal)
    try:
        return _propose(proposal, base)
    except IntegrityError:
        # Another worker opened the same one at this moment.
        return _propose(proposal, base)


@transaction.atomic
def _propose(proposal: Proposal, base: Revision | None) -> Proposed:
    identity = _identity(proposal, base)
    known = Suggestion.objects.select_for_update(of=("self",)).filter(**identity)
    suggestion = known.open().first()
    if suggestion is None:
        dismissed = known.filter(state=Suggestion.State.DISMISSED).order_by("-decided_at").first()
        if dismissed is not None and not _is_worth_asking_again(dismissed, proposal):
            return Proposed(dismissed, is_new=False, evidence_added=0)
        suggestion = _create(proposal, base, identity)
        added = _add(suggestion, proposal.evidence)
        _count(suggestion)
        suggestion_proposed.send(Suggestion, suggestion_id=suggestion.pk)
        return Proposed(suggestion, is_new=True, evidence_added=added)
    added = _add(suggestion, proposal.evidence)
    _raise(suggestion, proposal)
    _count(suggestion)
    if base is not None and suggestion.base_revision_id != base.pk:
        rebase(suggestion)
    return Proposed(suggestion, is_new=False, evidence_added=added)


def _checked(proposal: Proposal) -> Revision | None:
    """The base revision, if the proposal is whole."""
    is_new = proposal.kind == Kind.NEW_ARTICLE
    if is_new != (proposal.base_revision_id is None):
        raise SuggestionInvalid("Only a new article has no base revision.")
    if not proposal.evidence:
        raise SuggestionInvalid("A suggestion needs evidence.")
    if not proposal.fact_key or not proposal.rationale:
        raise SuggestionInvalid("A suggestion needs a fact and a reason.")
    if proposal.kind != Kind.RETIRE:
        checked_text(ArticleText(proposal.title, proposal.body, proposal.summary))
    if proposal.base_revision_id is None:
        return None
    base = Revision.objects.filter(pk=proposal.base_revision_id).first()
    if base is None:
        raise SuggestionInvalid("The base revision is gone.")
    if proposal.other_article_id is not None:
        ensure_same_readers(base.article_id, proposal.other_article_id)
    same = (base.title, base.body) == (proposal.title, proposal.body)
    if same and proposal.kind in {Kind.EDIT, Kind.CONTRADICTION}:
        raise SuggestionInvalid("The edit changes nothing.")
    return base


def _identity(proposal: Proposal, base: Revision | None) -> dict[str, object]:
    paragraph = (
        paragraph_at(base.body, proposal.paragraph_at)
        if base is not None and proposal.paragraph_at is not None
        else None
    )
    return {
        "article_id": base.article_id if base else None,
        "paragraph_key": paragraph.key if paragraph else "",
        "fact_key": proposal.fact_key[:200],
    }


def _create(proposal: Proposal, base: Revision | None, identity: dict[str, object]) -> Suggestion:
    paragraph = (
        paragraph_at(base.body, proposal.paragraph_at)
        if base is not None and proposal.paragraph_at is not None
        else None
    )
    seen = [item.seen_at for item in proposal.evidence]
    text = ArticleText(proposal.title, proposal.body, proposal.summary).normalized()
    return Suggestion.objects.create(
        **identity,
        kind=str(proposal.kind),
        origin=str(proposal.origin),
        base_revision=base,
        other_article_id=proposal.other_article_id,
        category_id=proposal.category_id,
        language=proposal.language,
        paragraph_start=paragraph.start if paragraph else None,
        paragraph_end=paragraph.end if paragraph else None,
        fingerprint=proposal.fingerprint[:200],
        title=text.title,
        summary=text.summary or (base.summary if base else ""),
        body=text.body,
        sentences=[
            {"text": one.text, "messages": list(one.messages)} for one in proposal.sentences
        ],
        rationale=proposal.rationale[:500],
        confidence=proposal.confidence,
        first_seen_at=min(seen),
        last_seen_at=max(seen),
        tickets_per_week=proposal.tickets_per_week,
        handling_minutes=proposal.handling_minutes,
        effect=dict(proposal.effect),
    )


def _add(suggestion: Suggestion, evidence: Iterable[EvidenceItem]) -> int:
    """Keep what is not there yet; how much that was."""
    before = suggestion.evidence.count()
    rows = [
        SuggestionEvidence(
            suggestion=suggestion,
            kind=str(item.kind),
            key=item.key,
            ticket_number=item.ticket_number,
            message_id=item.message_id,
            source_version_id=item.source_version_id,
            revision_id=item.revision_id,
            start=item.start,
            end=item.end,
            label=item.label[:200],
            quote=item.quote,
            before=item.before,
            seen_at=item.seen_at,
        )
        for item in evidence
    ]
    SuggestionEvidence.objects.bulk_create(rows, ignore_conflicts=True)
    return suggestion.evidence.count() - before


def _raise(suggestion: Suggestion, proposal: Proposal) -> None:
    """Seen again: at least as sure and as large as before."""
    seen = [item.seen_at for item in proposal.evidence]
    suggestion.first_seen_at = min([suggestion.first_seen_at, *seen])
    suggestion.last_seen_at = max([suggestion.last_seen_at, *seen])
    if proposal.origin == Origin.REVIEW:
        suggestion.rationale = proposal.rationale[:500]  # with the newest counts
    suggestion.confidence = max(suggestion.confidence, proposal.confidence)
    suggestion.tickets_per_week = max(suggestion.tickets_per_week, proposal.tickets_per_week)
    suggestion.handling_minutes = max(suggestion.handling_minutes, proposal.handling_minutes)
    suggestion.effect = {**suggestion.effect, **proposal.effect}


def _count(suggestion: Suggestion) -> None:
    counts = suggestion.evidence.aggregate(tickets=Count("ticket_number", distinct=True))
    suggestion.ticket_count = counts["tickets"]
    suggestion.save()
    suggestion.refresh_from_db(fields=["weekly_minutes"])


def _is_worth_asking_again(dismissed: Suggestion, proposal: Proposal) -> bool:
    if proposal.asks_once:
        return False
    known = set(dismissed.evidence.values_list("key", flat=True))
    fresh = {item.key for item in proposal.evidence} - known
    return len(fresh) >= max(1, len(known))
