"""Putting a threshold in force that has been tried on past tickets."""

from __future__ import annotations

from helpdesk import replay_gate
from helpdesk.exceptions import NotTried
from helpdesk.models import Replay, User
from qa_engine import services as engine


def put_in_force(*, replay: Replay, by: User) -> None:
    """Let the replay's threshold decide from now on; workers see it with their next draft.

    An admin weighs its figures: a higher threshold loses answers, as it is meant to. Raises
    NotTried, with the reasons, where nothing follows from the replay.
    """
    if replay.threshold is None:
        raise NotTried
    if reasons := replay_gate.unfit(replay):
        raise NotTried(" ".join(reasons))
    engine.put_threshold_in_force(value=replay.threshold, replay_id=replay.pk, by=by)


def roll_back(*, by: User) -> float | None:
    """What is in force then; None where the setting decides already."""
    return engine.roll_back_threshold(by=by)
