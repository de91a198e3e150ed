"""Marks on stretches of an article's Markdown source, put on its tokens.

Two private-use characters stand for <mark> and </mark> while the HTML is made and
sanitized. They go only into text, in pairs inside one token, so that whatever the range
the HTML stays well-formed and its text unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from markdown_it.token import Token

OPEN, CLOSE = "\ue0f0", "\ue0f1"
#: Offsets into the Markdown source, the end exclusive.
Range = tuple[int, int]
#: For each character of a block's text, where it stands in the source; -1: unknown.
Origins = list[int]

_UNMARKABLE = str.maketrans({OPEN: "\ufffd", CLOSE: "\ufffd"})
_JOINT = re.compile(f"{CLOSE}(\\s*){OPEN}")
_HTML_TEXT = re.compile(r"(<!--.*?-->|<[^>]*>|&#?\w+;)", re.DOTALL)


def unmarkable(body: str) -> str:
    """`body` without the two characters that stand for marks; of the same length."""
    return body.translate(_UNMARKABLE)


def mark_tokens(tokens: list[Token], ranges: Sequence[Range]) -> None:
    """Put the marks for `ranges` into the tokens' text."""
    wanted = sorted((start, end) for start, end in ranges if start < end)
    if not wanted:
        return
    starts: list[int] = []
    cell = -1
    in_cell = False
    for token in tokens:
        if token.type == "tr_open":
            cell = -1
        elif token.type in {"th_open", "td_open"}:
            cell += 1
        if (body := token.meta.get("body")) and token.map is not None:
            starts = starts or _line_starts(body)
            if _overlaps(starts, token.map, wanted, len(body)):
                origins = (
                    _cell_origins(token, body, starts, cell)
                    if in_cell
                    else _line_origins(token, body, starts)
                )
                _mark_block(token, origins, wanted)
        in_cell = token.type in {"th_open", "td_open"}


def _mark_block(token: Token, origins: Origins, wanted: Sequence[Range]) -> None:
    if token.type == "html_block":
        token.content = _mark_html(token.content, origins, wanted)
    elif token.type != "inline":
        token.content = _mark_text(token.content, origins, wanted)
    for child in token.children or []:
        if child.type not in {"text", "code_inline"} or "span" not in child.meta:
            continue
        start, end = child.meta["span"]
        if end - start == len(child.content):
            child.content = _mark_text(child.content, origins[start:end], wanted)
        elif any(_is_inside(at, wanted) for at in origins[start:end]):
            child.content = f"{OPEN}{child.content}{CLOSE}"


def _line_starts(body: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", body))]


def _overlaps(starts: list[int], lines: list[int], wanted: Sequence[Range], length: int) -> bool:
    first = starts[lines[0]]
    last = starts[lines[1]] if lines[1] < len(starts) else length
    return any(start < last and first < end for start, end in wanted)


def _line_origins(token: Token, body: str, starts: list[int]) -> Origins:
    """Each line of a block is the end of its source line: indents and signs come before."""
    assert token.map is not None
    number = token.map[0] + (1 if token.type == "fence" else 0)
    origins: Origins = []
    for index, line in enumerate(token.content.split("\n"), start=number):
        begin = starts[index] if index < len(starts) else len(body)
        end = starts[index + 1] - 1 if index + 1 < len(starts) else len(body)
        origins += [*_columns(line, body[begin:end], begin), -1]  # the last is the line break
    return origins


def _columns(line: str, source: str, begin: int) -> Origins:
    if source.endswith(line):
        at = len(source) - len(line)
    elif source.rstrip().endswith(line.rstrip()):
        at = len(source.rstrip()) - len(line.rstrip())
    else:
        at = source.find(line)
    if at >= 0:
        return list(range(begin + at, begin + at + len(line)))
    # A tab that was partly eaten as indent comes back as spaces.
    bare = line.lstrip()
    at = source.find(bare)
    if bare and at >= 0:
        indent = len(line) - len(bare)
        return [-1] * indent + list(range(begin + at, begin + at + len(bare)))
    return [-1] * len(line)


def _cell_origins(token: Token, body: str, starts: list[int], cell: int) -> Origins:
    """A table's cell is a stretch of its line; an escaped bar has lost its backslash."""
    assert token.map is not None
    begin = starts[token.map[0]]
    end = starts[token.map[0] + 1] - 1 if token.map[0] + 1 < len(starts) else len(body)
    cells = _split_row(body[begin:end])
    if cell >= len(cells):
        return [-1] * len(token.content)
    kept = [at for at in range(*cells[cell]) if not body.startswith("\\|", begin + at)]
    text = "".join(body[begin + at] for at in kept)
    skipped = text.find(token.content)
    if skipped < 0:
        return [-1] * len(token.content)
    return [begin + at for at in kept[skipped : skipped + len(token.content)]]


def _split_row(row: str) -> list[Range]:
    """Where the cells of a row stand, between bars that are not escaped."""
    bars = [found.start() for found in re.finditer(r"(?<!\\)\|", row)]
    first, last = len(row) - len(row.lstrip()), len(row.rstrip())
    edges = [first - 1, *bars, last]
    cells = [(left + 1, right) for left, right in pairwise(edges)]
    if bars and bars[0] == first:
        cells = cells[1:]
    return cells


def _is_inside(at: int, wanted: Sequence[Range]) -> bool:
    return any(start <= at < end for start, end in wanted)


def _mark_text(text: str, origins: Origins, wanted: Sequence[Range]) -> str:
    parts: list[str] = []
    inside = False
    for char, at in zip(text, origins, strict=False):
        if (now := at >= 0 and char != "\n" and _is_inside(at, wanted)) != inside:
            parts.append(OPEN if now else CLOSE)
            inside = now
        parts.append(char)
    if inside:
        parts.append(CLOSE)
    parts.append(text[len(origins) :])
    # Marks around nothing but space show as specks.
    marked = re.sub(f"{OPEN}(\\s*){CLOSE}", r"\1", "".join(parts))
    return _JOINT.sub(r"\1", marked)


def _mark_html(html: str, origins: Origins, wanted: Sequence[Range]) -> str:
    """Only text between tags can be marked."""
    parts: list[str] = []
    cursor = 0
    for index, piece in enumerate(_HTML_TEXT.split(html)):
        is_text = index % 2 == 0
        own = origins[cursor : cursor + len(piece)]
        parts.append(_mark_text(piece, own, wanted) if is_text else piece)
        cursor += len(piece)
    return "".join(parts)
