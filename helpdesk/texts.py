"""Plain text as people write it, and safe HTML made from it."""

from __future__ import annotations

import re

from django.utils.html import linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

#: Characters of one message; longer mails are cut with a mark, nothing is refused unseen.
MAX_BODY = 100_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_text(text: str) -> str:
    """Without control characters (PostgreSQL refuses NUL), with plain line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()[:MAX_BODY]


def inserted(words: str, text: str, at: int | None = None) -> tuple[str, int]:
    """`text` with the words at that offset (else below it), and where they end."""
    if at is None:
        text = text.rstrip()
        before, after = (f"{text}\n\n" if text else ""), ""
    else:
        before, after = text[:at], text[at:]
    return before + words + after, len(before) + len(words)


def to_html(text: str) -> SafeString:
    """Paragraphs and links; everything else is escaped."""
    linked = urlize(text, nofollow=True, autoescape=True)
    return mark_safe(linebreaks(linked))
