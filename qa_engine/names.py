"""Names in a question that an answer must speak of too. Imports no Django.

"Do you ship to Australia?" must not be answered with the price to Norway, however alike
the sentences are. Countries are known by name, small letters or not; other names by their
capital letters; product codes and numbers by their digits.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qa_engine.text import STOP_WORDS, fold, stem, words

_EU_COUNTRIES = """
austria belgium bulgaria croatia cyprus czechia denmark estonia finland france germany
greece hungary ireland italy latvia lithuania luxembourg malta netherlands poland portugal romania
slovakia slovenia spain sweden"""
_EU = frozenset(_EU_COUNTRIES.split())

_OTHER_COUNTRIES = """
afghanistan albania algeria andorra angola argentina armenia australia azerbaijan
bahamas bahrain bangladesh barbados belarus belize benin bhutan bolivia bosnia botswana brazil
brunei burundi cambodia cameroon canada chad chile china colombia congo cuba ecuador egypt
eritrea ethiopia fiji gabon gambia georgia ghana gibraltar greenland guatemala guinea guyana haiti
honduras iceland india indonesia iran iraq israel jamaica japan jersey jordan kazakhstan kenya
kosovo kuwait kyrgyzstan laos lebanon lesotho liberia libya liechtenstein macau madagascar malawi
malaysia maldives mali mauritius mexico moldova monaco mongolia montenegro morocco mozambique
myanmar namibia nepal nicaragua niger nigeria norway oman pakistan panama paraguay peru
philippines qatar russia rwanda senegal serbia singapore somalia sudan svalbard switzerland syria
taiwan tajikistan tanzania thailand togo tunisia turkey turkmenistan uganda ukraine uruguay usa
uzbekistan venezuela vietnam yemen zambia zimbabwe africa asia america"""
_OTHERS = frozenset(_OTHER_COUNTRIES.split())

# Said in several words or ways, with one name for each.
_PHRASES = {
    "new zealand": "newzealand",
    "united states": "usa",
    "the states": "usa",
    "united kingdom": "uk",
    "great britain": "uk",
    "england": "uk",
    "scotland": "uk",
    "wales": "uk",
    "britain": "uk",
    "northern ireland": "northernireland",
    "south africa": "southafrica",
    "south korea": "korea",
    "saudi arabia": "saudiarabia",
    "hong kong": "hongkong",
    "sri lanka": "srilanka",
    "costa rica": "costarica",
    "puerto rico": "puertorico",
    "el salvador": "elsalvador",
    "czech republic": "czechia",
    "canary islands": "canaries",
    "faroe islands": "faroes",
    "channel islands": "jersey",
    "emirates": "uae",
    "dubai": "uae",
    "holland": "netherlands",
    "türkiye": "turkey",
}
_SYNONYMS = {fold(phrase): name for phrase, name in _PHRASES.items()}
_PHRASE = re.compile(r"\b(" + "|".join(sorted(_SYNONYMS, key=len, reverse=True)) + r")\b")
_UPPER = re.compile(r"\b(USA?|UK|UAE|GB|NZ)\b")
_CODES = {"US": "usa", "USA": "usa", "UK": "uk", "GB": "uk", "UAE": "uae", "NZ": "newzealand"}

_PLACES = _EU | _OTHERS | frozenset(_SYNONYMS.values())
_EU_WORDS = re.compile(r"\b(?:EU|E\.U\.|European Union)\b")

_CAPITALISED = re.compile(r"(?<![.?!:\n\w] )(?<!^)(?<![\w'’])([A-Z][\w-]{1,}|[A-Za-z]+\d[\w-]*)")
_COMMON = """
monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december english i'm i've i'd pm am ok hi hello
    dear mr mrs ms thanks regards qr id eu cm kg ml faq pdf sms url www http https"""
_NOT_NAMES = frozenset(_COMMON.split())
_MODEL_NUMBER = re.compile(r"\b([a-z][a-z-]{2,})\s+(\d{1,3})\b")
#: Before a number they begin an amount or a date: "within 30 days", "above 100 euros", "week 23".
_COUNTING = "above below under least nearly exactly roughly minimum maximum week day"
_NO_FAMILY = _NOT_NAMES | STOP_WORDS | frozenset(_COUNTING.split())


@lru_cache(maxsize=10_000)
def places(text: str) -> frozenset[str]:
    """Countries that a text names, each by one name."""
    found = {_CODES[code] for code in _UPPER.findall(text)}
    folded = _PHRASE.sub(lambda phrase: _SYNONYMS[phrase[0]], fold(text))
    return frozenset(found | {word for word in words(folded) if word in _PLACES})


def missing_places(question: str, evidence: str) -> frozenset[str]:
    """Countries that are asked about and that the evidence does not speak of.

    A sentence about the EU speaks of its members.
    """
    return places(question) - spoken_of(evidence)


def spoken_of(evidence: str) -> frozenset[str]:
    """Countries that a text is about: those it names, and of the EU all members."""
    return places(evidence) | _EU if _EU_WORDS.search(evidence) else places(evidence)


def names(question: str) -> frozenset[str]:
    """Stems of words with a capital inside a sentence, or with digits in them."""
    if question.isupper():
        return frozenset()
    found = {fold(name) for name in _CAPITALISED.findall(question)}
    kept = (word for name in found for word in words(name))
    return frozenset(stem(w) for w in kept if w not in _NOT_NAMES and w not in STOP_WORDS)


@lru_cache(maxsize=10_000)
def models(text: str) -> frozenset[tuple[str, str]]:
    """Products told apart by a number: "Tarn 2" and "Tarn 3"."""
    found = _MODEL_NUMBER.findall(fold(text))
    return frozenset((family, number) for family, number in found if family not in _NO_FAMILY)


def clashing_models(question: str, evidence: str) -> frozenset[tuple[str, str]]:
    """Models that are asked about where the evidence speaks only of their siblings."""
    return clashing(models(question), models(evidence))


def clashing(
    asked: frozenset[tuple[str, str]], spoken: frozenset[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """As `clashing_models`, of what both texts name."""
    families = {family for family, _ in spoken} if asked else ()
    return frozenset(m for m in asked if m not in spoken and m[0] in families)
