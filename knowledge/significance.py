"""How much a new text says otherwise: the default that the edit form proposes. Pure.

A guess from words alone; whoever edits has the last word. It errs towards major where a
number, a condition or much of the text changed, since what follows from that (translations
to look at, votes that start anew) is cheap to wave away and expensive to miss.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from enum import StrEnum

from knowledge.spelling import edit_distance
from knowledge.types import ArticleText

_WORD = re.compile(r"\w+(?:[.,:/-]\w+)*|[€$£%]")
#: Words that turn a sentence around.
_TURNS = frozenset(
    {
        "not", "no", "never", "none", "only", "except", "unless", "without", "must", "cannot",
        "free", "always", "nor", "niet", "geen", "nooit", "alleen", "nicht", "kein", "keine",
        "nie", "nur", "ne", "pas", "jamais", "sauf",
    }
)  # fmt: skip
#: A change of more than this part of the words is a rewriting.
MUCH = 0.3
#: Corrected words in one saving that still pass for typing errors.
MOST_TYPOS = 8


class Significance(StrEnum):
    TYPO = "typo"
    MINOR = "minor"
    MAJOR = "major"


def guess(before: ArticleText, after: ArticleText) -> Significance:
    """What the change from one text to the other most likely is."""
    old, new = _words(before), _words(after)
    if old == new:
        return Significance.TYPO
    gone, come = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if any(_decides(word) for word in (*gone, *come)):
        return Significance.MAJOR
    changed = max(gone.total(), come.total())
    if changed > MUCH * max(len(old), len(new)):
        return Significance.MAJOR
    return Significance.TYPO if _is_spelling(old, new) else Significance.MINOR


def greatest(of: list[str]) -> Significance | None:
    """The most significant of some changes; None of none."""
    order = list(Significance)
    return max((Significance(one) for one in of), key=order.index, default=None)


def _words(text: ArticleText) -> list[str]:
    return _WORD.findall(f"{text.title}\n{text.summary}\n{text.body}".lower())


def _decides(word: str) -> bool:
    return word in _TURNS or (not word.isalpha() and any(char.isdigit() for char in word))


def _is_spelling(old: list[str], new: list[str]) -> bool:
    """Whether each changed word became one that is spelt almost the same."""
    pairs: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if tag != "replace" or j - i != m - k:
            return False
        pairs += zip(old[i:j], new[k:m], strict=True)
    return len(pairs) <= MOST_TYPOS and all(_is_slip(one, other) for one, other in pairs)


def _is_slip(one: str, other: str) -> bool:
    longer = max(len(one), len(other))
    return longer > 2 and edit_distance(one, other) <= (1 if longer < 8 else 2)
