"""Markdown to tokens that remember which characters of the source they came from.

markdown-it keeps the lines of blocks but not the columns of inline text. Here each
rule that makes an inline token notes where it stood, before emphasis is resolved, and
the text between is verbatim source: so each text token knows its exact offsets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

#: Characters of an article's body; longer ones are refused when saved, and cut here.
MAX_BODY = 200_000
#: Open HTML elements inside each other; text with more shows its tags as text.
MAX_DEPTH = 60
_MAX_MARKDOWN_DEPTH = 30

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*?(/?)>")
_VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)

InlineRule = Callable[[StateInline, bool], bool]


def parse(body: str, *, title: str = "") -> list[Token]:
    """Tokens of `body`; text tokens carry `meta["span"]`, offsets into their block's text."""
    body = body[:MAX_BODY]
    parser = _parser(html=_html_depth(body) <= MAX_DEPTH)
    tokens = parser.parse(body, {"lines": body.split("\n")})
    tokens = _without_title(tokens, title)
    _lower_headings(tokens)
    _set_anchors(tokens)
    _soften_alignment(tokens)
    for token in tokens:
        _attach_lines(token, body)
    return tokens


def to_html(tokens: list[Token]) -> str:
    parser = _parser(html=True)
    html: str = parser.renderer.render(tokens, parser.options, {})
    html = html.replace("<table>", '<div class="kb-table" tabindex="0"><table>')
    return html.replace("</table>", "</table></div>")


def _html_depth(body: str) -> int:
    """How deep HTML elements of the source may nest, closing tags trusted."""
    depth = deepest = 0
    for closing, name, empty in _TAG.findall(body):
        if closing:
            depth = max(0, depth - 1)
        elif not empty and name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


@cache
def _parser(*, html: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": html, "maxNesting": _MAX_MARKDOWN_DEPTH})
    parser.enable(["table", "strikethrough"])
    # Both join text tokens, which would lose their offsets; the HTML is the same.
    parser.disable(["text_join"])
    parser.inline.ruler2.disable(["fragments_join"])
    for rule in list(parser.inline.ruler.__rules__):
        parser.inline.ruler.at(rule.name, _noting_spans(rule.fn))
    parser.core.ruler.at("inline", _parse_inlines)
    return parser


def _noting_spans(rule: InlineRule) -> InlineRule:
    """`rule`, noting on each token that it makes, but for text, where it stood."""

    def run(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        matched = rule(state, silent)
        if matched and not silent:
            for token in state.tokens[count:]:
                if token.type == "link_open":
                    token.meta.setdefault("span", (start, start + 1))
                elif token.type != "text":
                    token.meta.setdefault("span", (start, state.pos))
        return matched

    return run


def _parse_inlines(state: StateCore) -> None:
    """markdown-it's own `inline` core rule, with offsets noted halfway."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        inline = StateInline(token.content, state.md, state.env, token.children)
        state.md.inline.tokenize(inline)
        _note_text_spans(token.children, token.content)
        for rule in state.md.inline.ruler2.getRules(""):
            rule(inline)
        for child in token.children:
            if child.type == "text_special":
                child.type = "text"


def _note_text_spans(children: list[Token], source: str) -> None:
    """Text stands verbatim between the tokens whose place is known."""
    cursor = 0
    for child in children:
        if child.type == "text":
            end = cursor + len(child.content)
            if source[cursor:end] == child.content:
                child.meta["span"] = (cursor, end)
                cursor = end
        elif "span" in child.meta:
            start, cursor = child.meta["span"]
            if child.type == "code_inline":
                child.meta["span"] = _code_span(child, source, start, cursor)


def _code_span(child: Token, source: str, start: int, end: int) -> tuple[int, int]:
    """Where the code itself stands, without its backticks and the padding that is dropped."""
    start, end = start + len(child.markup), end - len(child.markup)
    padding = (end - start - len(child.content)) // 2
    return start + padding, end - padding


def _attach_lines(token: Token, body: str) -> None:
    """Keep the source with the block, for `marking` to find columns in it."""
    if token.map is not None and (token.type in {"inline", "html_block"} or token.tag == "code"):
        token.meta["body"] = body


def _without_title(tokens: list[Token], title: str) -> list[Token]:
    starts_with_heading = len(tokens) > 2 and tokens[0].type == "heading_open"
    if title and starts_with_heading and tokens[0].tag == "h1":
        same = _plain(tokens[1]).casefold() == " ".join(title.split()).casefold()
        return tokens[3:] if same else tokens
    return tokens


def _lower_headings(tokens: list[Token]) -> None:
    """The page's own title is the h1: what an article calls h1 becomes h2, and so on."""
    if any(token.tag == "h1" for token in tokens):
        for token in tokens:
            if token.type in {"heading_open", "heading_close"}:
                token.tag = f"h{min(6, int(token.tag[1]) + 1)}"


def _set_anchors(tokens: list[Token]) -> None:
    taken: set[str] = set()
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            wanted = slugify(_plain(tokens[index + 1]), allow_unicode=True)[:80] or "section"
            anchor, number = wanted, 1
            while anchor in taken:
                number += 1
                anchor = f"{wanted}-{number}"
            taken.add(anchor)
            token.attrs["id"] = anchor


def _soften_alignment(tokens: list[Token]) -> None:
    """A class in place of an inline style, which a content policy may forbid."""
    for token in tokens:
        if token.type in {"th_open", "td_open"}:
            style = str(token.attrs.pop("style", ""))
            if side := style.removeprefix("text-align:").replace("left", ""):
                token.attrs["class"] = f"kb-{side}"


def _plain(inline: Token) -> str:
    shown = [child.content for child in inline.children or [] if child.type != "html_inline"]
    return " ".join("".join(shown).split())
