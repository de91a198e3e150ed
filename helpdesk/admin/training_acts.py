"""What staff can do with a version of a model, in which state, and what they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy

from helpdesk import replays
from helpdesk.services import training
from qa_engine import promotion
from qa_engine.promotion import NotPromotable
from qa_engine.training_models import ModelVersion, Trained
from qa_engine.versions import ASKED


@dataclass(frozen=True)
class Act:
    """Something that can be done with a version: what is asked first, and what is said then."""

    label: Any
    question: Any
    done: Any
    do: Callable[[ModelVersion, Any], object]
    refusals: Callable[[ModelVersion], list[str]] = lambda _version: []


_NOT_ASKED = gettext_lazy("Nothing would differ: no draft is written by a version of this kind.")


def _replay(version: ModelVersion, by: Any) -> None:
    if version.kind not in ASKED:
        raise NotPromotable(_NOT_ASKED)
    replays.ask_for_replay(version=version, by=by, anew=True)


ACTS = {
    "promote": Act(
        gettext_lazy("Promote"),
        gettext_lazy(
            "Let %(version)s answer from now on? Workers take it up with their next draft; "
            "you can roll back with one click."
        ),
        gettext_lazy("%(version)s answers from now on."),
        lambda version, by: promotion.promote(version=version, by=by),
        promotion.refusals,
    ),
    "roll_back": Act(
        gettext_lazy("Roll back"),
        gettext_lazy("Bring back what answered before %(version)s?"),
        gettext_lazy("Rolled back. %(version)s no longer answers."),
        lambda version, by: promotion.roll_back(version=version, by=by),
    ),
    "shadow": Act(
        gettext_lazy("Draft in the shadow"),
        gettext_lazy(
            "Let %(version)s draft beside the model that answers? Nobody sees its drafts but "
            "you, on this page. Drafting costs about twice as much meanwhile."
        ),
        gettext_lazy("%(version)s drafts in the shadow."),
        lambda version, by: promotion.set_shadow(version=version, by=by, is_on=True),
    ),
    "unshadow": Act(
        gettext_lazy("Out of the shadow"),
        gettext_lazy("Stop the shadow drafts of %(version)s?"),
        gettext_lazy("%(version)s no longer drafts in the shadow."),
        lambda version, by: promotion.set_shadow(version=version, by=by, is_on=False),
    ),
    "replay": Act(
        gettext_lazy("Replay on past tickets"),
        gettext_lazy(
            "Ask the tickets of the last %(days)d days again, with %(version)s instead of the "
            "model that answers? Nobody is answered by it."
        ),
        gettext_lazy("The replay is queued: its figures will stand here."),
        _replay,
        lambda version: [] if version.kind in ASKED else [str(_NOT_ASKED)],
    ),
    "compare": Act(
        gettext_lazy("Compare again"),
        gettext_lazy("Ask %(version)s and the model that answers the same questions again?"),
        gettext_lazy("The comparison is queued: see the trainings."),
        lambda version, by: training.ask_for_comparison(version=version, by=by),
    ),
    "discard": Act(
        gettext_lazy("Discard"),
        gettext_lazy("Discard %(version)s for good? Its vectors are deleted."),
        gettext_lazy("%(version)s is discarded."),
        lambda version, by: promotion.discard(version=version, by=by),
    ),
}
#: What can be done in which state.
POSSIBLE = {
    "candidate": ("promote", "replay", "shadow", "compare", "discard"),
    "shadow": ("promote", "replay", "unshadow", "compare"),
    "active": ("roll_back",),
    "retired": ("promote", "replay", "compare", "discard"),
    "discarded": (),
}


#: What is true of the others' promotion is not of a reader's.
PROMOTE_READER = replace(
    ACTS["promote"],
    question=gettext_lazy(
        "Let evaluations read with %(version)s from now on? No draft is written from its spans, "
        "so no answer changes."
    ),
    done=gettext_lazy("Evaluations read with %(version)s from now on."),
)
USED_FOR = {
    Trained.RETRIEVER: gettext_lazy(
        "Finds the passages that drafts and answers are written from."
    ),
    Trained.QUERIES: gettext_lazy(
        "Reads the questions that the index is asked; its passages stay as they are."
    ),
    Trained.RERANKER: gettext_lazy("Puts the passages found in order before they are read."),
    Trained.READER: gettext_lazy(
        "Evaluations alone. No draft is written from its spans: that was measured and is not "
        "better. Promoting it changes what is measured, and no answer."
    ),
    Trained.WRITER: gettext_lazy("Nothing yet."),
}


def act_for(version: ModelVersion, name: str) -> Act:
    is_reader = version.kind == Trained.READER
    return PROMOTE_READER if is_reader and name == "promote" else ACTS[name]
