"""Names, denials, and the words that bind a statement to a condition. Imports no Django.

Numbers are in `quantities`, addresses in `addresses`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa_engine.grounding.addresses import without_addresses
from qa_engine.text import STOP_WORDS, content_words, fold, stem

_NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nothing|nobody|cannot|without|\w+n['’]t|unable|impossible"
    r"|nicht|kein\w*|nie|niemals|ohne|niet|geen|nooit|zonder)\b|[不没无未非勿]",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![\w'’])(?:[A-Z][\w-]*[A-Za-z0-9]|[A-Za-z]+-?\d[\w-]*)")

#: Words that change what holds; the first of each line stands for the line.
_BINDING = """
unless außer tenzij 除非
except excluding apart|from ausgenommen behalve
only solely exclusively nur alleen slechts 只 仅
if provided wenn falls sofern als indien 如果
before prior vor voor 之前
after nach na 之后 以后
within innerhalb binnen 以内 之内
until bis tot 直到
above over more|than exceeding über boven 超过
below under less|than unter onder 低于
least minimum mindestens minimaal 至少
most maximum up|to höchstens maximaal 最多
free gratis kostenlos kostenfrei 免费
paid
sometimes
always immer altijd 总是
must required mandatory müssen muss moet moeten 必须
both beide
once twice
each per every pro jede jeder
included includes including inklusive inclusief
excluded
last
refund refunded refunds
exchange exchanged exchanges
repair repaired repairs
online
closed
used
unused unworn
monday montag maandag
tuesday dienstag dinsdag
wednesday mittwoch woensdag
thursday donnerstag donderdag
friday freitag vrijdag
saturday samstag zaterdag
sunday sonntag zondag
"""
BINDING = {
    word.replace("|", " "): line.split()[0].replace("|", " ")
    for line in _BINDING.strip().splitlines()
    for word in line.split()
}
_SPACED = [word for word in BINDING if word[0] < "\u3000"]
#: Telling words by which a condition is recognised.
NEXT_WORDS = 3
_BINDING_WORD = re.compile(
    rf"(?<!\w)(?:{'|'.join(sorted(map(re.escape, _SPACED), key=len, reverse=True))})(?!\w)"
    rf"|{'|'.join(word for word in BINDING if word not in _SPACED)}",
    re.IGNORECASE,
)
#: Common words with a capital; "Down" may be a name.
_NO_NAMES = STOP_WORDS - {"down", "may", "even", "like", "little", "still", "see", "possible"}


def names(text: str, *, is_sentence: bool = True) -> tuple[str, ...]:
    """Stems of words with a capital or a digit, in order; of a sentence not its first word."""
    bare = without_addresses(text)
    opening = re.match(r"\W*", bare)
    first = opening.end() if opening and is_sentence else -1
    found: list[str] = []
    for one in _NAME.finditer(bare):
        starts = one.start() == first or re.search(r"[.!?]\W*$", bare[: one.start()])
        has_digit = any(c.isdigit() for c in one[0])
        if (not starts or has_digit) and fold(one[0]) not in _NO_NAMES:
            found.append(stem(fold(one[0])))
    return tuple(found)


def negations(text: str) -> int:
    return len(_NEGATION.findall(text))


@dataclass(frozen=True, slots=True)
class Binding:
    """A word that binds to a condition, by the name of its line, and what it binds to."""

    word: str
    after: frozenset[str]


def bindings(text: str) -> tuple[Binding, ...]:
    """In the order of the text, each with the next telling words."""
    return tuple(
        Binding(
            BINDING[" ".join(found[0].lower().split())],
            frozenset(stem(word) for word in content_words(text[found.end() :])[:NEXT_WORDS]),
        )
        for found in _BINDING_WORD.finditer(text)
    )
