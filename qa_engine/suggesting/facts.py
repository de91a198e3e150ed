"""What changed between two versions of a source: facts, each old and new. Imports no Django.

Prose is compared sentence by sentence: sentences that moved have not changed, those that
are alike are two forms of one fact. A feed is compared product by product.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import partial

from qa_engine.markdown import Kind as BlockKind
from qa_engine.markdown import cells
from qa_engine.sentences import plain, units
from qa_engine.suggesting.amounts import Amount, amounts
from qa_engine.text import content_stems

#: Sentences less alike than this are not two forms of one fact.
ALIKE = 0.5
_WORDS = re.compile(r"[\w€%°£$]+(?:[.,]\d+)*|[^\w\s]")


class ChangeKind(StrEnum):
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"  # a product has another name
    NEW_PRODUCT = "new_product"
    GONE_PRODUCT = "gone_product"


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, list item or table row of a source, in plain words: `body[start:end]`."""

    text: str
    heading_path: str
    start: int
    end: int
    # Of a table's row: what its columns are called.
    table_head: str = ""


@dataclass(frozen=True, slots=True)
class Swap:
    """Words that gave way to others, as they stand in the two sentences."""

    old: str
    new: str
    is_amount: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One changed fact. Offsets count characters in the old and the new text; a feed has none."""

    kind: ChangeKind
    # What it is about: the product's name, or the source's title and headings.
    subject: str
    # Of a product, which of its attributes.
    attribute: str = ""
    old: str = ""
    new: str = ""
    swaps: tuple[Swap, ...] = ()
    old_start: int = 0
    old_end: int = 0
    new_start: int = 0
    new_end: int = 0
    # The product's name as texts call it, where it is about a product.
    product: str = ""

    @property
    def key(self) -> str:
        """Names the fact independently of the version that changed it."""
        what = self.attribute or " ".join(sorted(content_stems(self.old or self.new)))
        return f"{self.subject}|{what}"


@dataclass(frozen=True, slots=True)
class Product:
    """A row of a feed. `attributes` are words as a reader would see them: "€449"."""

    key: str
    name: str
    attributes: Mapping[str, str]


def diff_prose(old: str, new: str, *, title: str) -> list[Change]:
    """The facts that `new` says otherwise, newly, or no longer, in the order of the text."""
    before, after = _unmatched(statements(old), statements(new))
    changes: list[Change] = []
    for was in before:
        best = max(after, key=partial(_likeness, was), default=None)
        if best is not None and _likeness(was, best) >= ALIKE:
            after.remove(best)
            changes.append(_changed(was, best, title))
        else:
            changes.append(_gone(was, title))
    changes += [_come(one, title) for one in after]
    return sorted(changes, key=lambda change: change.new_start or change.old_start)


def diff_feed(old: Sequence[Product], new: Sequence[Product]) -> list[Change]:
    """Product by product; the key says which is which, so a name may change."""
    before, after = ({product.key: product for product in feed} for feed in (old, new))
    changes: list[Change] = []
    for key, was in before.items():
        if key not in after:
            changes.append(
                Change(ChangeKind.GONE_PRODUCT, was.name, old=was.name, product=spoken(was.name))
            )
        else:
            changes += _of_product(was, after[key])
    for key, product in after.items():
        if key not in before:
            changes.append(
                Change(
                    ChangeKind.NEW_PRODUCT,
                    product.name,
                    new=described(product),
                    product=spoken(product.name),
                )
            )
    return changes


def described(product: Product) -> str:
    """A product in one line: "Stratus rain jacket. price: €229; sizes: XS to XXL"."""
    told = "; ".join(f"{name}: {value}" for name, value in product.attributes.items() if value)
    return f"{product.name}. {told}" if told else product.name


def spoken(name: str) -> str:
    """What a product is called in a sentence: "Tarn 2" of "Tarn 2 tent".

    The words with a capital or a digit at the beginning; the whole name where it has none.
    """
    kept: list[str] = []
    for word in name.split():
        if not (word[0].isupper() or word[0].isdigit()):
            break
        kept.append(word)
    return " ".join(kept) or name


def statements(body: str) -> list[Statement]:
    """What a text says, piece by piece; of a table's row also what its columns are called."""
    found: list[Statement] = []
    head = ""
    for unit in units(body):
        if unit.kind is BlockKind.TABLE_HEAD:
            head = row_text(unit.text)
        if unit.kind in {BlockKind.HEADING, BlockKind.TABLE_HEAD}:
            continue
        is_row = unit.kind is BlockKind.TABLE_ROW
        words = row_text(unit.text) if is_row else plain(unit.text)
        above = head if is_row else ""
        found.append(Statement(words, unit.heading_path, unit.start, unit.end, above))
    return found


def row_text(row: str) -> str:
    """The cells of a table's row as one reads them aloud."""
    return plain(" – ".join(cell for cell in cells(row) if cell))


def swaps(old: str, new: str) -> tuple[Swap, ...]:
    """The amounts and the words of `old` that `new` says otherwise."""
    pairs, used = _amount_pairs(old, new)
    found = [Swap(was.text, is_.text, True) for was, is_ in pairs if was.key != is_.key]
    return (*found, *_word_swaps(old, new, used))


