"""What in a sentence can be right or wrong to the letter. Imports no Django.

A number is a fact with its unit ("30 days", "€4.95", "15 November"), a range is one fact.
Beside numbers: addresses of pages and mail, names, negations, and the words that bind a
statement to a condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from qa_engine.text import STOP_WORDS, content_stems, content_words, fold, stem

_WORDS = {
    word: value
    for value, words in {
        "2": "two both zwei twee", "3": "three drei drie", "4": "four vier", "5": "five fünf vijf",
        "6": "six sechs zes", "7": "seven sieben zeven", "8": "eight acht", "9": "nine neun negen",
        "10": "ten zehn tien", "11": "eleven elf", "12": "twelve zwölf twaalf", "13": "thirteen",
        "14": "fourteen vierzehn veertien", "15": "fifteen fünfzehn vijftien",
        "20": "twenty zwanzig twintig", "24": "twenty-four", "30": "thirty dreißig dertig",
        "50": "fifty fünfzig vijftig", "60": "sixty sechzig zestig", "90": "ninety",
        "100": "hundred hundert honderd", "1000": "thousand tausend duizend",
        "0.5": "half halb halben halve", "1/3": "third", "1/4": "quarter",
    }.items()
    for word in words.split()
}  # fmt: skip
_CURRENCY = {
    "€": "€", "eur": "€", "euro": "€", "euros": "€", "$": "$", "usd": "$", "dollar": "$",
    "dollars": "$", "£": "£", "gbp": "£", "pound": "£", "pounds": "£", "chf": "chf", "元": "元",
    "¥": "元", "nok": "nok", "sek": "sek", "dkk": "dkk", "cent": "cent", "cents": "cent",
}  # fmt: skip
_UNITS = {
    unit: name
    for name, units in {
        "day": "day days tag tage tagen dag dagen 天 日",
        "week": "week weeks woche wochen weken 周",
        "workday": "werktag werktage werktagen werkdag werkdagen 工作日 个工作日",
        "month": "month months monat monate monaten maand maanden 月 个月",
        "year": "year years jahr jahre jahren jaar 年",
        "minute": "minute minutes minuten min 分钟",
        "hour": "hour hours stunde stunden uur h 小时", "%": "% percent per-cent prozent procent",
        "kg": "kg kilo kilos", "g": "g gram grams gramm", "cm": "cm", "mm": "mm", "m": "m metres",
        "km": "km", "l": "l litre litres liter", "ml": "ml", "°c": "°c degrees °",
        "night": "night nights", "item": "item items piece pieces artikel stück 件",
        "time": "times mal keer 次", "point": "point points punkte punten",
        "january": "january jan januar januari", "february": "february feb februar februari",
        "march": "march märz maart", "april": "april apr", "may": "may mai mei",
        "june": "june juni",
        "july": "july juli", "august": "august aug augustus", "september": "september sept",
        "october": "october oct oktober", "november": "november nov",
        "december": "december dec dezember", "am": "am a.m", "pm": "pm p.m", "o'clock": "uhr 点",
    }.items()
    for unit in units.split()
}  # fmt: skip
_MONTHS = frozenset(_UNITS[name] for name in _UNITS if len(name) > 2 and _UNITS[name] in {
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
})  # fmt: skip
_KINDS_OF_DAY = frozenset({"working", "business", "week"})
_COUNTED_ONE = frozenset({"day", "week", "month", "year", "hour", "night", "item", "minute"})

_SIGN = r"[€$£¥]"
_FIGURE = r"\d{1,2}:\d{2}|\d+(?:[.,\u2009\u00a0]\d+)*"
_SPELT = "|".join(sorted(map(re.escape, {*_WORDS, "one", "once", "twice"}), key=len, reverse=True))
_TOKEN = re.compile(
    rf"(?P<sign>(?:{_SIGN}|\b(?:eur|usd|gbp|chf|nok|sek|dkk)\s)\s?)?"
    rf"(?<![\w.,])(?P<figure>{_FIGURE})|(?<![\w-])(?P<word>{_SPELT})(?![\w-]*[a-z])"
    r"|(?P<han>[一二两三四五六七八九十百千半]+)"
    r"(?=\s?(?:个?工作日|个?月|天|日|周|年|元|小时|分钟|次|件))",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"[\s\u00a0-]{{0,2}}(?P<unit>%|°c?|{_SIGN}|[^\W\d_]+(?:\.m)?)(?:[\s-]+(?P<next>[^\W\d_]+))?",
    re.IGNORECASE,
)
_HAN_AFTER = re.compile(r"\s?(?P<unit>个?工作日|个?月|天|日|周|年|元|小时|分钟|次|件)")
_BETWEEN = re.compile(r"\b(?:between|zwischen|tussen)\s*$", re.IGNORECASE)
_BEFORE = re.compile(r"(?P<unit>[^\W\d_]+)\s+$")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]"
    r"|(?<![@\w.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|shop|store|eu|de|nl|cn|uk|fr|info|biz|example)\b(?:/[^\s<>\"')\]]*[^\s<>\"')\].,;:!?])?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_CLAUSE = re.compile(
    r"[,;:()|?!\n–—]|(?<!\d)\.|\.(?!\d)|\b(?:but|and|while|whereas|und|aber|en|maar)\b|[，。；：、]"  # noqa: RUF001
)
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


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, the word before it, and the telling words of its clause."""

    values: tuple[str, ...]
    unit: str
    before: str
    context: frozenset[str]
    text: str

    @property
    def key(self) -> tuple[tuple[str, ...], str]:
        return self.values, self.unit


