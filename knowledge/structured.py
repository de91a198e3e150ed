"""What search engines are told of a public article: schema.org, as JSON-LD.

An article whose headings are questions is an FAQ page, and so is one whose title is the
question. Pure but for the addresses it is given. https://schema.org/FAQPage
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from knowledge.models import Article, Revision
from knowledge.rendering import render
from knowledge.rendering.parsing import parse

MAX_QUESTIONS = 30
#: So that no text can end the <script> it stands in (as django.utils.html.json_script).
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def structured_data(
    article: Article, revision: Revision, *, url: str, publisher: str
) -> SafeString:
    """JSON-LD to stand inside a <script>, for a page that everybody may read."""
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "url": url,
        "inLanguage": article.language,
        "datePublished": (article.published_at or article.created_at).isoformat(),
        "dateModified": revision.created_at.isoformat(),
        "publisher": {"@type": "Organization", "name": publisher},
    }
    asked = questions(revision.title, revision.body)
    if asked:
        page |= {"@type": "FAQPage", "name": revision.title}
        page["mainEntity"] = [
            {
                "@type": "Question",
                "name": question,
                "acceptedAnswer": {"@type": "Answer", "text": answer},
            }
            for question, answer in asked
        ]
    else:
        page |= {"@type": "Article", "headline": revision.title}
    if revision.summary:
        page["description"] = revision.summary
    return mark_safe(json.dumps(page, ensure_ascii=False).translate(_ESCAPES))


@lru_cache(maxsize=256)
def questions(title: str, body: str) -> tuple[tuple[str, str], ...]:
    """The questions that the article answers, each with its answer as safe HTML."""
    headings = _headings(body)
    lines = body.split("\n")
    found = []
    for place, (level, _start, end, words) in enumerate(headings):
        following = (other for other in headings[place + 1 :] if other[0] <= level)
        until = next((other[1] for other in following), len(lines))
        answer = "\n".join(lines[end:until]).strip()
        if words.endswith("?") and answer:
            found.append((words, str(render(answer))))
    if not found and title.endswith("?"):
        found = [(title, str(render(body, title)))]
    return tuple(found[:MAX_QUESTIONS])


def _headings(body: str) -> list[tuple[int, int, int, str]]:
    """Of each heading: its level (1 to 6), its first line, the one after it, its words."""
    tokens = parse(body)
    return [
        (int(token.tag[1]), token.map[0], token.map[1], _words(inline))
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def _words(inline: Any) -> str:
    """What a heading says, without Markdown's signs."""
    return "".join(child.content for child in inline.children or ()).strip()
