"""Which of the reader's spans are quoted, and which are shown beside a draft. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa_engine.spans import bridged, is_row
from qa_engine.types import Quote, Span

# Spans that may stand beside the best one.
WEIGHED = 8
RUNNERS_UP = 3
# Another sentence of the same section joins the first when it has this much of its share. Which
# of a section's sentences answers is often open: with up to three of them .77 of the answers to
# the questions fitted to are in the letter, with the first alone .68, for ten words more.
ALSO_FROM = 0.1
MAX_SPANS = 3
# What is quoted for one question is no longer than a paragraph.
MAX_WORDS = 120


def chosen_spans(spans: Sequence[Span]) -> list[Span]:
    """The best span, and those of its section that may answer too, in the article's order."""
    best = spans[0]
    chosen, length = [best], len(best.text.split())
    for span in spans[1:WEIGHED]:
        more = len(span.text.split())
        if (
            len(chosen) < MAX_SPANS
            and length + more <= MAX_WORDS
            and _section(span) == _section(best)
            and span.share >= ALSO_FROM * best.share
            and not is_row(span.text)
        ):
            chosen.append(span)
            length += more
    return _joined(sorted(chosen, key=lambda span: span.start))


def nearest_sections(spans: Sequence[Span], *, but: Span | None = None) -> list[Span]:
    """Of each of the best sections the words that may answer, in one stretch, best first.

    Who looks on wants to see other places, and all of what may be meant at each. The section
    of `but` is left out.
    """
    sections: dict[tuple[int, str], list[Span]] = {}
    for span in spans:
        sections.setdefault(_section(span), []).append(span)
    if but is not None:
        sections.pop(_section(but), None)
    return [_stretch(own) for own in list(sections.values())[:RUNNERS_UP]]


def _stretch(spans: Sequence[Span]) -> Span:
    """The best span of a section, with those after it that are as likely and not far away."""
    best = spans[0]
    body = best.candidate.body
    if not body:
        return best
    start, end = best.start, best.end
    for span in spans[1:MAX_SPANS]:
        first, last = min(start, span.start), max(end, span.end)
        is_short = len(body[first:last].split()) <= MAX_WORDS
        if span.share >= ALSO_FROM * best.share and is_short:
            start, end = first, last
    return replace(best, start=start, end=end, text=body[start:end])


def _section(span: Span) -> tuple[int, str]:
    return span.candidate.revision_id, span.heading_path


def each_once(quotes: Iterable[Quote]) -> list[Quote]:
    """Two sentences of a section bring the same heading, or the same list, along."""
    places: dict[tuple[int, int], Quote] = {}
    for quote in quotes:
        places.setdefault((quote.evidence[0].start, quote.evidence[0].end), quote)
    return list(places.values())


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Those that one sentence parts as one, with that sentence."""
    joined = [spans[0]]
    for span in spans[1:]:
        if whole := bridged(joined[-1], span):
            joined[-1] = whole
        else:
            joined.append(span)
    return joined
