"""Which characters of an article change when a fragment takes its spot. Pure."""

from __future__ import annotations

import re
from collections import Counter

from qa_engine.markdown import Kind
from qa_engine.suggesting import inserting
from qa_engine.suggesting.locating import Paragraph
from qa_engine.suggesting.pages import Page
from qa_engine.suggesting.rewriting import Stretch
from qa_engine.suggesting.signs import VALUES, Fragment

#: Marks that belong to the word before them, and stay with it.
_CLOSING = re.compile(r"[^\w\s|\[(<]*")
_PUNCTUATION = ".,:;!?"
_PAIRS = ("()", "[]", "{}", "<>")


def paragraph_of(page: Page, at: int, size: int) -> Paragraph:
    return page.paragraphs[page.block_at(at, size > 0)]


def mend(page: Page, fragment: Fragment, at: int, size: int) -> tuple[Stretch, str]:
    """What changes, and which kind of thing it is."""
    if size:
        start, end = page.words[at].start, page.words[at + size - 1].end
        return Stretch(
            start, end, _fitted(fragment, page.body[:start], page.body[end:])
        ), "rewrite"
    paragraph = paragraph_of(page, at, 0)
    ends = at == len(page.words) or page.block_of[at] != paragraph.number
    text, in_list = fragment.text.strip(), paragraph.kind is Kind.ITEM
    listed = inserting.is_item(text)
    if ends and (inserting.is_own_block(text) or (listed and not in_list)):
        return inserting.block(page.body, paragraph, text), "block"
    if ends and in_list and (listed or (fragment.is_long and fragment.is_sentence)):
        return inserting.item(page.body, paragraph, text), "item"
    return _inserted(page, fragment, at, ends), "sentence" if fragment.is_long else "words"


def _inserted(page: Page, fragment: Fragment, at: int, ends: bool) -> Stretch:
    """Before the next word, or after the one before where that is joined to its marks."""
    gap = page.gaps[at]
    if at and _continues_list(page, fragment, at):
        point = page.words[at - 1].end
        return Stretch(point, point, f", {_fitted(fragment, '', '')}")
    if at and (ends or at in page.openers or not re.search(r"\s", gap)):
        closing = _CLOSING.match(gap)
        point = page.words[at - 1].end + (len(closing[0]) if closing else 0)
        return Stretch(point, point, f" {_fitted(fragment, '', '')}")
    point = page.words[at].start if at < len(page.words) else len(page.body)
    text = _fitted(fragment, page.body[:point], page.body[point:])
    return Stretch(point, point, f"{text} ")


def _continues_list(page: Page, fragment: Fragment, at: int) -> bool:
    """A value right after one of its kind: "2.4.6" after "2.4.4, 2.4.5"."""
    [first, *more] = fragment.shapes
    joined = page.gaps[at].strip() == "" and "\n" not in page.gaps[at]
    return first in VALUES and not more and page.shapes[at - 1] == first and joined


def fits_in_place(page: Page, fragment: Fragment, at: int, size: int) -> bool:
    """Whether brackets and emphasis still pair up when these words give way to the fragment."""
    removed = page.body[page.words[at].start : page.words[at + size - 1].end]
    wanted = _open(removed)
    return any(_open(text) == wanted for text in _variants(fragment, "", ""))


def _fitted(fragment: Fragment, before: str, after: str, removed: str = "") -> str:
    """The fragment with those of its marks that do not stand there already and that pair up."""
    wanted = _open(removed)
    variants = _variants(fragment, before, after)
    return next((text for text in variants if _open(text) == wanted), variants[-1])


def _variants(fragment: Fragment, before: str, after: str) -> list[str]:
    """With all its marks, with fewer, with none but punctuation."""
    text = fragment.text.strip()
    lead, tail = fragment.lead, fragment.tail
    core = text[len(lead) : len(text) - len(tail)] if tail else text[len(lead) :]
    if lead and before.endswith(lead):
        lead = ""
    if tail and after.startswith(tail):
        tail = ""
    kept = tail if all(mark in _PUNCTUATION for mark in tail) else ""
    return [f"{lead}{core}{tail}", f"{lead}{core}", f"{core}{tail}", f"{core}{kept}"]


def _open(text: str) -> tuple[int, ...]:
    """How many brackets of each kind stay open, and whether emphasis and code do."""
    count = Counter(text)
    brackets = (count[one[0]] - count[one[1]] for one in _PAIRS)
    return (*brackets, count["*"] % 2, count["`"] % 2)
