"""The allow-list: what of an article's HTML reaches a browser.

Articles are written by admins, but also imported, and their Markdown may hold HTML.
nh3 is safe but slow on deep nesting, so `parsing` caps depth and size before.
"""

from __future__ import annotations

import re

import nh3

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS = _HEADINGS | {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details",
    "div", "dl", "dt", "em", "figcaption", "figure", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "s", "samp", "small", "strong", "sub", "summary", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "details": {"open"},
    "div": {"class", "tabindex"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "ol": {"start"},
    "td": {"class", "colspan", "rowspan"},
    "th": {"class", "colspan", "rowspan", "scope"},
} | {heading: {"id"} for heading in _HEADINGS}
_CLASSES = re.compile(r"kb-table|kb-center|kb-right|language-[\w+-]{1,30}")
_ANCHOR = re.compile(r"[\w-]{1,100}")


def _keep(tag: str, attribute: str, value: str) -> str | None:
    match attribute:
        case "class":
            return value if _CLASSES.fullmatch(value) else None
        case "id":
            return value if _ANCHOR.fullmatch(value) else None
        case "tabindex":
            return value if value == "0" else None
        case _:
            return value


def sanitize(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )
