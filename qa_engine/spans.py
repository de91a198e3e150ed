"""From one sentence to a stretch that can stand alone in a letter. Imports no Django.

The reader chooses a sentence; here it gets what it leans on ("This …" needs the sentence
before), what limits it ("unless …" must not be lost), and the rest of its list.
"""

from __future__ import annotations

import re
from dataclasses import replace

from qa_engine.markdown import Kind, cells
from qa_engine.sentences import Unit, plain, units
from qa_engine.types import Candidate, Span

MAX_BACK = 2
MAX_FORWARD = 2
MAX_ITEMS = 10
# Passages whose sentences are kept: articles recur, questions do not.
KEPT_PASSAGES = 2_000

_LEANS_BACK = re.compile(
    r"(?:(?:you|we)\s+then|this|that|these|those|it|its|they|them|their|he|she|both|such|otherwise|then|after\s+that"
    r"|in\s+(?:that|this|both|either|such)\s+cases?|if\s+(?:so|not|it|they|this)|however|but|therefore"
    r"|also|instead|for\s+(?:this|that|these)|in\s+addition|the\s+same|one\s+of\s+them|neither"
    r"|afterwards|there|here|so|and|or"
    r"|diese[rsmn]?|dann|danach|dafür|dabei|dazu|dort|deshalb|daher|beides?"
    r"|dit|deze|dan|daarna|daarvoor|daarbij|daarom|beide)\b(?!\s+(?:is|are)\s+(?:a|an|no|two|three)\b)",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"(?:(?:unless|except|exceptions?|however|but|otherwise|only|this\s+does\s+not|this\s+applies"
    r"|not\s+(?:included|covered)|if\s+(?:you|it|we|they|this|that|the)|in\s+that\s+case|please\s+note"
    r"|note\s+that|instead|without"
    r"|außer|ausgenommen|ausnahmen?|es\s+sei\s+denn|jedoch|allerdings|andernfalls|sonst|nur|falls"
    r"|wenn\s+(?:sie|es|wir)|bei\s+(?:einem|einer|mängeln|defekten)"
    r"|behalve|uitgezonderd|tenzij|echter|anders|alleen|als\s+(?:u|je|het|we)|bij\s+een)\b"
    r"|between\s+\w+\s+and\s+\w+,?\s+(?:it|this|they)\b"
    r"|zwischen\s+\w+\s+und\s+\w+\s+\w+\s+(?:es|das|sie)\b|tussen\s+\w+\s+en\s+\w+\s+\w+\s+het\b"
    r"|[一二三四五六七八九十\d]+月至|除非|但|不过|否则|仅|只有|如果)",
    re.IGNORECASE,
)


def quotable(body: str, start: int, end: int) -> list[tuple[Unit, str]]:
    """The units inside a passage that could answer something, each with its words as a reader
    takes them in: a row with its column heads, an item with its lead.
    """
    return [
        (unit, _in_words(body, at, unit))
        for at, unit in enumerate(units(body))
        if start <= unit.start < end and unit.kind not in {Kind.HEADING, Kind.TABLE_HEAD}
    ]


def _in_words(body: str, at: int, unit: Unit) -> str:
    every = units(body)
    if unit.kind is Kind.TABLE_ROW:
        head = table_head(body, unit)
        if head is not None:
            pairs = zip(cells(head.text), cells(unit.text), strict=False)
            return "; ".join(f"{plain(name)}: {plain(cell)}" for name, cell in pairs if cell)
        return ", ".join(plain(cell) for cell in cells(unit.text))
    if unit.kind is Kind.ITEM:
        lead = _lead(every, _first_of_group(every, at))
        return f"{plain(lead.text)} {plain(unit.text)}" if lead else plain(unit.text)
    return plain(unit.text)


def table_head(body: str, row: Unit) -> Unit | None:
    """The head of the table that a row belongs to."""
    heads = (u for u in units(body) if u.group == row.group and u.kind is Kind.TABLE_HEAD)
    return next(heads, None)


def standing_alone(candidate: Candidate, unit: Unit, score: float, share: float = 0.0) -> Span:
    """The span around a chosen unit that makes sense without its page."""
    return span_at(candidate, unit, stretch(candidate.body or candidate.text, unit), score, share)


def span_at(
    candidate: Candidate,
    unit: Unit,
    place: tuple[int, int],
    score: float,
    share: float = 0.0,
    section_share: float = 0.0,
    article_share: float = 0.0,
    precedent: float = 0.0,
) -> Span:
    """The span around a unit; its `stretch` is known."""
    offset = 0 if candidate.body else candidate.start
    start, end = place
    return Span(
        candidate=candidate,
        start=start + offset,
        end=end + offset,
        text=(candidate.body or candidate.text)[start:end],
        score=score,
        heading_path=unit.heading_path,
        share=share,
        section_share=section_share,
        article_share=article_share,
        precedent=precedent,
        core_start=unit.start + offset,
        core_end=unit.end + offset,
    )