def _amount_pairs(old: str, new: str) -> tuple[list[tuple[Amount, Amount]], bool]:
    """Which amount became which: by their place where the words around them are the same."""
    mine, theirs = list(amounts(old)), list(amounts(new))
    if len(mine) == len(theirs) and all(
        a.family == b.family for a, b in zip(mine, theirs, strict=True)
    ):
        return list(zip(mine, theirs, strict=True)), True
    said, stood = {a.key for a in theirs}, {a.key for a in mine}
    gone = [a for a in mine if a.key not in said]
    come = [a for a in theirs if a.key not in stood]
    pairs: list[tuple[Amount, Amount]] = []
    for family in dict.fromkeys(a.family for a in gone):
        left = [a for a in gone if a.family == family]
        right = [a for a in come if a.family == family]
        if len(left) == len(right):
            pairs += zip(left, right, strict=True)
    return pairs, len(pairs) == len(gone) == len(come)


def _word_swaps(old: str, new: str, amounts_are_told: bool) -> Iterator[Swap]:
    mine, theirs = _masked(old, amounts_are_told), _masked(new, amounts_are_told)
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, mine, theirs, False).get_opcodes():
        if tag == "equal":
            continue
        was, is_ = _joined(mine[i1:i2]), _joined(theirs[j1:j2])
        if content_stems(was) or content_stems(is_) or _NEGATION.search(f"{was} {is_}"):
            yield Swap(was, is_, False)


_NEGATION = re.compile(r"\b(?:not|no|never|cannot|only|without|can|may|must)\b", re.IGNORECASE)


def _masked(text: str, amounts_are_told: bool) -> list[str]:
    """Its words; amounts that are told apart from them all look alike."""
    if amounts_are_told:
        for amount in reversed(amounts(text)):
            text = text[: amount.start] + " 0 " + text[amount.end :]
    return _WORDS.findall(text)


def _joined(words: Sequence[str]) -> str:
    return re.sub(r"\s+([.,;:!?)])", r"\1", " ".join(words)).strip(" .,;:")


def _unmatched(
    old: Sequence[Statement], new: Sequence[Statement]
) -> tuple[list[Statement], list[Statement]]:
    """Those of each side whose words the other side has nowhere."""
    shared = Counter(one.text for one in old) & Counter(one.text for one in new)
    sides = []
    for side in (old, new):
        left = Counter(shared)
        rest = []
        for one in side:
            if left[one.text] > 0:
                left[one.text] -= 1
            else:
                rest.append(one)
        sides.append(rest)
    return sides[0], sides[1]


def _likeness(old: Statement, new: Statement) -> float:
    """Share of words in common, 0 … 1; the same heading helps to tell twins apart."""
    mine, theirs = _masked(old.text, True), _masked(new.text, True)
    ratio = SequenceMatcher(None, mine, theirs, False).ratio()
    return ratio + (0.05 if old.heading_path == new.heading_path else 0.0)


def subject_of(title: str, statement: Statement) -> str:
    parts = (title, statement.heading_path, statement.table_head)
    return " – ".join(part for part in parts if part)


def _changed(old: Statement, new: Statement, title: str) -> Change:
    return Change(
        ChangeKind.CHANGED,
        subject_of(title, old),
        old=old.text,
        new=new.text,
        swaps=swaps(old.text, new.text),
        old_start=old.start,
        old_end=old.end,
        new_start=new.start,
        new_end=new.end,
    )


def _gone(old: Statement, title: str) -> Change:
    return Change(
        ChangeKind.REMOVED,
        subject_of(title, old),
        old=old.text,
        old_start=old.start,
        old_end=old.end,
    )


def _come(new: Statement, title: str) -> Change:
    return Change(
        ChangeKind.ADDED,
        subject_of(title, new),
        new=new.text,
        new_start=new.start,
        new_end=new.end,
    )


def _of_product(old: Product, new: Product) -> Iterator[Change]:
    name = spoken(old.name)
    if old.name != new.name:
        renamed = (Swap(name, spoken(new.name), False),)
        yield Change(
            ChangeKind.RENAMED, old.name, "name", old.name, new.name, renamed, product=name
        )
    for attribute in dict.fromkeys([*old.attributes, *new.attributes]):
        was, is_ = old.attributes.get(attribute, ""), new.attributes.get(attribute, "")
        if was == is_:
            continue
        kind = (
            ChangeKind.CHANGED if was and is_ else ChangeKind.REMOVED if was else ChangeKind.ADDED
        )
        yield Change(kind, old.name, attribute, was, is_, _attribute_swaps(was, is_), product=name)


def _attribute_swaps(old: str, new: str) -> tuple[Swap, ...]:
    """Its amounts one by one where only they differ, else the value as a whole."""
    if not old:
        return ()
    pairs, is_whole = _amount_pairs(old, new)
    if pairs and is_whole and _masked(old, True) == _masked(new, True):
        return tuple(Swap(was.text, is_.text, True) for was, is_ in pairs if was.key != is_.key)
    return (Swap(old, new, False),)
