"""In which language is a message written? By script, then by its commonest small words.

Only says what is plain: a short or mixed message has no language ("" is returned), since
whoever relies on it must not turn a question away for a guess. Imports no Django.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
#: Small words that are common in one of these languages and rare in the others.
_SMALL_WORDS = {
    "en": "the and you your is are have has my of to it this that with for can do does not would "
    "how what when where please from will been but they we me i'm there which an a",
    "de": "der die das und ist nicht ich sie mein meine mit für auf ein eine einen wir habe haben "
    "kann wie wann bitte von zu den dem ihr euch auch noch bei aus wenn oder werden wird dass",
    "nl": "de het een en ik niet is van mijn met voor op dat je jullie wij heb hebben kan hoe "
    "wanneer graag naar ook nog bij uit als of worden wordt kunnen u zijn deze geen wel",
    "fr": "le la les et est pas je vous mon ma mes avec pour sur une un nous ai avez puis comment "
    "quand merci des du au aux que qui dans ce cette bonjour votre être",
    "es": "el la los las y es no yo mi con para por una un que del al se lo he ha cómo cuándo "
    "gracias de en está esta puedo tengo hola su muy",
    "it": "il lo gli e è non io mio mia con per una un che del della ho avete posso come quando "
    "grazie di sono questo questa vorrei buongiorno anche nel",
    "pt": "o os as e é não eu meu minha com para por uma um que do da dos das você como quando "
    "obrigado posso tenho está olá foi mais",
    "pl": "i w na nie jest się że do to czy jak mój moja kiedy proszę z mam dzień dobry od za",
    "sv": "och är inte jag min mitt med för på en ett att det som har kan hur när från ni vi till",
    "da": "og er ikke jeg min mit med for på en et at det som har kan hvordan hvornår fra vi til",
}
_SETS = {code: frozenset(words.split()) for code, words in _SMALL_WORDS.items()}
# Enough words to tell, so many small ones among them, and that much more than any other.
LEAST_WORDS = 6
LEAST_HITS = 3
LEAD = 1.5
#: Of the letters, so many must be of a script for the text to be in it.
IN_SCRIPT = 0.3


def language_of(text: str) -> str:
    """The two-letter code of the language, or "" where that is not plain."""
    letters = sum(char.isalpha() for char in text)
    for code, script in _SCRIPTS:
        if letters >= 4 and len(script.findall(text)) >= IN_SCRIPT * letters:
            return code
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if len(words) < LEAST_WORDS:
        return ""
    hits = sorted(
        ((sum(word in known for word in words), code) for code, known in _SETS.items()),
        reverse=True,
    )
    (most, code), (second, _other) = hits[0], hits[1]
    is_plain = most >= LEAST_HITS and most >= LEAD * second and most >= 0.2 * len(words)
    return code if is_plain else ""


def is_foreign(text: str, published: frozenset[str]) -> bool:
    """Whether the text is plainly in a language in which nothing is published.

    `published` holds codes such as "en" or "zh-hans"; empty where nothing is known of it.
    """
    known = {code.lower().replace("_", "-").split("-")[0] for code in published}
    language = language_of(text)
    return bool(known) and bool(language) and language not in known
