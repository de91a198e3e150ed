"""Where a sentence asks, and where it asks twice. Imports no Django.

English, German and Dutch by how questions begin, Chinese by its particles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa_engine.text import content_words, words

_ASKS = (
    r"(?:how\s+\w+"
    r"|what\s+(?:do|does|can|could|should|is|are|if|happens?|about|kind|size|time|must|i|to|the"
    r"|\w+\s+(?:do|does|can|will|would|is|are)\s+(?:i|you|we|it|they|there|the))"
    r"|what's|when|where|wh?ich|who|whom|whose|why"
    r"|(?:can|could|may|shall|should|must|do|does|did|will|would|is|are|am|was|has|have)"
    r"\s+(?:i|you|we|it|he|she|they|there|this|that|these|those|the|my|your|one|someone|a|an|any)"
    r"|is\s+\w+|are\s+\w+|does\s+\w+|any\s+(?:way|chance|idea|news|update))\b"
)
# German and Dutch; "was" alone would be English.
_ASKS_ABROAD = (
    r"(?:wann|wo|wie|wer|welche[rsnm]?|warum|wieso|wohin|(?:ab|bis)\s+wann"
    r"|was\s+(?:kostet|kosten|ist|sind|passiert|muss|kann|darf|mache|bedeutet|gilt|gibt)"
    r"|wat|wanneer|waar|hoe|welke?|waarom"
    r"|(?:kann|kannst|können|darf|dürfen|muss|müssen|ist|sind|gibt|geht|kostet|kosten|dauert|haben"
    r"|habe|bekomme|bekommen|werden|wird|gilt|gelten|kan|kunnen|mag|moet|kost|krijg|heb|hebben)"
    r"\s+(?:ich|wir|sie|es|er|man|das|die|der|mich|mir|mein\w*|ik|wij?|jullie|je|u|het|dat|de))\b"
)
# "Sie" is the customer's "you", "das Zelt" needs nothing before it.
LEANS_ABROAD = (
    r"(?:er|ihn|ihm|(?-i:sie)|(?<!gibt\s)es|davon|dafür|damit|darin|dazu"
    r"|das(?=\s+(?:etwas|auch|noch|ab|möglich|so)\b|\s*[,?.]|$)|ze|deze|dit|ervan|daarvoor)"
)
_STARTS_ASKING = re.compile(
    rf"(?:\W*(?:how|what|wh?ich|when|where|who|whose|why)\b(?!\s+i\s+(?:was|am|had|bought|got|tried|opened)\b)|\W*(?:(?:and|also|but|or|so|then|ok|please|pls|because|secondly|first|second|third|finally"
    rf"|question|my\s+question(?:\s+is)?)\b[\s,:]*)*{_ASKS})",
    re.IGNORECASE,
)
_STARTS_ASKING_ABROAD = re.compile(
    rf"\W*(?:(?:und|aber|en|maar)\s+)?(?:{_ASKS_ABROAD}"
    # Any other German verb before its subject: "Deckt die Garantie …".
    r"|(?!(?:mit|seit)\b)[^\W\d]+(?:t|en)\s+(?:ich|er|sie|es|wir|der|die|das|mein\w*|diese\w*)\b)",
    re.IGNORECASE,
)
_RELATES = re.compile(r"\W*(?:when|where|which|who|whose|whom|why)\b[^,]*,", re.IGNORECASE)
_ASKS_INSIDE = re.compile(
    r"\b(?:how\s+(?:much|many|long|do\s+i|can\s+i|to)|(?:want(?:ed)?|like)\s+to\s+know"
    r"|(?:can|could)\s+you\s+(?:tell|say|explain)|(?:please|pls)\s+(?:tell|explain|advise)"
    r"|tell\s+me|let\s+me\s+know|wonder(?:ed|ing)?\s+(?:if|whether|how|what|when)"
    r"|what\s+(?:can|do|must|should)\s+(?:i|we)|(?:can|may)\s+i|do\s+you\s+(?:ship|send|have|sell))\b",
    re.IGNORECASE,
)
_NEXT_QUESTION = re.compile(
    rf"(?:\s*[,;]\s*(?:and|or|also|plus)?|\s+(?:and|also|plus))\s+(?=(?:also\s+|if\s+so,?\s+)?{_ASKS})"
    # German and Dutch: a question word or a verb right behind "und". What speaks of the first
    # half stays with it: one sentence of an article mostly answers both.
    rf"|\s*,?\s+(?:und|en)\s+(?={_ASKS_ABROAD})(?![^?]*\b{LEANS_ABROAD}\b)"
    # Chinese: two clauses of which each asks.
    r"|(?<=[吗呢])，|(?<=多少|多久|几天)，(?=.*(?:[吗呢]|多少|多久|几天|怎么|什么|可以))",  # noqa: RUF001
    re.IGNORECASE,
)
# "Can you send me the invoice and put the company's name on it?" wants two things done.
_ASKS_TO_DO = re.compile(r"\W*(?:please\s+)?(?:can|could|would|will)\s+you\b", re.IGNORECASE)
_NEXT_TO_DO = re.compile(
    r"\s*,?\s+and\s+(?=(?:also\s+)?(?:put|add|send|change|cancel|refund|replace|ship|remove|update)\s+\w+\s+\w)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\W*(?:also|and|secondly|furthermore|besides|one\s+more\s+thing|plus)\b.*\b"
    r"(?:please|pls|i\s+(?:want|need|would\s+like|like|'d\s+like)|i'd\s+like|send|cancel|change)\b",
    re.IGNORECASE,
)
# A clause that tells when the question holds, which stays with it: "If it is lost, do I …".
_SUBORDINATE = re.compile(
    r"\W*(?:(?:and|but|also|so|or)\s+)*(?:if|when(?!\s+(?:will|do|does|did|is|are|can|could|would|should)\b)"
    r"|unless|because|since|although|though|while|as\s+(?:i|we|it|my|the)\b|once|after|before|in\s+case|wenn|falls|als)\b",
    re.IGNORECASE,
)
_CHINESE_QUESTION = re.compile(r"[吗呢]|多少|多久|怎么|如何|什么|哪|几天|能不能|是否|可以")


def clauses(said: list[str]) -> Iterator[str]:
    """A sentence that asks two things becomes two; one that tells something stays whole."""
    for sentence in said:
        if _tells(sentence):
            yield sentence
            continue
        parts = [part.strip() for part in _NEXT_QUESTION.split(sentence)]
        if _ASKS_TO_DO.match(sentence):
            parts = [one.strip() for part in parts for one in _NEXT_TO_DO.split(part)]
        held = ""
        for part in parts:
            held = f"{held}, {part}" if held else part
            is_whole = _is_long(held) and len(content_words(held)) >= 1
            if is_whole and (part is parts[-1] or not _SUBORDINATE.match(held)):
                yield held
                held = ""
        if held:
            yield held


def _is_long(clause: str) -> bool:
    """Enough to be a question; Chinese has no spaces to count by."""
    return len(clause.split()) >= 3 or (not clause.isascii() and len(words(clause)) >= 3)


def _tells(sentence: str) -> bool:
    """Ends as a statement does, so that its "which" and "when" relate and do not ask."""
    return sentence.rstrip(" \"')").endswith((".", "!"))


def is_question(sentence: str) -> bool:
    return bool(
        sentence.rstrip(" \"')").endswith(("?", "？"))  # noqa: RUF001
        or (_STARTS_ASKING.match(sentence) and not (_tells(sentence) and _RELATES.match(sentence)))
        or _ASKS_INSIDE.search(sentence)
        or _REQUEST.match(sentence)
        or (asks_abroad(sentence) and not _tells(sentence))
        or (not sentence.isascii() and _CHINESE_QUESTION.search(sentence))
    )


def asks_abroad(clause: str) -> bool:
    """Whether it begins as a German or Dutch question does."""
    return _STARTS_ASKING_ABROAD.match(clause) is not None