def stretch(body: str, unit: Unit) -> tuple[int, int]:
    """Where the unit starts and ends with what it leans on."""
    every = units(body)
    at = every.index(unit)
    first, last = at, at
    if unit.kind is Kind.ITEM:
        first, last = _around_item(every, at)
    elif unit.kind is Kind.PARAGRAPH:
        first, last = _around_sentence(every, at)
    return every[first].start, every[last].end


def figure_of(span: Span) -> Span:
    """The one step of a list that gives a figure, without the steps around it.

    "How long is the voucher valid?" is not answered by how to get one.
    """
    candidate = span.candidate
    offset = 0 if candidate.body else candidate.start
    core = (span.core_start - offset, span.core_end - offset)
    step = next(
        (u for u in units(candidate.body or candidate.text) if (u.start, u.end) == core), None
    )
    if step is None or not step.is_step or not _is_sentence(step.text):
        return span
    if leans_back(step.text) or not re.search(r"\d", step.text):
        return span
    return replace(span, start=span.core_start, end=span.core_end, text=step.text)


def bridged(first: Span, second: Span) -> Span | None:
    """Both as one, where they stand in one paragraph with at most one sentence between.

    That sentence often holds the condition: "We refund … Please write within 14 days. We …".
    """
    candidate = first.candidate
    every = units(candidate.body or candidate.text)
    offset = 0 if candidate.body else candidate.start
    covered = [
        unit
        for unit in every
        if first.start <= unit.start + offset and unit.end + offset <= second.end
    ]
    between = [unit for unit in covered if first.end <= unit.start + offset < second.start]
    if len(between) != 1 or len({unit.group for unit in covered}) != 1:
        return None
    body = candidate.body or candidate.text
    text = body[first.start - offset : second.end - offset]
    best = max(first, second, key=lambda span: span.share)
    return replace(best, start=first.start, end=second.end, text=text)


def is_row(text: str) -> bool:
    """Whether a quotation starts with a row of a table."""
    return text.lstrip().startswith("|")


def leans_back(text: str) -> bool:
    """Whether a sentence starts with a word that points before it."""
    return _LEANS_BACK.match(text.lstrip("*_\"' ")) is not None


def _around_sentence(every: tuple[Unit, ...], at: int) -> tuple[int, int]:
    first, last = at, at
    while first > 0 and at - first < MAX_BACK and leans_back(every[first].text):
        before = every[first - 1]
        if before.section != every[at].section or before.kind is not Kind.PARAGRAPH:
            break
        first -= 1
    while last + 1 < len(every) and last - at < MAX_FORWARD:
        after = every[last + 1]
        if after.group != every[at].group or not _LIMITS.match(after.text):
            break
        last += 1
    if every[last].text.rstrip().endswith((":", "：")) and last + 1 < len(every):  # noqa: RUF001
        last = _end_of_list(every, last + 1, every[last].section) or last
    return first, last


def _around_item(every: tuple[Unit, ...], at: int) -> tuple[int, int]:
    """The whole list for steps and fragments; a bullet that is a sentence stands alone."""
    first = _first_of_group(every, at)
    if not every[at].is_step and _is_sentence(every[at].text):
        return at, at
    last = _end_of_list(every, first, every[at].section) or at
    return (first - 1 if _lead(every, first) else first), last


def _first_of_group(every: tuple[Unit, ...], at: int) -> int:
    while at > 0 and every[at - 1].group == every[at].group and every[at - 1].kind is Kind.ITEM:
        at -= 1
    return at


def _end_of_list(every: tuple[Unit, ...], first: int, section: int) -> int | None:
    """The last item or row of the list or table that starts at `first`."""
    group = every[first].group
    if every[first].section != section or every[first].kind is Kind.PARAGRAPH:
        return None
    last = first
    while last + 1 < len(every) and every[last + 1].group == group and last - first < MAX_ITEMS:
        last += 1
    return last


def _lead(every: tuple[Unit, ...], first: int) -> Unit | None:
    """The sentence that introduces a list: "Please include:"."""
    before = every[first - 1] if first else None
    if before is None or before.section != every[first].section:
        return None
    return before if before.text.rstrip().endswith((":", "：")) else None  # noqa: RUF001


def _is_sentence(text: str) -> bool:
    words = plain(text)
    return words[:1].isupper() and words.endswith((".", "!", "。")) and len(words.split()) > 3
