"""Words: what is compared when texts are compared by their words. Imports no Django.

The stemmer is light on purpose. It only has to bring "refunded", "refunds" and "refund"
together within one question and one sentence; PostgreSQL stems for itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_CJK_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
# Joined by hyphens, with a digit somewhere: FM-20417, 2024-09-01.
_CODE = re.compile(r"(?<![\w-])(?=[a-zA-Z-]*\d)[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)+(?![\w-])")

_STOP_WORDS = """
    a able about actually after again all already also although always am an and another any
    anybody anyone anything are aren't around as ask at away back be because been before being
    between both but by can can't cannot come could couldn't did didn't do does doesn't doing
    don't done down each either else even ever every for from get gets getting give go goes going
    gonna got had has hasn't have haven't having he hello help her here hers hey hi him his how
    however i i'd i'll i'm i've if in into is isn't it it's its itself just know let like little
    look lot make many may maybe me mean might mine more most much must my myself need needs never
    no not now of off ok okay on once one only or other our ours out over own per perhaps please
    possible question rather really regards say see shall she should since so some somebody
    someone something soon still such sure take tell than thank thanks that that's the their them
    then there there's these they thing things think this those though through to too try two
    until up us use used using very want wanted wants was wasn't way we we're well were what
    what's when where whether which while who whom whose why will wish with within without won't
    wonder would wouldn't yes yet you you're your yours
    """
STOP_WORDS = frozenset(_STOP_WORDS.split())


def fold(text: str) -> str:
    """Lower case without accents: "Größe" → "große" → "grosse" stays findable."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("’", "'"))
    return _NOT_ASCII.sub(_without_accent, decomposed).lower()


def _without_accent(found: re.Match[str]) -> str:
    return "" if unicodedata.combining(found[0]) else found[0]


def cjk_bigrams(text: str) -> list[str]:
    """Neighbouring pairs of CJK characters, the usual stand-in for words."""
    pairs: list[str] = []
    for run in _CJK_RUN.findall(text):
        pairs += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    return pairs


def searchable(text: str) -> str:
    """The text with CJK runs cut into pairs, so that a parser made for spaces finds them."""
    return _CJK_RUN.sub(lambda run: " " + " ".join(cjk_bigrams(run[0])) + " ", text)


def indexed(text: str) -> str:
    """As `searchable`, with codes both whole and in parts: "FM-20417" is found by "fm20417",
    "FM 20417" and "20417". PostgreSQL's parser alone would read a negative number in it.
    """
    return _CODE.sub(
        lambda code: f"{code[0].replace('-', '')} {code[0].replace('-', ' ')}", searchable(text)
    )


def words(text: str) -> list[str]:
    """All words, folded; CJK as pairs."""
    return _WORD.findall(fold(searchable(text)))


def word_count(text: str) -> int:
    """Length in words; two CJK characters count as one."""
    cjk = sum(len(run) for run in _CJK_RUN.findall(text))
    return len(_WORD.findall(_CJK_RUN.sub(" ", text))) + (cjk + 1) // 2


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    for suffix, replacement in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("shes", "sh")):
        if word.endswith(suffix):
            return word[: -len(suffix)] + replacement
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for suffix in ("ments", "ment", "ings", "ing", "edly", "ed", "ation", "ly", "able"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > 3 else word


def content_words(text: str) -> list[str]:
    """The words that carry the meaning, in order, each once."""
    return list(dict.fromkeys(w for w in words(text) if _carries_meaning(w)))


def content_stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(text))


def _carries_meaning(word: str) -> bool:
    return word not in STOP_WORDS and (len(word) > 1 or word.isdigit() or not word.isascii())
