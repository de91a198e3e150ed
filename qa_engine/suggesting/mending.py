"""Which characters of an article change when a fragment takes its spot. Pure."""

from __future__ import annotations

import re
from collections import Counter

from qa_engine.markdown import Kind
from qa_engine.suggesting import inserting
from qa_engine.suggesting.locating import Paragraph
from qa_engine.suggesting.pages import Page
from qa_engine.suggesting.rewriting import Stretch
from qa_engine.suggesting.signs import Fragment

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
    if at and (ends or at in page.openers or not re.search(r"\s", gap)):
        closing = _CLOSING.match(gap)
        point = page.words[at - 1].end + (len(closing[0]) if closing else 0)
        return Stretch(point, point, f" {_fitted(fragment, '', '')}")
    point = page.words[at].start if at < len(page.words) else len(page.body)
    text = _fitted(fragment, page.body[:point], page.body[point:])
    return Stretch(point, point, f"{text} ")


def _fitted(fragment: Fragment, before: str, after: str) -> str:
    """The fragment with those of its marks that do not stand there already and that pair up."""
    text = fragment.text.strip()
    lead, tail = fragment.lead, fragment.tail
    core = text[len(lead) : len(text) - len(tail)] if tail else text[len(lead) :]
    if lead and before.endswith(lead):
        lead = ""
    if tail and after.startswith(tail):
        tail = ""
    if _pairs_up(f"{lead}{core}{tail}"):
        return f"{lead}{core}{tail}"
    if _pairs_up(f"{lead}{core}"):
        return f"{lead}{core}"
    return core + (tail if tail and all(mark in _PUNCTUATION for mark in tail) else "")


def _pairs_up(text: str) -> bool:
    count = Counter(text)
    brackets = all(count[one[0]] == count[one[1]] for one in _PAIRS)
    return brackets and not count["*"] % 2 and not count["`"] % 2
