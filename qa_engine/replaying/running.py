"""Replays messages in batches. A message that the change cannot reach costs one retrieval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from knowledge.types import Viewer
from qa_engine.pipeline import Engine
from qa_engine.policy import triage
from qa_engine.questions import Question, split_questions
from qa_engine.replaying.comparing import outcome_of
from qa_engine.replaying.overlay import OverlayRetriever, Remembered
from qa_engine.replaying.past import Past
from qa_engine.replaying.values import (
    Change,
    Changed,
    Outcome,
    Overlay,
    PastMessage,
    Replayed,
)
from qa_engine.types import DraftRequest, DraftResult


@dataclass(frozen=True, slots=True)
class Side:
    """An engine, and what must hold while it is asked: a candidate's index is another."""

    engine: Engine
    within: Callable[[], AbstractContextManager[None]] = nullcontext

    def upon(self, overlay: Overlay, remembered: Remembered) -> Side:
        return replace(
            self, engine=replace(self.engine, retriever=OverlayRetriever(remembered, overlay))
        )

    def write_drafts(self, requests: Sequence[DraftRequest]) -> list[DraftResult]:
        with self.within():
            return self.engine.write_drafts(requests)


def replay(
    messages: Sequence[PastMessage],
    change: Change,
    engine: Engine,
    candidate: Side | None = None,
) -> list[Replayed]:
    """For each message, in order, what the change would have made of it.

    A candidate is asked of the changed state instead of `engine`.
    """
    if not messages:
        return []
    present = Side(engine)
    other = candidate or present
    if change.min_confidence is not None:
        other = replace(other, engine=replace(other.engine, min_confidence=change.min_confidence))
    known = Remembered(engine.retriever)
    others_known = Remembered(candidate.engine.retriever) if candidate else known
    found: dict[int, Replayed] = {}
    for (state, changed), own in _states(messages, change).items():
        before, after = present.upon(state, known), other.upon(changed.overlay, others_known)
        compared = _compare(own, before, after)
        found |= {one.key: one if changed.is_certain else _untold(one) for one in compared}
    return [found[message.key] for message in messages]


def _states(
    messages: Sequence[PastMessage], change: Change
) -> dict[tuple[Overlay, Changed], list[PastMessage]]:
    """The messages by what could be read on their days, without the change and with it."""
    states: dict[tuple[Overlay, Changed], list[PastMessage]] = {}
    since = min(message.at for message in messages)
    viewers = {message.request.viewer for message in messages}
    pasts = {viewer: Past(since, viewer, change) for viewer in viewers}
    for message in messages:
        past = pasts[message.request.viewer]
        state = past.at(message.at)
        states.setdefault((state, past.changed(state, message.at)), []).append(message)
    return states


def _untold(one: Replayed) -> Replayed:
    """Of a change that cannot be told: whether it might have reached the message at all."""
    return one if one.outcome is Outcome.SAME else Replayed(one.key, Outcome.UNTOLD)


def _compare(messages: Sequence[PastMessage], before: Side, after: Side) -> list[Replayed]:
    reached = [message for message in messages if _is_reached(message, before, after)]
    requests = [message.request for message in reached]
    pairs = zip(before.write_drafts(requests), after.write_drafts(requests), strict=True)
    found = {message.key: Replayed(message.key, Outcome.SAME) for message in messages}
    for message, (old, new) in zip(reached, pairs, strict=True):
        outcome = outcome_of(old, new, message.sent)
        if outcome is not Outcome.SAME:
            found[message.key] = Replayed(message.key, outcome, old, new)
    return list(found.values())


def _is_reached(message: PastMessage, before: Side, after: Side) -> bool:
    """Whether the engine would read anything else, or judge it otherwise."""
    request = message.request
    if triage(request.text, request.subject) is not None:
        return False
    one, other = before.engine, after.engine
    if before.within is not after.within or one.min_confidence != other.min_confidence:
        return True
    questions = split_questions(request.text, request.subject)
    if not questions:
        return False
    viewer = request.viewer
    return _read(one, questions, viewer) != _read(other, questions, viewer)


def _read(
    engine: Engine, questions: Sequence[Question], viewer: Viewer
) -> list[list[tuple[int, str, str]]]:
    found = engine.propose(questions, viewer)
    return [[(one.article_id, one.title, one.text) for one in own] for own in found]
