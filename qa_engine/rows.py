# ruff: noqa: RUF001 (dashes and minus signs as people type them)
"""A row of a table as an agent would write it in a letter. Imports no Django.

    | PayPal | 1 working day | → PayPal: the time after our e-mail is 1 working day.
    | Norway | €14.95 | €200 | Posten | → Norway: standard €14.95, free from €200, carrier Posten.

The grounding check takes exactly these words for a quotation of the row and its head.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_engine.markdown import cells
from qa_engine.sentences import plain

_PREPOSITION = (
    r"from|until|to|by|in|within|at|on|with|for|of|above|below|over|under|after|before|between"
    r"|up\s+to|ab|bis|unter|über|vanaf|tot|boven"
)
_ENDS_IN_PREPOSITION = re.compile(rf"\b(?:{_PREPOSITION})$", re.IGNORECASE)
_STARTS_WITH_PREPOSITION = re.compile(rf"(?:{_PREPOSITION})\b|at\s+once\b", re.IGNORECASE)
_IS_FIGURE = re.compile(
    r"(?:up to |about |from |at least |at most )?(?:(?:[€$£¥]|[A-Z]{3})\s?)?[−-]?\d", re.IGNORECASE
)
_AMOUNT = re.compile(r"(?:(?:[€$£¥]|[A-Z]{3})\s?\d[\d.,]*|\d[\d.,]*\s?(?:[€$£¥]|[A-Z]{3}))\Z")
# "4 to 7", "1 (before 18:00)": a number that lacks its unit.
_BARE = re.compile(r"(\d[\d.,]*(?:\s*(?:to|bis|tot|–|-)\s*\d[\d.,]*)?)(\s+\(.*\))?\Z")
_UNIT = re.compile(
    r"(?:(?:working|business|calendar)\s+)?(days|weeks|hours|months|years|minutes|points)\b",
    re.IGNORECASE,
)
# A cell that says too little without the head of its column: "37", "XS", "below 42 cm".
_NEEDS_HEAD = re.compile(
    rf"(?:(?:{_PREPOSITION})\s+)?[€$£¥]?\d[\d.,]*(?:\s*(?:to|–|-)\s*[\d.,]+)?\s*[^\W\d]{{0,3}}\Z"
    r"|X{0,3}[SML]\Z|[A-F]\Z",
    re.IGNORECASE,
)
_ASKS = re.compile(r"(?:who|what|which|when|where|why|how|to whom)\b", re.IGNORECASE)
# Heads that add nothing to a value that speaks for itself.
_SAYS_NOTHING = frozenset(
    {
        "price", "costs", "answer", "meaning", "reason", "hours", "use", "description", "details",
        "what", "when", "where", "status", "effect", "amount",
        "our answer", "our reply", "how to get it",
        "what to do", "what we do", "what we usually do", "what helps",
    }
)  # fmt: skip
_SORTS = "standard express economy normal regular priority overnight free small medium large"
_ADJECTIVES = frozenset(_SORTS.split())
_DASHES = frozenset({"-", "–", "—"})
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def row_in_words(head: str, row: str, language: str = "en") -> str:
    """The row as a sentence, with the heads of its columns where they are needed.

    Only English has the grammar for "the time is 1 day"; other languages name and value.
    """
    values = [plain(cell) for cell in cells(row)]
    names = [plain(cell) for cell in cells(head)] if head else []
    if not values:
        return ""
    names += [""] * (len(values) - len(names))
    if _CJK.search(row):
        return _chinese(names, values)
    if language == "en":
        names = [_small(name, names) for name in names]
    lead = _lead(names[0], values[0])
    told = [
        (name, value)
        for name, value in zip(names[1:], values[1:], strict=False)
        if value and value not in _DASHES
    ]
    if not told:
        return values[0]
    words = _one(lead, *told[0], language) if len(told) == 1 else _several(lead, told)
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _lead(head: str, value: str) -> str:
    if head and _NEEDS_HEAD.match(value):
        return f"{head[0].upper()}{head[1:]} {value}"
    return value


def _one(lead: str, name: str, value: str, language: str) -> str:
    """A row of two columns: what, and the one thing that is said of it."""
    if not name:
        return _spec(lead, value, language)
    if not lead:
        return _part(name, value)
    if _is_sentence(value) or _says_nothing(name, value):
        return _joined(lead, [value])
    is_figure = language == "en" and _IS_FIGURE.match(value) and "," not in name
    if is_figure and not _reads_on(name, value):
        return f"{lead}: {_is(name)} {value}"
    return _joined(lead, [_part(name, value)])


def _spec(lead: str, value: str, language: str) -> str:
    """A row of a list of properties, which has no heads: "The packed size is 44 × 15 cm"."""
    if not lead:
        return value
    if _ENDS_IN_PREPOSITION.search(lead):
        return f"{lead} {value}"
    is_singular = not lead.lower().endswith(("s", "people")) and not _IS_FIGURE.match(lead)
    if language == "en" and is_singular and _IS_FIGURE.match(value) and not _BARE.match(value):
        return f"The {_small(lead, ())} is {value}"
    return f"{lead}: {value}"


def _several(lead: str, told: Sequence[tuple[str, str]]) -> str:
    parts = [
        value if name in {"meaning", "reason"} else _part(name, value) for name, value in told
    ]
    return _joined(lead, parts)


def _joined(lead: str, parts: Sequence[str]) -> str:
    """With semicolons where a part has commas, and a dash where it has a colon, of its own."""
    has_commas = any("," in part or "?" in part or _is_clause(part) for part in parts)
    has_colons = any(re.search(r":\s|\?", part) for part in parts)
    bare = [part.rstrip(".") for part in parts[:-1]] + [parts[-1]]
    said = ("; " if has_commas else ", ").join(bare)
    if not lead:
        return said
    return f"{lead} – {said}" if has_colons else f"{lead}: {said}"


def _part(name: str, value: str) -> str:
    """A value with the head of its column: "free from €200", "4 to 7 working days"."""
    if not name:
        return value
    if name.endswith("?"):
        return f"{name} {value}"
    if _ENDS_IN_PREPOSITION.search(name) and _STARTS_WITH_PREPOSITION.match(value):
        return f"{_ENDS_IN_PREPOSITION.sub('', name).rstrip()} {value}"
    if (counted := with_unit(name, value)) != value:
        return counted
    if _ASKS.match(name) or name[-1].isdigit():  # "Alder 45: M/L" is no 45 metres
        return f"{name}: {value}"
    if _reads_on(name, value) or _IS_FIGURE.match(value) or _is_name(value):
        return f"{name} {value}"
    return f"{name}: {value}"


def with_unit(name: str, value: str) -> str:
    """A bare number with the unit that the head of its column names: "4 to 7 working days"."""
    bare = _BARE.match(value)
    if bare is None or not _UNIT.match(name):
        return value
    name = _UNIT.sub(lambda found: found[0][:-1], name, count=1) if bare[1] == "1" else name
    return f"{bare[1]} {name}{bare[2] or ''}"


def _reads_on(name: str, value: str) -> bool:
    """Whether head and value make a phrase as they stand."""
    return bool(
        _ENDS_IN_PREPOSITION.search(name)
        or _STARTS_WITH_PREPOSITION.match(value)
        or (_BARE.match(value) and _UNIT.match(name))
    )


def _is_name(value: str) -> bool:
    """ "Posten", "S/M", "Swiss Post": capitals, and too short for a sentence."""
    parts = value.split()
    is_yes_or_no = value.rstrip(".").lower() in {"yes", "no", "none"}
    return len(parts) <= 2 and all(part[:1].isupper() for part in parts) and not is_yes_or_no


def _is_sentence(value: str) -> bool:
    return len(value.split()) >= 4 and value[:1].isupper() and value.endswith((".", "!"))


def _is_clause(value: str) -> bool:
    return value[:1].isupper() and len(value.split()) > 3


def _says_nothing(name: str, value: str) -> bool:
    if name in {"price", "costs"}:
        return bool(_AMOUNT.match(value))
    return name in _SAYS_NOTHING


def _is(name: str) -> str:
    """The head as a subject with its verb: "the time after our e-mail is"."""
    first, *others = name.split()
    is_adjective = first in _ADJECTIVES and not others
    article = "" if is_adjective or first in {"the", "our", "your"} else "the "
    is_plural = not others and first.endswith("s") and not first.endswith(("ss", "us"))
    return f"{article}{name} {'are' if is_plural else 'is'}"


def _small(name: str, others: Sequence[str]) -> str:
    """A column's head inside a sentence; names and abbreviations keep their capitals."""
    is_family = any(other != name and other.startswith(f"{name} ") for other in others)
    if re.search(r"[A-Z]", name[1:]) or re.match(r"[A-Z]\w* \d", name) or is_family:
        return name
    return name[:1].lower() + name[1:]


def _chinese(names: Sequence[str], values: Sequence[str]) -> str:
    told = [
        name + value if not name or _IS_FIGURE.match(value) else f"{name}：{value}"
        for name, value in zip(names[1:], values[1:], strict=False)
        if value and value not in _DASHES
    ]
    if not told:
        return values[0]
    said = "，".join(told)
    return f"{values[0]}：{said}。" if values[0] else f"{said}。"
