"""Markdown of an article to safe HTML, plain or with stretches of its source marked.

Pure: text in, HTML out. Results are cached by the text itself, which an immutable
revision never changes, so that nothing is ever stale.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from knowledge.rendering.marking import CLOSE, OPEN, Range, mark_tokens, unmarkable
from knowledge.rendering.parsing import parse, to_html
from knowledge.rendering.sanitizing import sanitize

if TYPE_CHECKING:
    from knowledge.models import Revision

__all__ = ["excerpt", "render", "render_revision", "render_with_marks", "render_with_notes"]

# Two private-use characters stand around the number of a note while the HTML is made.
_NOTE = re.compile("[\ue0f2\ue0f3]")
#: Longer tables show only the rows around what is marked.
EXCERPT_ROWS = 3


@lru_cache(maxsize=256)
def render(body: str, title: str = "") -> SafeString:
    """The article as HTML. A first heading that only repeats `title` is left out."""
    tokens = parse(unmarkable(body), title=title)
    return mark_safe(sanitize(to_html(tokens)))


def render_revision(revision: Revision) -> SafeString:
    return render(revision.body, revision.title)


def render_with_marks(body: str, ranges: Sequence[Range], title: str = "") -> SafeString:
    """The article with the characters `body[start:end]` of each range in <mark>.

    What a range holds of Markdown's own signs (asterisks, link targets, table bars) is
    not marked, for it does not show; a mark never crosses another element's border.
    """
    tokens = parse(unmarkable(body), title=title)
    mark_tokens(tokens, ranges)
    return _marked(tokens)


def render_with_notes(body: str, notes: Sequence[tuple[int, str]], title: str = "") -> SafeString:
    """The article with safe HTML behind characters of its source: `(offset, html)`.

    For numbers behind sentences. An offset inside of Markdown's own signs would break them.
    """
    body = _NOTE.sub("\ufffd", unmarkable(body))
    parts, at = [], 0
    for number, (offset, _html) in sorted(enumerate(notes), key=lambda one: one[1][0]):
        parts += [body[at:offset], f"\ue0f2{number}\ue0f3"]
        at = offset
    html = sanitize(to_html(parse("".join([*parts, body[at:]]), title=title)))
    return mark_safe(re.sub("\ue0f2(\\d+)\ue0f3", lambda one: notes[int(one[1])][1], html))


def excerpt(body: str, start: int, end: int) -> SafeString:
    """The paragraph, list or table around `body[start:end]`, with those words marked."""
    body = unmarkable(body)
    tokens = parse(body)
    mark_tokens(tokens, [(start, end)])
    first_line, last_line = body.count("\n", 0, start), body.count("\n", 0, max(start, end - 1))
    shown = [
        token
        for block in _blocks(tokens)
        if _touches(block[0], first_line, last_line)
        for token in _shortened(block, first_line, last_line)
    ]
    return _marked(shown)


def _marked(tokens: list[Token]) -> SafeString:
    html = sanitize(to_html(tokens))
    return mark_safe(html.replace(OPEN, "<mark>").replace(CLOSE, "</mark>"))


def _touches(token: Token, first_line: int, last_line: int) -> bool:
    return token.map is not None and token.map[0] <= last_line and first_line < token.map[1]


def _blocks(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each top-level block."""
    blocks: list[list[Token]] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0:
            blocks.append([])
        if blocks:
            blocks[-1].append(token)
    return blocks


def _shortened(block: list[Token], first_line: int, last_line: int) -> list[Token]:
    """The block; of a table only its head and the rows near the marked lines."""
    if block[0].type != "table_open":
        return block
    shown: list[Token] = []
    in_body = keep = False
    for token in block:
        in_body = token.type == "tbody_open" or (in_body and token.type != "tbody_close")
        if in_body and token.type == "tr_open" and token.map:
            keep = (
                token.map[0] <= last_line + EXCERPT_ROWS
                and first_line - EXCERPT_ROWS < token.map[1]
            )
        if not in_body or token.type == "tbody_open" or keep:
            shown.append(token)
    return shown
