"""The smallest edit that makes one article say what another says. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from qa_engine.suggesting.amounts import restated
from qa_engine.suggesting.claims import HOLDS, Claim
from qa_engine.suggesting.propagation import apply
from qa_engine.suggesting.stretches import Edit, Text

_ANSWER = re.compile(r"(yes|no)\b", re.IGNORECASE)


def settled(text: Text, mine: Sequence[Claim], theirs: Claim) -> Text | None:
    """The text with these of its claims saying the other value; None where no words can be
    exchanged, so that a person has to find them.
    """
    changed = {"title": text.title, "summary": text.summary, "body": text.body}
    for name in changed:
        edits = [
            Edit(one.start, one.end, new)
            for one in mine
            if one.stretch.field == name and (new := _restated(one, theirs))
        ]
        changed[name] = apply(changed[name], edits)
    result = replace(text, **changed)
    return result if result != text else None


def _restated(one: Claim, theirs: Claim) -> str:
    """What stands in its place, in the way it is written there; empty where that is not known."""
    if one.family == HOLDS:
        return _answer(one, theirs)
    assert one.written is not None
    assert theirs.amount is not None
    new = theirs.amount
    if one.written.kind != new.kind and one.amount is not None and one.amount.kind == new.kind:
        new = replace(new, kind=one.written.kind)  # the unit stands at the column's head
    if one.written.family == "number" and new.family != "number":
        return ""
    return restated(one.written, new)


def _answer(one: Claim, theirs: Claim) -> str:
    """ "Yes" for "No", or the sentence for the sentence."""
    if one.is_row and theirs.is_row:
        cell = one.stretch.text[one.start - one.stretch.start : one.end - one.stretch.start]
        said = "No" if theirs.low else "Yes"
        return said if _ANSWER.fullmatch(cell.strip()) else ""
    return "" if one.is_row or theirs.is_row else theirs.stretch.text
