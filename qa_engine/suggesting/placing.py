"""The smallest edit that makes an article say what agents say, at a place that is known. Pure.

Where the place is not known, or a whole new fact has to find its paragraph, see the modules
that locate facts; here the draft's citation has told it.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa_engine.markdown import Kind
from qa_engine.sentences import Unit, units
from qa_engine.suggesting.agent_edits import Change
from qa_engine.suggesting.quantities import Quantity, in_place_of, quantities

FINGERPRINT = "agent-edits/1"


def edited(
    text: str, *, start: int, end: int, change: Change, said: str, fact_key: str, old_key: str
) -> str:
    """`text` with the fact in it; the same text where there is nothing to do.

    `start` and `end` are those of the sentence, item or row that the fact is about.
    """
    if change is Change.CORRECTED:
        return _corrected(text, start, end, said, fact_key, old_key)
    unit = unit_at(text, start, end)
    if unit is None:
        return text
    if change is Change.CONTRADICTED:
        return text[: unit.start] + _sentence(said) + text[unit.end :]
    return _added(text, unit, _sentence(said))


def corrected_summary(summary: str, *, said: str, fact_key: str, old_key: str) -> str:
    """The summary, where it states the old value in so many words."""
    return _corrected(summary, 0, len(summary), said, fact_key, old_key)


def phrase(text: str, key: str) -> str:
    """The quantity of that key as the text writes it, with its unit: "7 to 10 working days"."""
    found = _find(text, key)
    return text[found.start : max(found.end, found.unit_end)] if found else key


def best_wording(sayings: Sequence[str]) -> str:
    """Of several ways to say it, the one that speaks least of "you" and "I", then the shortest."""

    def personal(text: str) -> int:
        return sum(word in {"you", "your", "i", "my", "me"} for word in text.lower().split())

    return min(sayings, key=lambda text: (personal(text), len(text)))


def unit_at(text: str, start: int, end: int) -> Unit | None:
    """The sentence, item or row that shares most with `start:end`."""
    shared = [(min(end, unit.end) - max(start, unit.start), unit) for unit in units(text)]
    size, unit = max(shared, key=lambda pair: pair[0], default=(0, None))
    return unit if size > 0 else None


def _corrected(text: str, start: int, end: int, said: str, fact_key: str, old_key: str) -> str:
    new = _find(said, fact_key)
    if new is None:
        return text
    stretch = text[start:end]
    for old in reversed(quantities(stretch)):
        if old.key == old_key:
            first, last, words = in_place_of(old, new)
            stretch = stretch[:first] + words + stretch[last:]
    return text[:start] + stretch + text[end:]


def _find(text: str, key: str) -> Quantity | None:
    return next((found for found in quantities(text) if found.key == key), None)


def _added(text: str, unit: Unit, sentence: str) -> str:
    if unit.kind is Kind.ITEM:
        line_start = text.rfind("\n", 0, unit.start) + 1
        lead = text[line_start : unit.start]
        marker = f"{int(lead.strip()[:-1]) + 1}{lead.strip()[-1]}" if unit.is_step else unit.marker
        lead = lead.replace(unit.marker, marker, 1)
        return f"{text[: unit.end]}\n{lead}{sentence}{text[unit.end :]}"
    if unit.kind is Kind.PARAGRAPH:
        return f"{text[: unit.end]} {sentence}{text[unit.end :]}"
    last = max(one.end for one in units(text) if one.group == unit.group)
    return f"{text[:last]}\n\n{sentence}{text[last:]}"


def _sentence(said: str) -> str:
    said = said.strip()
    said = said[:1].upper() + said[1:]
    return said if said[-1:] in ".!?。" else f"{said}."
