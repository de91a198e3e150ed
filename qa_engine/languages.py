"""Which language a customer writes in. Pure: no Django; knows nothing of tickets.

Scripts of one language decide by themselves. Between languages that share letters,
py3langid (naive Bayes over byte n-grams, Lui and Baldwin 2012) decides, but only among the
languages that shops write in, and only when it is sure: "refund pls" is too short to tell.
"""

from __future__ import annotations

import re
import threading
from functools import cache
from typing import TYPE_CHECKING

from qa_engine.messages import own_words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

#: What is told apart. More languages make short messages harder to tell.
KNOWN = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hr", "hu", "it",
    "ja", "ko", "lt", "lv", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "th", "tr",
    "uk", "vi", "zh",
)  # fmt: skip
#: Posterior probability from which a guess is taken, for a text of a few words.
SURE = 0.9
#: Letters below which nothing is guessed between languages that share an alphabet.
MIN_LETTERS = 12
MAX_CHARACTERS = 2_000

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_LETTER = re.compile(r"[^\W\d_]")
# Addresses, links, codes and names in capitals are of no language.
_NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|\b\w*\d\w*\b|\b[A-Z]{2,}\b")
_lock = threading.Lock()


def detect_language(text: str, fallback: str) -> str:
    """The ISO 639-1 code of what the writer wrote, or `fallback` where it cannot be told.

    The fallback's region is kept where its language is the one found: "pt-BR" stays "pt-BR".
    """
    said = _NO_WORDS.sub(" ", own_words(text)[:MAX_CHARACTERS])
    found = _by_script(said) or _by_words(said, fallback)
    if not found or found == fallback.partition("-")[0].lower():
        return fallback
    return found


def is_foreign(text: str, published: frozenset[str]) -> bool:
    """Whether the text is plainly in a language in which nothing is published.

    `published` holds codes such as "en" or "zh-hans"; empty where nothing is known of it.
    """
    known = {code.lower().replace("_", "-").partition("-")[0] for code in published}
    language = detect_language(text, fallback="")
    return bool(known) and bool(language) and language not in known


def _by_script(text: str) -> str:
    """Chinese, Japanese or Korean where a fifth of the letters are theirs."""
    letters = len(_LETTER.findall(text)) or 1
    kana, hangul, han = (len(script.findall(text)) for script in (_KANA, _HANGUL, _HAN))
    if hangul * 5 >= letters:
        return "ko"
    if (kana + han) * 5 < letters:
        return ""
    # Japanese prose is nearly half kana; a Chinese message may name a brand in them.
    return "ja" if kana * 5 >= han else "zh"


def _by_words(text: str, fallback: str) -> str:
    if len(_LETTER.findall(text)) < MIN_LETTERS:
        return ""
    # In lower case: a subject in capitals is taken for no language at all.
    with _lock:
        ranked = _identifier().rank(text.lower())
    best, probability = ranked[0]
    return str(best) if probability >= SURE else ""


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(KNOWN)
    return identifier
