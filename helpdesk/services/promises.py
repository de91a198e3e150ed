"""Promised error rates: set one, check what the decisions prove, let sure drafts go by rule."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helpdesk.exceptions import PromiseNotProven
from helpdesk.models import Draft, DraftDecision, ErrorPromise, Queue, User
from qa_engine import services as engine
from qa_engine.promising import ErrorRate, Proof, prove

#: So much of the past is looked at: a shop and its articles change.
NEWEST = 5000
LOG = 50


@transaction.atomic
def set_promise(
    *, queue: Queue, most_wrong: float, surety: float, checked_share: float, by: User
) -> ErrorPromise:
    """Set what a queue promises, and check it at once. What no longer holds is switched off."""
    ErrorPromise.objects.get_or_create(queue=queue)
    promise = _locked(queue)
    promise.most_wrong, promise.surety = most_wrong, surety
    promise.checked_share = checked_share
    _note(promise, by, "set", most_wrong=most_wrong, surety=surety)
    promise.full_clean(exclude=["switched_by"])
    promise.save()
    return check_promise(queue=queue)


@transaction.atomic
def drop_promise(*, queue: Queue, by: User) -> None:
    """No promise any more: what is sure follows from the confidence shown again."""
    ErrorPromise.objects.filter(queue=queue).delete()


@transaction.atomic
def check_promise(*, queue: Queue) -> ErrorPromise:
    """Prove it anew from the decisions on drafts of the engine as it is now."""
    promise = _locked(queue)
    fingerprint = engine.engine_fingerprint()
    proof = proof_for(promise, fingerprint)
    promise.fingerprint, promise.threshold = fingerprint, proof.threshold
    promise.sure, promise.wrong = proof.sure, proof.wrong
    promise.decisions, promise.needed = proof.decisions, proof.needed
    promise.checked_at = timezone.now()
    if promise.sends and not proof.is_proven:
        _switch(promise, None, on=False)
    promise.save()
    return promise


def check_promises() -> None:
    """Nightly, and when the engine has changed."""
    for queue in Queue.objects.filter(promise__isnull=False):
        check_promise(queue=queue)


@transaction.atomic
def switch_sending_on(*, promise: ErrorPromise, by: User) -> ErrorPromise:
    """Let sure drafts of the queue go out by themselves. Raises PromiseNotProven."""
    promise = check_promise(queue=promise.queue)
    if promise.threshold is None:
        raise PromiseNotProven(refusal_in_words(promise))
    _switch(promise, by, on=True)
    promise.save()
    return promise


@transaction.atomic
def switch_sending_off(*, promise: ErrorPromise, by: User | None) -> ErrorPromise:
    promise = _locked(promise.queue)
    _switch(promise, by, on=False)
    promise.save()
    return promise


def proof_for(promise: ErrorPromise, fingerprint: str) -> Proof:
    decisions = DraftDecision.objects.of_engine(fingerprint).provable().filter(queue=promise.queue)
    newest = decisions.order_by("-decided_at", "-pk")[:NEWEST]
    judged = [(one.own_confidence, one.is_right) for one in newest]
    return prove(judged, ErrorRate(promise.most_wrong, promise.surety))


def refusal_in_words(promise: ErrorPromise) -> str:
    """Why it is not proven, and how many more decisions may prove it."""
    if promise.needed is None:
        return _(
            "Of %(sure)d drafts that would be sure, %(wrong)d were wrong: more than was "
            "promised. More decisions will not prove it; better articles, or a higher rate, may."
        ) % {"sure": promise.sure, "wrong": promise.wrong}
    return ngettext(
        "Too few decisions: at least %(needed)d more on a sure draft is needed.",
        "Too few decisions: at least %(needed)d more on sure drafts are needed.",
        promise.needed,
    ) % {"needed": promise.needed}


def is_sure(draft: Draft, promise: ErrorPromise | None, *, otherwise: float) -> bool:
    """By the queue's promise; where none is set, from a confidence of `otherwise` on.

    A promise that is not proven, or was for another engine, leaves nothing sure.
    """
    if not draft.body:
        return False
    if promise is None:
        return draft.confidence >= otherwise
    is_proven = promise.threshold is not None and promise.fingerprint == draft.fingerprint
    return is_proven and draft.own_confidence >= (promise.threshold or 1)


def _locked(queue: Queue) -> ErrorPromise:
    rows = ErrorPromise.objects.select_for_update(of=("self",)).select_related("queue")
    row: ErrorPromise = rows.get(queue=queue)
    return row


def _switch(promise: ErrorPromise, by: User | None, *, on: bool) -> None:
    promise.sends = on
    promise.sends_since = timezone.now() if on else None
    promise.switched_by = by
    _note(promise, by, "on" if on else "off")


def _note(promise: ErrorPromise, by: User | None, what: str, **more: Any) -> None:
    entry = {"at": timezone.now().isoformat(), "who": str(by) if by else "", "what": what}
    promise.log = [{**entry, **more}, *promise.log][:LOG]
