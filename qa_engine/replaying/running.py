"""Replays messages in batches. A message that the change cannot reach costs one retrieval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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


def replay(messages: Sequence[PastMessage], change: Change, engine: Engine) -> list[Replayed]:
    """For each message, in order, what the change would have made of it."""
    if not messages:
        return []
    remembered = Remembered(engine.retriever)
    states: dict[tuple[Overlay, Changed], list[PastMessage]] = {}
    since = min(message.at for message in messages)
    viewers = {message.request.viewer for message in messages}
    pasts = {viewer: Past(since, viewer, change) for viewer in viewers}
    for message in messages:
        past = pasts[message.request.viewer]
        state = past.at(message.at)
        states.setdefault((state, past.changed(state, message.at)), []).append(message)
    found: dict[int, Replayed] = {}
    for (state, changed), own in states.items():
        before = replace(engine, retriever=OverlayRetriever(remembered, state))
        after = replace(
            engine,
            retriever=OverlayRetriever(remembered, changed.overlay),
            min_confidence=(
                engine.min_confidence if change.min_confidence is None else change.min_confidence
            ),
        )
        compared = _compare(own, before, after)
        found |= {one.key: one if changed.is_certain else _untold(one) for one in compared}
    return [found[message.key] for message in messages]


def _untold(one: Replayed) -> Replayed:
    """Of a change that cannot be told: whether it might have reached the message at all."""
    return one if one.outcome is Outcome.SAME else Replayed(one.key, Outcome.UNTOLD)


def _compare(messages: Sequence[PastMessage], before: Engine, after: Engine) -> list[Replayed]:
    reached = [message for message in messages if _is_reached(message, before, after)]
    requests = [message.request for message in reached]
    pairs = zip(before.write_drafts(requests), after.write_drafts(requests), strict=True)
    found = {message.key: Replayed(message.key, Outcome.SAME) for message in messages}
    for message, (old, new) in zip(reached, pairs, strict=True):
        outcome = outcome_of(old, new, message.sent)
        if outcome is not Outcome.SAME:
            found[message.key] = Replayed(message.key, outcome, old, new)
    return list(found.values())


def _is_reached(message: PastMessage, before: Engine, after: Engine) -> bool:
    """Whether the engine would read anything else, or judge it otherwise."""
    request = message.request
    if triage(request.text, request.subject) is not None:
        return False
    if before.min_confidence != after.min_confidence:
        return True
    questions = split_questions(request.text, request.subject)
    if not questions:
        return False
    viewer = request.viewer
    return _read(before, questions, viewer) != _read(after, questions, viewer)


def _read(
    engine: Engine, questions: Sequence[Question], viewer: Viewer
) -> list[list[tuple[int, str, str]]]:
    found = engine.propose(questions, viewer)
    return [[(one.article_id, one.title, one.text) for one in own] for own in found]
