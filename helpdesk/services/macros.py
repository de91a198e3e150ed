"""Macros: keeping them, inserting them, and deciding on what a source changes in them."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from helpdesk import texts
from helpdesk.exceptions import (
    MacroEditConflicts,
    MacroEditDecided,
    MacroUnsettled,
    MayNotChangeMacros,
)
from helpdesk.models import Macro, MacroEdit, Ticket, User
from knowledge.merging import merge

CHANGE = "helpdesk.change_macro"


def may_decide(user: User) -> bool:
    return user.has_perm(CHANGE)


def inserted(*, macro: Macro, ticket: Ticket, text: str, at: int | None = None) -> tuple[str, int]:
    """`text` with the macro at that offset (else below it), and where its words end.

    Raises MacroUnsettled while an edit of it waits.
    """
    open_edit = macro.edits.filter(state=MacroEdit.State.OPEN).first()
    if open_edit is not None:
        raise MacroUnsettled(open_edit.reason)
    return texts.inserted(macro.text_for(ticket), text, at)


@transaction.atomic
def keep_macro(*, macro: Macro) -> Macro:
    """Save what somebody wrote. Open edits follow it; what they were about may be gone."""
    macro.save()
    for edit in _open_edits(macro):
        _rebase(edit, macro.body)
    return macro


@transaction.atomic
def accept_edit(*, edit: MacroEdit, by: User) -> MacroEdit:
    """Have the macro say it. Raises MayNotChangeMacros, MacroEditDecided, MacroEditConflicts."""
    row, macro = _locked(edit, by)
    body = merge(row.base_text, row.proposed_text, macro.body)
    if body is None:
        raise MacroEditConflicts
    macro.body = body
    macro.save(update_fields=["body", "updated_at"])
    _decide(row, MacroEdit.State.ACCEPTED, by)
    for other in _open_edits(macro):
        _rebase(other, body)
    return row


@transaction.atomic
def dismiss_edit(*, edit: MacroEdit, by: User) -> MacroEdit:
    """The macro is right as it stands. Raises MayNotChangeMacros, MacroEditDecided."""
    row, _macro = _locked(edit, by)
    _decide(row, MacroEdit.State.DISMISSED, by)
    return row


def _locked(edit: MacroEdit, by: User) -> tuple[MacroEdit, Macro]:
    if not may_decide(by):
        raise MayNotChangeMacros
    macro = Macro.objects.select_for_update().get(pk=edit.macro_id)
    row = MacroEdit.objects.select_for_update().get(pk=edit.pk)
    if not row.is_open:
        raise MacroEditDecided
    return row, macro


def _open_edits(macro: Macro) -> list[MacroEdit]:
    return list(macro.edits.select_for_update().filter(state=MacroEdit.State.OPEN).order_by("pk"))


def _rebase(edit: MacroEdit, body: str) -> None:
    """Carry it over to the macro's present text, or close it where its words were changed."""
    proposed = merge(edit.base_text, edit.proposed_text, body)
    if proposed is None or proposed == body:
        _decide(edit, MacroEdit.State.SUPERSEDED, None)
        return
    edit.base_text, edit.proposed_text = body, proposed
    edit.save(update_fields=["base_text", "proposed_text"])


def _decide(edit: MacroEdit, state: MacroEdit.State, by: User | None) -> None:
    edit.state, edit.decided_by, edit.decided_at = state, by, timezone.now()
    edit.save(update_fields=["state", "decided_by", "decided_at"])
