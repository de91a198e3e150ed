"""What a sentence is, by its form alone: whether it states anything, and of what. No Django."""

from __future__ import annotations

import re

#: Characters of a statement; what is longer is a log or an encoded address, with hundreds of
#: numbers.
LONGEST = 1_000
#: What states nothing about the shop: a list item that is nothing but a link, a line of a log or
#: of code, what an article says it is about.
_NO_STATEMENT = re.compile(
    r"\[[^\]]*\]\([^)]*\)\W*"
    r"|\W*`[^`]*`\W*"
    r"|.*\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"
    r"|This (?:article|page|section|topic)\b.*",
    re.DOTALL,
)
_BACKWARDS = re.compile(
    r"\W*(?:the|this|that|these|those|it|its|they|their|der|die|das|dies\w*|er|sie|es|de|het|dit"
    r"|deze|zij|ze)\b",
    re.IGNORECASE,
)
#: How many of what, and at what price, is made up by whoever wrote the steps.
_MAKES_AN_EXAMPLE = re.compile(r"\W*(?:Create|Generate|Assign|Configure)\b")


def may_state(text: str) -> bool:
    """Whether a stretch of Markdown may state something about the shop."""
    return len(text) <= LONGEST and not _NO_STATEMENT.fullmatch(text.strip())


def is_example(said: str) -> bool:
    return bool(_MAKES_AN_EXAMPLE.match(said))


def speaks_backwards(said: str) -> bool:
    """Of what was spoken of before: "The voucher is valid for 6 months"."""
    return bool(_BACKWARDS.match(said))
