"""Looks in the macros for what a new version of a source makes untrue. Runs in the worker."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from helpdesk.models import Macro, MacroEdit
from knowledge.merging import merge
from knowledge.models import FactChange
from qa_engine import services as engine


def propose_edits(version_id: int) -> int:
    """Propose to each macro what it would have to say; how many edits are new.

    May run again: what has been proposed, or decided, for the same change stays as it is.
    """
    keys = list(FactChange.objects.filter(version=version_id).values_list("fact_key", flat=True))
    if not keys:
        return 0
    earlier = _earlier(version_id, keys)
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for edit in earlier:
        said[edit.macro_id][edit.fact_key] = edit.change.old
    macros = list(Macro.objects.order_by("pk"))
    texts = [engine.OtherText(one.pk, one.name, one.body, said.get(one.pk, {})) for one in macros]
    found = engine.edits_in(version_id, texts)
    bodies = {one.pk: one.body for one in macros}
    with transaction.atomic():
        _supersede(earlier)
        return sum(_keep(edit, bodies[edit.key]) for edit in found)


def _earlier(version_id: int, keys: list[str]) -> list[MacroEdit]:
    """Open edits of the same facts, from versions before: what is said now makes them void."""
    rows = MacroEdit.objects.filter(state=MacroEdit.State.OPEN, fact_key__in=keys)
    return list(rows.exclude(change__version=version_id).select_related("change"))


def _supersede(edits: list[MacroEdit]) -> None:
    MacroEdit.objects.filter(
        pk__in=[edit.pk for edit in edits], state=MacroEdit.State.OPEN
    ).update(state=MacroEdit.State.SUPERSEDED, decided_at=timezone.now())


def _keep(edit: engine.TextEdit, base: str) -> bool:
    """Against what the macro says by now; False where it is known, or no more needed."""
    macro = Macro.objects.select_for_update().filter(pk=edit.key).first()
    proposed = merge(base, edit.body, macro.body) if macro is not None else None
    if macro is None or proposed is None or proposed == macro.body:
        return False
    same_fact = Q(fact_key=edit.fact_key, state=MacroEdit.State.OPEN)
    if macro.edits.filter(Q(change=edit.change_id) | same_fact).exists():
        return False
    MacroEdit.objects.create(
        macro=macro,
        change_id=edit.change_id,
        fact_key=edit.fact_key,
        base_text=macro.body,
        proposed_text=proposed,
        reason=edit.reason[:500],
        evidence=edit.evidence[:300],
    )
    return True
