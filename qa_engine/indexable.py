"""A passage as search sees it: the words a reader would see, without Markdown's signs.

What a table, a link or an attribute is written with says nothing about its subject, and an
encoder that has to read `](../../how-to/general/…){width="600"}` has fewer tokens left for
the sentence. Imports no Django.
"""

from __future__ import annotations

import html
import re
from math import sqrt

from qa_engine.protocols import Vector
from qa_engine.sentences import SEPARATOR

#: How much of a passage's vector says what its article is about. Of 467 issues, .812 find
#: their article first without it, .820 with .3 of it, .844 with .6.
HEAD_SHARE = 0.45

_IMAGE_OR_LINK = re.compile(
    r"!?\[([^\[\]]*)\]"
    r"\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+[\"'][^\"']*[\"'])?\s*\)"
)
_AUTOLINK = re.compile(r"<(?:https?://|mailto:)([^>\s]+)>")
# Adobe's and GitHub's marks: [!DNL Fastly], [!NOTE].
_MARKED_NAME = re.compile(r"\[!([A-Z]+)[ \t]+([^\]]*)\]")
_CALL_OUT = re.compile(r"\[![A-Z]+\]")
_ATTRIBUTES = re.compile(r"\{[:#.]?\s*[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+))?\s*\}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_TABLE_RULE = re.compile(r"(?m)^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*$")
_FENCE = re.compile(r"(?m)^[ \t]*(?:`{3,}|~{3,})[\w+-]*[ \t]*$")
_LINE_START = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+][ \t]+)?")
# Marks inside words leave no gap: `AB-12`, **bold**.
_MARKS = re.compile(r"[*`]+")
_WORD = re.compile(r"[^\W_]")
_SIGNS = re.compile(r"[|]+|(?<!\w)_+|_+(?!\w)|[\[\]]")


def seen(markdown: str) -> str:
    """The words of a stretch of Markdown in one line; link targets are left out."""
    text = _MARKED_NAME.sub(r"\2", _CALL_OUT.sub(" ", markdown))
    for _ in range(2):  # an image may be a link's text
        text = _IMAGE_OR_LINK.sub(r"\1", text)
    text = _TAG.sub(" ", _AUTOLINK.sub(r"\1", text))
    text = _TABLE_RULE.sub(" ", _FENCE.sub(" ", _ATTRIBUTES.sub(" ", text)))
    text = _SIGNS.sub(" ", _MARKS.sub("", _LINE_START.sub("", text)))
    return " ".join(html.unescape(text).split())


def above(title: str, heading_path: str) -> str:
    """What a passage stands under, no part of it twice."""
    parts = (_named(part) for part in (title, *heading_path.split(SEPARATOR)))
    kept: dict[str, str] = {}
    for part in parts:
        kept.setdefault(part.casefold(), part)
    return ". ".join(part for part in kept.values() if part)


def passage(title: str, heading_path: str, text: str) -> str:
    """A passage as it is embedded: without its title it may not say what it is about."""
    heading = above(title, heading_path)
    words = seen(text) or text
    return f"{heading}\n{words}" if heading else words


def head(title: str, summary: str) -> str:
    """What an article says it is about; empty for one whose title has no words ("—")."""
    parts = (_named(title), seen(summary))
    return ". ".join(part for part in parts if part)


def _named(title: str) -> str:
    words = seen(title).strip("'\" ")
    return words if _WORD.search(words) else ""


def mixed(head: Vector | None, own: Vector, share: float = HEAD_SHARE) -> Vector:
    """One vector of length one from two, of which the first counts `share`: a cosine with it is
    (up to its length) the weighted sum of both cosines, so one scan serves both.
    """
    if head is None:
        return own
    parts = zip(head, own, strict=True)
    both = [share * about + (1 - share) * words for about, words in parts]
    length = sqrt(sum(value * value for value in both)) or 1.0
    return [value / length for value in both]
