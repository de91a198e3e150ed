"""What sentences are about, and how many of their words two of them share. No Django."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from qa_engine.names import missing_places, places
from qa_engine.suggesting.amounts import amounts
from qa_engine.suggesting.stretches import Stretch
from qa_engine.text import content_stems, stem, words


def stems(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning; amounts aside, which are compared exactly."""
    for amount in reversed(amounts(text)):
        text = f"{text[: amount.start]} {text[amount.end :]}"
    return frozenset(one for one in content_stems(text) if not one.isdigit())


def rarity_among(found: Sequence[Stretch]) -> dict[str, float]:
    """Stem → how much it tells: log of the stretches over those that have it."""
    seen = Counter(one for stretch in found for one in {stem(w) for w in words(stretch.text)})
    total = max(len(found), 2)
    return {one: math.log(total / count) for one, count in seen.items()}


def is_elsewhere(fact: str, context: str) -> bool:
    """The fact names countries, and the passage none of them."""
    meant = places(fact)
    return bool(meant) and missing_places(fact, context) == meant


#: How rare a word is taken to be that no text has.
USUAL = 5.0

_VERB = re.compile(
    r"\b(?:is|are|was|has|have|can|cannot|may|must|do|does|takes?|costs?|keeps?|gets?|gives?"
    r"|expires?|receives?|pays?|stays?|needs?|falls?|would|will|we|you)\b",
    re.IGNORECASE,
)
_ANY = re.compile(r"\b(?:all|every|any|each|unused)\b", re.IGNORECASE)
_GENERIC = frozenset({"product", "item", "order", "parcel", "custom", "customer", "pric"})


def speaks_of(statement: str, one: Stretch) -> bool:
    """Whether the passage names what the statement is about, and not only says the like."""
    return bool(grammatical_subject(statement) & stems(one.context))


def grammatical_subject(sentence: str) -> frozenset[str]:
    """Stems of what a sentence is about; empty where it is about anything at all."""
    head = _VERB.split(sentence, maxsplit=1)[0]
    return frozenset() if _ANY.search(head) else stems(head) - _GENERIC


def share(
    of: frozenset[str],
    within: frozenset[str],
    rarity: Mapping[str, float],
    *,
    empty: float = 0.0,
) -> float:
    """The part of the words of `of`, by what they tell, that `within` has too: 0 … 1."""
    if not of:
        return empty
    total = math.fsum(rarity.get(one, USUAL) for one in of)
    common = math.fsum(rarity.get(one, USUAL) for one in of & within)
    return common / total if total else 0.0