#: Common words with a capital; "Down" may be a name.
_NO_NAMES = STOP_WORDS - {"down", "may", "even", "like", "little", "still", "see", "possible"}


@lru_cache(maxsize=20_000)
def numbers(text: str) -> tuple[Number, ...]:
    """In the order of the text; "3 to 5 working days" is one."""
    bare = _URL.sub(" ", _EMAIL.sub(" ", text))
    found = [one for one in _TOKEN.finditer(bare) if _counts(one, bare)]
    told: list[Number] = []
    at = 0
    while at < len(found):
        last = at + (at + 1 < len(found) and _is_range(bare, found[at], found[at + 1]))
        group = found[at : last + 1]
        start, end = group[0].start(), group[-1].end()
        before = _BEFORE.search(bare[:start])
        told.append(
            Number(
                values=tuple(_value(one) for one in group),
                unit=_unit(bare, group),
                before=stem(fold(before["unit"])) if before else "",
                context=_context(bare, start, end),
                text=bare[start:end],
            )
        )
        at = last + 1
    return tuple(told)


def _is_range(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    between = text[first.end() : second.start()]
    if _BETWEEN.search(text[: first.start()]):
        return re.fullmatch(r"\s?(?:[^\W\d_]+|%)?\s*(?:and|und|en)\s*", between) is not None
    return re.fullmatch(r"\s*(?:–|-|—|to|bis|tot|至|到)\s*", between) is not None


def _counts(found: re.Match[str], text: str) -> bool:
    if (found["word"] or "").lower() != "one":
        return True
    after = _AFTER.match(text, found.end())
    return after is not None and _UNITS.get(after["unit"].lower()) in _COUNTED_ONE


def _value(found: re.Match[str]) -> str:
    if found["han"]:
        return _han(found["han"])
    if found["word"]:
        word = found["word"].lower()
        return {"one": "1", "once": "1", "twice": "2"}.get(word) or _WORDS[word]
    return _figure(found["figure"])


def _figure(text: str) -> str:
    """One writing for "1,299.00", "1.299,00" and "1299"."""
    if ":" in text:
        hours, minutes = text.split(":")
        return f"{int(hours)}:{minutes}" if minutes != "00" else str(int(hours))
    text = re.sub(r"[\u2009\u00a0]", "", text)
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
        return str(int(re.sub(r"[.,]", "", text)))
    if found := re.fullmatch(r"([\d.,]*?)[.,](\d{1,2}|\d{4,})", text):
        whole = re.sub(r"[.,]", "", found[1]) or "0"
        return f"{int(whole)}.{found[2]}".rstrip("0").rstrip(".")
    return str(int(text)) if text.isdigit() else text


def _han(text: str) -> str:
    digits = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
    if text == "半":
        return "0.5"
    total = current = 0
    for char in text:
        if char in digits:
            current = digits[char]
        else:
            scale = {"十": 10, "百": 100, "千": 1000}.get(char, 1)
            total, current = total + (current or 1) * scale, 0
    return str(total + current)


def _unit(text: str, group: list[re.Match[str]]) -> str:
    sign = (group[0]["sign"] or group[-1]["sign"] or "").strip().lower()
    if sign:
        return _CURRENCY[sign]
    if (group[0]["word"] or "").lower() in {"once", "twice"}:
        return "time"
    if han := _HAN_AFTER.match(text, group[-1].end()):
        return _UNITS.get(han["unit"]) or _CURRENCY.get(han["unit"], "")
    after = _AFTER.match(text, group[-1].end())
    word = after["unit"].lower() if after else ""
    if after and word in _KINDS_OF_DAY and _UNITS.get((after["next"] or "").lower()) == "day":
        return "workday"
    unit = _CURRENCY.get(word) or _UNITS.get(word, "")
    if not unit and (before := _BEFORE.search(text[: group[0].start()])):
        unit = _UNITS.get(before["unit"].lower(), "")  # "November 15"
        unit = unit if unit in _MONTHS else ""
    return unit


def _context(text: str, start: int, end: int) -> frozenset[str]:
    """Stems of the clause around `text[start:end]`."""
    before = [found.end() for found in _CLAUSE.finditer(text, 0, start)]
    after = _CLAUSE.search(text, end)
    from_here = before[-1] if before else 0
    to_here = after.start() if after else len(text)
    clause = f"{text[from_here:start]} {text[end:to_here]}"
    return content_stems(re.sub(r"\d+", " ", clause))


def addresses(text: str) -> frozenset[str]:
    """Pages and mail addresses, small, without what varies in writing."""
    mails = {mail.lower() for mail in _EMAIL.findall(text)}
    pages = {
        re.sub(r"^(?:https?://)?(?:www\.)?", "", page.lower()).rstrip("/")
        for page in _URL.findall(_EMAIL.sub(" ", text))
    }
    return frozenset(mails | pages)


def names(text: str, *, is_sentence: bool = True) -> tuple[str, ...]:
    """Stems of words with a capital or a digit, in order; of a sentence not its first word."""
    bare = _URL.sub(" ", _EMAIL.sub(" ", text))
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
