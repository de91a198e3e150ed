"""Which words of a paragraph a fact replaces. Pure.

A stretch names characters of the article's body, so that what is not named stays, marks and
links included.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from qa_engine.markdown import Kind
from qa_engine.names import clashing_models, missing_places, names
from qa_engine.sentences import split_sentences
from qa_engine.suggesting.locating import Paragraph, Ranked
from qa_engine.suggesting.values import is_bare, substitutions
from qa_engine.suggesting.wording import Word, words_of
from qa_engine.text import STOP_WORDS, content_stems, fold, stem, words

_CELL = re.compile(r"(?:[^|\\]|\\.)*[^|\s](?=\s*(?:\||$))")
_NAMED = re.compile(r"\s*([^:|\n]{2,60}?)\s*(?::|\bis\b|\bare\b)\s+(\S[^|\n]*?)\s*$")
_HEADING = re.compile(r"\s*#{1,6}\s")

Placed = tuple["Stretch", Ranked]


@dataclass(frozen=True, slots=True)
class Stretch:
    """body[start:end] gives way to `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds; chosen on one half of real edits: see docs/adr/0015."""

    # How alike a sentence must be, to be rewritten rather than joined by a new one.
    alike: float = 0.6
    # Of a fact's content words, how many a sentence must share for its value to give way.
    shared: float = 0.4
    # How many of the best paragraphs are looked at for words to replace.
    depth: int = 10
    # How far the facts of one edit draw each other to one place.
    togetherness: float = 0.3


def says_already(body: str, text: str) -> bool:
    """Word for word, marks apart."""
    said = _plain_words(text)
    return bool(said) and f" {said} " in f" {_plain_words(body)} "


def replace_known(ranked: Sequence[Ranked], old: str, new: str) -> list[Placed]:
    """Each place where the old value stands in the paragraphs that fit best."""
    if not old.strip() or not ranked:
        return []
    pattern = re.compile(
        r"(?<![\w.,])" + r"[\s\xa0-]+".join(map(re.escape, old.split())) + r"(?![.,]?\w)", re.I
    )
    holders = [one for one in ranked if pattern.search(one.paragraph.text)]
    found: list[Placed] = []
    for place in holders:
        for match in pattern.finditer(place.paragraph.text):
            start = place.paragraph.start + match.start()
            found.append((Stretch(start, start + len(match[0]), new), place))
    return found


def replace_values(ranked: Sequence[Ranked], text: str, rules: Rules) -> list[Placed]:
    """The values of the first sentence that speaks of the same and says them otherwise."""
    stems = content_stems(text)
    bare = is_bare(text)
    for place in ranked[: rules.depth]:
        for start, sentence in _sentences(place.paragraph):
            pairs = substitutions(sentence, text)
            if not pairs or not (bare or _shares(sentence, stems) >= rules.shared):
                continue
            if is_about_another(text, f"{place.paragraph.heading_path}\n{sentence}"):
                continue
            return [
                (Stretch(start + old.start, start + old.end, new.text), place)
                for old, new in pairs
            ]
    return []


def fill_cell(ranked: Sequence[Ranked], text: str) -> list[Placed]:
    """ "Weight: 2.1 kg" belongs into the row "| Weight | 2.3 kg |"."""
    named = _NAMED.match(text)
    if named is None:
        return []
    wanted = {stem(word) for word in words(named[1])} - STOP_WORDS
    for place in ranked:
        if place.paragraph.kind is not Kind.TABLE_ROW:
            continue
        cells = [(start, text) for start, text in _sentences(place.paragraph) if text.strip()]
        if len(cells) == 2 and wanted == {stem(word) for word in words(cells[0][1])} - STOP_WORDS:
            start = cells[1][0] + len(cells[1][1]) - len(cells[1][1].lstrip())
            return [(Stretch(start, cells[1][0] + len(cells[1][1]), named[2].rstrip(".")), place)]
    return []


def rewrite(ranked: Sequence[Ranked], text: str, rules: Rules) -> list[Placed]:
    """The differing words of the sentence that is nearly the fact."""
    new = words_of(text)
    if not new or "\n" in text.strip():
        return []
    is_heading = bool(_HEADING.match(text))
    best: tuple[float, int, list[Stretch], Ranked] | None = None
    for at, place in enumerate(ranked[: rules.depth]):
        if is_heading != (place.paragraph.kind is Kind.HEADING):
            continue
        for start, sentence in _rewritable(place.paragraph):
            likeness, stretches = _rewritten(start, sentence, text, new)
            if likeness < rules.alike or (best is not None and likeness <= best[0]):
                continue
            # What takes nothing away overwrites nothing, whatever else it names.
            above = place.paragraph.heading_path
            is_added = all(one.start == one.end for one in stretches)
            if is_added or not is_about_another(text, f"{above}\n{sentence}"):
                best = likeness, at, stretches, place
    return [(stretch, best[3]) for stretch in best[2]] if best else []


def _rewritten(
    start: int, sentence: str, text: str, new: list[Word]
) -> tuple[float, list[Stretch]]:
    """How alike, 0 … 1, and what has to change; a short fact is laid on part of a sentence."""
    old = words_of(sentence)
    if not old:
        return 0.0, []
    ours, theirs = [_key(word) for word in old], [_key(word) for word in new]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    shared = [one for one in matcher.get_matching_blocks() if one.size]
    if not shared:
        return 0.0, []
    whole = _is_sentence(text, new)
    first = 0 if whole else shared[0].a
    last = len(old) if whole else shared[-1].a + shared[-1].size
    window = old[first:last]
    size = sum(_weight(ours[one.a + at]) for one in shared for at in range(one.size))
    total = sum(map(_weight, ours[first:last])) + sum(map(_weight, theirs))
    likeness = 2 * size / total if total else 0.0
    stretches: list[Stretch] = []
    texts = [word.text for word in window], [word.text for word in new]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        stretches.append(_stretch(start, sentence, window, text, new, (i1, i2, j1, j2)))
    return likeness, stretches


def _stretch(
    start: int,
    sentence: str,
    window: list[Word],
    text: str,
    new: list[Word],
    cut: tuple[int, int, int, int],
) -> Stretch:
    i1, i2, j1, j2 = cut
    come = text[new[j1].start : new[j2 - 1].end] if j1 < j2 else ""
    if i1 < i2:
        begin, end = window[i1].start, window[i2 - 1].end
        if not come:  # the space goes with the word
            begin = len(sentence[:begin].rstrip(" "))
        return Stretch(start + begin, start + end, come)
    if i1 < len(window):
        return Stretch(start + window[i1].start, start + window[i1].start, f"{come} ")
    return Stretch(start + window[-1].end, start + window[-1].end, f" {come}")


def _rewritable(paragraph: Paragraph) -> list[tuple[int, str]]:
    """Each sentence, and a paragraph of several as a whole."""
    found = _sentences(paragraph)
    if paragraph.kind in {Kind.PARAGRAPH, Kind.ITEM} and len(found) > 1:
        found = [*found, (paragraph.start, paragraph.text)]
    return found


def _sentences(paragraph: Paragraph) -> list[tuple[int, str]]:
    """(offset in the body, text) of what can be rewritten by itself."""
    if paragraph.kind is Kind.CODE:
        return []
    if paragraph.kind in {Kind.TABLE_ROW, Kind.TABLE_HEAD}:
        return [
            (paragraph.start + found.start(), found[0]) for found in _CELL.finditer(paragraph.text)
        ]
    return [
        (paragraph.start + start, paragraph.text[start:end])
        for start, end in split_sentences(paragraph.text)
    ]


def _shares(sentence: str, stems: frozenset[str]) -> float:
    """Of the fact's words that are no numbers, how many the sentence has."""
    wanted = {one for one in stems if not one[:1].isdigit()}
    return len(wanted & content_stems(sentence)) / len(wanted) if wanted else 0.0


def is_about_another(text: str, sentence: str) -> bool:
    """Whether the fact names a country, product or name that the sentence does not speak of."""
    if missing_places(text, sentence) or clashing_models(text, sentence):
        return True
    wanted = {name for name in names(text) if not any(c.isdigit() for c in name)}
    return bool(wanted - {stem(word) for word in words(sentence)})


def _is_sentence(text: str, new: list[Word]) -> bool:
    return len(new) >= 5 and text.lstrip("*_`[(\"'“ ")[:1].isupper() and text.rstrip()[-1] in ".!?"


def _key(word: Word) -> str:
    return stem(fold(word.text))


def _weight(key: str) -> float:
    return 0.3 if key in STOP_WORDS else 1.0


def _plain_words(text: str) -> str:
    return " ".join(word.text for word in words_of(text))
