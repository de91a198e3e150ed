"""What became of an answer. Pure: two drafts in, one word out."""

from __future__ import annotations

from qa_engine.replaying.values import Outcome
from qa_engine.text import content_stems
from qa_engine.types import DraftResult

#: So much closeness to what a person sent must be lost before a draft counts as worse: a
#: corrected number costs less, a lost sentence more.
WORSE = 0.1


def outcome_of(before: DraftResult, after: DraftResult, sent: str) -> Outcome:
    """`sent` is what a person approved or wrote; without it no draft is worse than another.

    A part that was answered and no longer is counts as lost, although a draft remains.
    """
    if not before.body and not after.body:
        return Outcome.SAME
    if not before.body:
        return Outcome.ANSWERED
    if not after.body:
        return Outcome.LOST
    if _said(before) == _said(after):
        return Outcome.SAME
    if _answered(after) < _answered(before):
        return Outcome.LOST
    if _answered(after) > _answered(before):
        return Outcome.ANSWERED
    if sent and closeness(_claims(after), sent) < closeness(_claims(before), sent) - WORSE:
        return Outcome.WORSE
    return Outcome.CHANGED


def closeness(draft: str, sent: str) -> float:
    """F1 of the content words that both share: 0 nothing … 1 the same words."""
    ours, theirs = content_stems(draft), content_stems(sent)
    shared = len(ours & theirs)
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


def _answered(result: DraftResult) -> int:
    return sum(question.is_answered for question in result.questions)


def _claims(result: DraftResult) -> str:
    """What the draft says of the matter, without its greeting and signature."""
    return " ".join(sentence.text for sentence in result.sentences if sentence.is_claim)


def _said(result: DraftResult) -> list[str]:
    return [sentence.text for sentence in result.sentences]
