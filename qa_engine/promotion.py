"""Which version answers: promoting, rolling back, the shadow, and the reasons to refuse.

All of it is rows: the web tier does it without a model, and workers see it with their next
batch, for they ask which index is active and which version answers each time.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qa_engine import embedding_indexes, pinned, versions
from qa_engine.signals import promotion_asked
from qa_engine.training.datasheet import ENOUGH_TO_MEASURE
from qa_engine.training_models import ModelVersion, PinnedCase, Trained, VersionEvent

State = ModelVersion.State
CANDIDATES = frozenset({State.CANDIDATE, State.SHADOW, State.RETIRED})


class NotPromotable(Exception):
    """The message gives every reason, in words for an admin."""


def refusals(version: ModelVersion) -> list[str]:
    """Why the version may not answer; nothing where it may."""
    if version.state not in CANDIDATES:
        return [_("It answers already, or was discarded.")]
    answers: list[tuple[Any, Any]] = promotion_asked.send(ModelVersion, version=version)
    return _measured(version) + [reason for _receiver, more in answers for reason in more]


def _measured(version: ModelVersion) -> list[str]:
    """What its comparison and the pinned cases say against it."""
    one, cases = version.comparison, version.pinned
    if not one:
        return [_("It has not been compared with the model that answers now.")]
    reasons = []
    present = ModelVersion.objects.answering(version.kind)
    if one["against"] != (present.pk if present else None):
        reasons.append(
            _("It was compared with another model than the one that answers now. Compare again.")
        )
    if one.get("beside") != versions.beside(version.kind):
        reasons.append(
            _(
                "Passages are found or put in order by another model than when it was compared. "
                "Compare again."
            )
        )
    if one["questions"] < ENOUGH_TO_MEASURE:
        reasons.append(
            _("Too little to judge by: %(count)d held-out questions, at least %(least)d needed.")
            % {"count": one["questions"], "least": ENOUGH_TO_MEASURE}
        )
    elif not one["is_better"]:
        reasons.append(
            _(
                "It is not better by more than chance: %(metric)s %(before)s → %(after)s; with "
                "other questions the difference might be anything from %(low)s to %(high)s."
            )
            % one
        )
    # No draft is written from a reader's spans, so no case can tell one from another.
    if version.kind != Trained.READER and cases["digest"] != pinned.digest(pinned.active()):
        reasons.append(_("The pinned cases have changed since it was compared. Compare again."))
    broken = PinnedCase.objects.filter(pk__in=cases["broken"], is_active=True)
    reasons += [_("It breaks a pinned case: “%s”") % case for case in broken]
    return reasons


@transaction.atomic
def promote(*, version: ModelVersion, by: Any) -> ModelVersion:
    """Let the version answer from now on. Raises NotPromotable."""
    version = _locked(version)
    if reasons := refusals(version):
        raise NotPromotable(" ".join(reasons))
    old = ModelVersion.objects.answering(version.kind)
    if old is not None:
        _retire(old, by, VersionEvent.Kind.REPLACED, {"by": version.pk})
    _activate(version, by, VersionEvent.Kind.PROMOTED)
    return version


@transaction.atomic
def roll_back(*, version: ModelVersion, by: Any) -> ModelVersion | None:
    """Bring back what answered before; None where that is the configured model.

    Needs no comparison: it has answered before. Raises NotPromotable where the version
    does not answer.
    """
    version = _locked(version)
    if not version.is_active:
        raise NotPromotable(_("It does not answer, so there is nothing to take back."))
    before = versions.previous(version.kind)
    _retire(version, by, VersionEvent.Kind.REPLACED, {"by": before.pk if before else None})
    if before is not None:
        # It keeps the date of its first promotion: a second roll-back goes further back.
        _activate(before, by, VersionEvent.Kind.ROLLED_BACK, at=before.promoted_at)
    elif version.kind == Trained.RETRIEVER:
        embedding_indexes.switch_to_configured()
    return before


@transaction.atomic
def set_shadow(*, version: ModelVersion, by: Any, is_on: bool) -> ModelVersion:
    """Let a candidate draft beside what answers, unseen by customers; one at a time.

    Raises NotPromotable for what cannot: only a candidate can stand in the shadow.
    """
    version = _locked(version)
    if is_on and version.state != State.CANDIDATE:
        raise NotPromotable(_("Only a candidate can draft in the shadow."))
    if is_on and version.kind == Trained.READER:
        raise NotPromotable(
            _("No draft is written from the span reader: its shadow would draft the same.")
        )
    if is_on and ModelVersion.objects.shadowing() is not None:
        raise NotPromotable(_("Another version is in the shadow. Take it out first."))
    if not is_on and version.state != State.SHADOW:
        raise NotPromotable(_("It is not in the shadow."))
    version.state = State.SHADOW if is_on else State.CANDIDATE
    version.save(update_fields=["state"])
    kind = VersionEvent.Kind.SHADOWED if is_on else VersionEvent.Kind.UNSHADOWED
    VersionEvent.objects.create(version=version, kind=kind, actor=by)
    return version


@transaction.atomic
def discard(*, version: ModelVersion, by: Any) -> ModelVersion:
    """It will never answer: its vectors go. Raises NotPromotable for one that answers."""
    version = _locked(version)
    if version.is_active:
        raise NotPromotable(_("It answers. Roll back first."))
    version.state = State.DISCARDED
    version.save(update_fields=["state"])
    VersionEvent.objects.create(version=version, kind=VersionEvent.Kind.DISCARDED, actor=by)
    embedding_indexes.drop_beside(version.path)
    return version


def _locked(version: ModelVersion) -> ModelVersion:
    """The row, while all versions of its kind wait for us."""
    kind = ModelVersion.objects.select_for_update().filter(kind=version.kind).order_by("pk")
    return next(one for one in kind if one.pk == version.pk)


def _activate(version: ModelVersion, by: Any, kind: str, at: Any = None) -> None:
    version.state = State.ACTIVE
    version.promoted_by = by
    version.promoted_at = at or timezone.now()
    version.save(update_fields=["state", "promoted_by", "promoted_at"])
    VersionEvent.objects.create(version=version, kind=kind, actor=by)
    if version.kind == Trained.RETRIEVER:
        embedding_indexes.switch_to(version.path)


def _retire(version: ModelVersion, by: Any, kind: str, data: dict[str, Any]) -> None:
    version.state = State.RETIRED
    version.save(update_fields=["state"])
    VersionEvent.objects.create(version=version, kind=kind, actor=by, data=data)
