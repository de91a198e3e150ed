"""What kind of words a question waits for: an amount, a time, a weight. Imports no Django.

"How heavy is the tent?" is answered by a sentence with a weight in it, however near another
sentence about heavy snow may be.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class AnswerType(StrEnum):
    MONEY = "money"
    DURATION = "duration"
    WHEN = "when"
    WEIGHT = "weight"
    SIZE = "size"
    NUMBER = "number"
    CONTACT = "contact"


_UNITS_OF_TIME = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|nights?)"
_NUMBER_WORD = (
    r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|thirty)"
)
_ASKED = {
    AnswerType.MONEY: r"""how\s+much\s+(?:is|are|does|do|for|will|would|money|it|you|to\s+pay)
        |how\s+expensive|cost|price|(?:what|which)\s+(?:discount|fee|charge)|how\s+high|€|\beur
        |\bpay\s+for\b|was\s+kostet|hoeveel\s+kost""",
    AnswerType.DURATION: r"""how\s+(?:long|fast|quick\w*|soon)
        |how\s+many\s+(?:working\s+)?(?:days|weeks|months|years|hours)
        |until\s+when|by\s+when|(?:what|which)\s+(?:period|deadline)|wie\s+lange|hoe\s+lang""",
    AnswerType.WHEN: r"""when\s+(?:is|are|do|does|will|can|must|should)
        |(?:what|which)\s+(?:time|day|date)|opening\s+hours|\bopen\b""",
    AnswerType.WEIGHT: r"how\s+heavy|weight|weigh",
    AnswerType.SIZE: r"""how\s+(?:big|large|wide|tall|high|deep|long\s+is\s+the)|dimension
        |pack(?:ed)?\s+size|volume|litres""",
    AnswerType.NUMBER: r"""how\s+many|how\s+often|what\s+temperature|water\s+column
        |how\s+(?:hot|cold|warm)""",
    AnswerType.CONTACT: r"""phone\s+number|e-?mail\s+address
        |(?:what|which)\s+(?:is\s+the\s+)?address
        |where\s+(?:do|can|should)\s+i\s+(?:send|write)""",
}
_SAID = {
    AnswerType.MONEY: r"""[€£$]\s?\d|\d\s?(?:€|euros?|eur\b|%)|\bfree\b|at\s+(?:our|no)\s+cost
        |\bcosts?\s+nothing""",
    AnswerType.DURATION: rf"""{_NUMBER_WORD}(?:[\s-]+(?:to|and|or|–|working|business|calendar)
        [\s-]*{_NUMBER_WORD}?)*[\s-]*{_UNITS_OF_TIME}|\bat\s+once\b|immediately|same\s+day
        |until\s+\d|lifetime|no\s+(?:time\s+)?limit""",
    AnswerType.WHEN: rf"""\d{{1,2}}[:.]\d\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day
        |\d\s+\w+ary\b
        |{_NUMBER_WORD}[\s-]+(?:working\s+|to\s+\d+\s+)?{_UNITS_OF_TIME}
        |\b(?:once|when|after|before|until)\b|immediately""",
    AnswerType.WEIGHT: r"\d\s?(?:kg|g|grams?|kilos?|lbs?)\b",
    AnswerType.SIZE: r"\d\s?(?:cm|mm|m|l|litres?|liters?|inch(?:es)?)\b|\d\s?[x×]\s?\d",
    AnswerType.NUMBER: rf"\b{_NUMBER_WORD}\b",
    AnswerType.CONTACT: r"@|\+?\d[\d\ ]{7,}|\d{4}\s?[A-Z]{2}\b|form\b",
}
_FLAGS = re.IGNORECASE | re.VERBOSE
_HINTS = {AnswerType.WEIGHT: "weight", AnswerType.SIZE: "size", AnswerType.MONEY: "costs price"}
_ASKED_PATTERNS = {kind: re.compile(f"(?:{words})", _FLAGS) for kind, words in _ASKED.items()}
_SAID_PATTERNS = {kind: re.compile(f"(?:{words})", _FLAGS) for kind, words in _SAID.items()}


@lru_cache(maxsize=1_000)
def expected(question: str) -> frozenset[AnswerType]:
    """The kinds of words that an answer to the question should hold; often none."""
    return frozenset(kind for kind, words in _ASKED_PATTERNS.items() if words.search(question))


def fits(kinds: frozenset[AnswerType], text: str) -> float:
    """1 where the text holds a kind that was asked for, -1 where it holds none, else 0."""
    return holds(kinds, kinds_in(text)) if kinds else 0.0


def holds(asked: frozenset[AnswerType], there: frozenset[AnswerType]) -> float:
    """As `fits`, of a text whose kinds are known."""
    if not asked:
        return 0.0
    return -1.0 if asked.isdisjoint(there) else 1.0


@lru_cache(maxsize=10_000)
def kinds_in(text: str) -> frozenset[AnswerType]:
    """The kinds of words that a text holds."""
    return frozenset(kind for kind, words in _SAID_PATTERNS.items() if words.search(text))


def hints(question: str) -> str:
    """Words that an article uses where a shopper says "how heavy" or "how big"."""
    return " ".join(_HINTS[kind] for kind in sorted(expected(question)) if kind in _HINTS)


_TIME_TAKEN_ASKED = re.compile(
    r"how\s+(?:long|fast|quick\w*|soon|many\s+(?:working\s+)?(?:days|weeks|hours))\b.*"
    r"\b(?:takes?|arriv\w*|deliver\w*|wait|until|before|get|need|last\s+until)\b"
    r"|when\s+(?:will|do|does|can)\b",
    _FLAGS & ~re.VERBOSE,
)
_TIME_VALID_ASKED = re.compile(
    r"\bvalid|expire|how\s+long\b.*\b(?:keep|kept|have|last|warranty|covered|cover|use)\b",
    _FLAGS & ~re.VERBOSE,
)
_TAKES = re.compile(
    r"\b(?:takes?|taken|within|arrives?|usually|later|later\s+than|after|leaves?|delivery\s+time)\b",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"\b(?:valid|warranty|covered|expires?|kept|keeps?|guarantee\w*|until|lasts?|for\s+(?:up\s+to\s+)?\d+)\b",
    re.IGNORECASE,
)
_MAY_I = re.compile(
    r"\b(?:can|may|could|am|is|are|do|does|must|should|will)\s+(?:i|you|we|it|they|the|my|your|there|one|this"
    r"|that|he|she|a|an|any)\b|allowed|possible|permitted",
    re.IGNORECASE,
)
_YOU_MAY = re.compile(
    r"\b(?:can(?:not|'t)?|may|must|never|not|no|nothing|none|possible|allowed|always|both|either|also"
    r"|free|included|excluded|accept\w*|fits?|works?|have\s+to|yes)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1_000)
def is_about_time_taken(question: str) -> float:
    """1 where it asks how long something takes, -1 how long it holds, else 0."""
    if _TIME_VALID_ASKED.search(question):
        return -1.0
    return 1.0 if _TIME_TAKEN_ASKED.search(question) else 0.0


def tells_time_taken(text: str) -> float:
    """1 where a period is how long something takes, -1 how long it holds, else 0."""
    if not _SAID_PATTERNS[AnswerType.DURATION].search(text):
        return 0.0
    return float(_TAKES.search(text) is not None) - float(_HOLDS.search(text) is not None)


def permits(text: str) -> bool:
    """Whether a sentence allows or forbids."""
    return _YOU_MAY.search(text) is not None


@lru_cache(maxsize=1_000)
def asks_permission(question: str) -> bool:
    return not expected(question) and _MAY_I.search(question) is not None
