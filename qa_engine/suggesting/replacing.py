"""What would have to change in a passage, if it states a changed fact. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from qa_engine.sentences import plain
from qa_engine.suggesting.amounts import Amount, amounts, restated
from qa_engine.suggesting.facts import Change, Swap
from qa_engine.suggesting.stretches import Edit, Stretch
from qa_engine.suggesting.topics import stems


def edits(change: Change, one: Stretch) -> tuple[Edit, ...]:
    """What would have to change in the stretch, if it is about the fact."""
    found: list[Edit] = []
    for swap in change.swaps:
        found += _amount_edits(swap, one) if swap.is_amount else _word_edits(change, swap, one)
    if not change.swaps and change.old:  # nothing replaces it
        found += _whole(change, one)
    return tuple(sorted(set(found), key=lambda edit: edit.start))


def _amount_edits(swap: Swap, one: Stretch) -> Iterator[Edit]:
    [old, *_], [new, *_] = amounts(swap.old), amounts(swap.new)
    for amount in amounts(one.text):
        start, end = one.start + amount.start, one.start + amount.end
        if amount.key == old.key:
            yield Edit(start, end, restated(amount, new))
        elif _is_under_its_unit(amount, old, one) and old.kind == new.kind:
            yield Edit(start, end, restated(amount, replace(new, kind=amount.kind)))


def _is_under_its_unit(amount: Amount, old: Amount, one: Stretch) -> bool:
    """A range in a table whose unit stands at the head of the column: "4 to 7"."""
    is_range = amount.kind == "number" and amount.low != amount.high
    same = (amount.low, amount.high) == (old.low, old.high)
    unit = old.text.split()[-1].lower().rstrip("s")
    return is_range and same and old.family == "time" and unit in one.table_head.lower()


def _word_edits(change: Change, swap: Swap, one: Stretch) -> Iterator[Edit]:
    """The old words where they stand in the text; else the sentence, if it says the same."""
    if swap.old and (change.attribute or len(swap.old.split()) > 2):
        for start, end in _verbatim(swap.old, one.text):
            yield Edit(one.start + start, one.start + end, swap.new)
    elif not change.attribute and not any(other.is_amount for other in change.swaps):
        yield from _whole(change, one)


def _whole(change: Change, one: Stretch) -> Iterator[Edit]:
    mine, theirs = stems(change.old), stems(plain(one.text))
    is_said = one.field == "body" and one.is_statement
    if is_said and len(mine & theirs) >= max(2, len(mine) // 3):
        yield Edit(one.start, one.end, _reworded(change, one.text))


def _reworded(change: Change, text: str) -> str:
    """The passage with the fact's changed words changed in it, else the new sentence."""
    for swap in change.swaps:
        spans = _verbatim(swap.old, text) if swap.old else []
        if len(spans) == 1:
            start, end = spans[0]
            return text[:start] + swap.new + text[end:]
    return change.new


def _verbatim(phrase: str, text: str) -> list[tuple[int, int]]:
    """Where the phrase stands as words, whatever the spaces and capitals."""
    pattern = r"\s+".join(re.escape(word) for word in phrase.split())
    found = re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
    return [found.span() for found in found]


_OTHER_PRICE = re.compile(
    r"\b(?:repair|label|shipping|spare|replacement|cover|fee|voucher|deposit|rent\w*|footprint"
    r"|on its own|second-hand|used|cartridge|insole|deduct\w*|resol\w+|patch\w*)\b",
    re.IGNORECASE,
)
_PRICED = re.compile(r"\b(?:costs?|prices?|sells?|sold|buys?|offered)\b", re.IGNORECASE)


def fits_attribute(change: Change, one: Stretch, at: int) -> bool:
    """A price is no price of something that belongs to the product."""
    if change.attribute != "price":
        return True
    clause = re.split(r"[;,]|\band\b", one.text[:at])[-1]
    if _OTHER_PRICE.search(clause):
        return False
    is_prose = one.field == "body" and not one.table_head and not one.text.startswith("|")
    return not is_prose or change.product in one.text or bool(_PRICED.search(one.text))
