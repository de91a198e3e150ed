"""Headings that say when a text holds: "Items above NOK 3,000", "Before the order is packed".

Quoted without them, a sentence promises more than its article does. Imports no Django.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa_engine.markdown import Kind
from qa_engine.sentences import Unit, plain, units
from qa_engine.text import content_stems

# With so much of the heading said in the text, it need not be said again.
SAID = 0.5

_LIMITS = re.compile(
    r"(?:if|unless|before|after|until|without|outside|in\s+case\s+of|for\s+(?:orders|items|returns|business|companies)"
    r"|falls|wenn|außerhalb|innerhalb|bevor|nachdem|ohne|indien|als|voordat|nadat|zonder)\b"
    r"|.*\b(?:above|below|over|under|up\s+to|more\s+than|less\s+than|über|unter|bis|boven|onder|tot)"
    r"\s+(?:[A-Z]{3}\s|[€$£]\s?)?\d"
    r"|如果|若|超过",
    re.IGNORECASE,
)
# A text that begins so tells by itself when it holds.
_CONDITION = re.compile(
    r"(?:if|when|unless|until|before|after|once|as\s+soon\s+as|within|falls|wenn|sobald|als|zodra|如果)\b",
    re.IGNORECASE,
)


def limiting_heading(
    body: str, chosen: Sequence[Unit], before: Sequence[Unit] = ()
) -> Unit | None:
    """The heading right over the chosen units, where they do not say what it says, nor those of
    the section that are quoted before them.
    """
    if not chosen:
        return None
    section = [unit for unit in units(body) if unit.section == chosen[0].section]
    heading = section[0] if section else None
    if heading is None or heading.kind is not Kind.HEADING or not _LIMITS.match(heading.text):
        return None
    text = " ".join(plain(unit.text) for unit in chosen)
    if heading.text.endswith("?") or _CONDITION.match(text):
        return None
    wanted = content_stems(heading.text)
    text = " ".join(plain(unit.text) for unit in (*before, *chosen))
    said = wanted & content_stems(text)
    is_said = len(said) > SAID * len(wanted) and not _figures(heading.text) - _figures(text)
    return None if is_said else heading


def _figures(text: str) -> set[str]:
    return set(re.findall(r"\d[\d.,]*\d|\d", text))
