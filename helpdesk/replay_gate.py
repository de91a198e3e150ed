"""What past tickets say against a model version, or a threshold, that somebody wants in force."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk import replays
from helpdesk.models import Replay, ReplayedTicket
from qa_engine import versions
from qa_engine.training_models import ModelVersion

#: An older replay does not know what people ask now.
DAYS = 7
#: Of so few tickets, though there are more, nothing follows.
LEAST = 50


def refusals(version: ModelVersion) -> list[str]:
    """Nothing where a replay speaks for the version, or where none could tell anything.

    Only answers lost and won are weighed: of one that merely reads otherwise nobody knows
    which is better. A person may read each of them on the replay's page.
    """
    if version.kind not in versions.ASKED:
        return []
    replay = replays.newest(version=version)
    if replay is None:
        return [
            _(
                "It has not been replayed on past tickets. Press “Replay on past tickets” and "
                "wait for the figures."
            )
        ]
    if reasons := unfit(replay):
        return reasons
    found = replays.figures(replay)
    lost, won = found[ReplayedTicket.Outcome.LOST], found[ReplayedTicket.Outcome.ANSWERED]
    if lost <= won:
        return []
    return [
        _(
            "On past tickets it loses %(lost)d answers and wins %(won)d. Read the lost ones on "
            "the page of its replay, train on more examples, and replay again."
        )
        % {"lost": lost, "won": won}
    ]


def unfit(replay: Replay) -> list[str]:
    """Why nothing follows from a replay, and what to do; nothing where it counts."""
    if not replay.is_over:
        return [_("Its replay on past tickets has not finished. Wait for the figures.")]
    if replay.state == Replay.State.FAILED or replay.finished_at is None:
        return [_("Its replay on past tickets failed. Its page says why; replay again.")]
    if replay.finished_at < timezone.now() - timedelta(days=DAYS):
        return [
            _("Its replay on past tickets is older than %(days)d days. Replay again.")
            % {"days": DAYS}
        ]
    if replays.is_against_other_engine(replay):
        return [_("It was replayed against something else than what answers now. Replay again.")]
    if replay.done < min(replay.total, LEAST):
        return [
            _(
                "Its replay asked only %(done)d of %(total)d tickets before its time was up. "
                "Raise REPLAY_BUDGET_SECONDS and replay again."
            )
            % {"done": replay.done, "total": replay.total}
        ]
    return []
