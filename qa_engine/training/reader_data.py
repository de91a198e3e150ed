"""Questions for the span reader, with the place of their answer, or with none. No Django.

Answerable questions come from files in SQuAD's format. Unanswerable ones are made from them,
in three ways that each leave the passage near the question: another passage that the
retriever finds nearest to it, its own passage without the sentence that answers it, and its
own passage for a question of which one detail was changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from qa_engine.evaluation.data import UnusableData, digest_of
from qa_engine.evaluation.splits import Part, part_of
from qa_engine.protocols import Embedder

#: Near misses are looked for among so many passages of other articles, drawn by the seed.
FOREIGN = 300
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?=\s|$)|\n|$)")
_NAME = re.compile(r"(?<=[a-z,;:] )(?:[A-Z][\w’'-]+)(?: [A-Z][\w’'-]+)*")
_NOUN = re.compile(
    r"(?:(?<=\bthe )|(?<=\bhis )|(?<=\bher )|(?<=\bits )|(?<=\bof )|(?<=\btheir ))[a-z]{4,}\b"
)
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_OPPOSITES = (
    "first/last before/after most/least largest/smallest highest/lowest more/less win/lose "
    "won/lost always/never male/female men/women old/new good/bad love/hate likes/dislikes "
    "best/worst increase/decrease increased/decreased north/south northern/southern east/west "
    "eastern/western early/late earliest/latest oldest/youngest many/few up/down begin/end "
    "began/ended start/finish started/stopped buy/sell bought/sold inside/outside above/below "
    "open/close opened/closed easy/hard fast/slow cheap/expensive husband/wife son/daughter "
    "brother/sister father/mother boyfriend/girlfriend with/without minimum/maximum "
    "gain/loss allowed/forbidden accept/refuse accepted/refused include/exclude longest/shortest"
)
OPPOSITE: Mapping[str, str] = {
    one: other
    for pair in _OPPOSITES.split()
    for one, other in (pair.split("/"), pair.split("/")[::-1])
}
_NEGATED = re.compile(
    r"\b(did|does|do|is|was|were|are|can|could|should|will|would|has|have|had)\b"
    r"(?! not\b|n't)(?P<subject>(?: (?:the|a|an|his|her|their|your|this|that))? [\w'-]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question on a passage; `start` and `end` count characters, and are -1 for no answer."""

    question: str
    context: str
    start: int
    end: int
    # The article, for the split; the source file and the way it was made, for the data sheet.
    group: str
    source: str
    made: str = "as published"

    @property
    def is_answerable(self) -> bool:
        return self.start >= 0


@dataclass(frozen=True, slots=True)
class Passage:
    text: str
    group: str
    source: str
    # Of its answerable questions.
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """How many unanswerable questions are made, as shares of the answerable ones."""

    near_miss: float = 0.22
    answer_removed: float = 0.08
    detail_changed: float = 0.24


def load(path: Path, *, share: float = 1.0, seed: int = 7) -> list[Passage]:
    """The passages of a SQuAD file; of its questions only a `share`, drawn by the seed.

    The answer is the one that most annotators gave, and where they differ, the first.
    A file that names no articles is split by passage. Raises UnusableData.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))["data"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableData(f"{path.name} is not in SQuAD's format.") from error
    random = Random(f"{seed}:{path.name}")  # no secret
    passages: list[Passage] = []
    for number, article in enumerate(data):
        for place, paragraph in enumerate(article.get("paragraphs", [])):
            group = f"{path.name}:{article.get('title') or number}"
            if len(data) == 1:
                group += f"#{place}"
            found = [
                Example(
                    question["question"].strip(), paragraph["context"], *span, group, path.name
                )
                for question in paragraph["qas"]
                if (span := _answer(question, paragraph["context"])) and random.random() < share
            ]
            if found:
                passages.append(Passage(paragraph["context"], group, path.name, tuple(found)))
    return passages


def split(
    passages: Sequence[Passage], *, held_out: float, seed: int
) -> tuple[list[Passage], list[Passage]]:
    """(to learn from, to measure on), by article."""
    sides: tuple[list[Passage], list[Passage]] = ([], [])
    for passage in passages:
        part = part_of(passage.group, seed=seed, share=held_out)
        sides[part is Part.TUNE].append(passage)
    return sides


def examples_of(
    passages: Sequence[Passage], embedder: Embedder, mix: Mix, *, seed: int
) -> list[Example]:
    """The answerable questions and the unanswerable ones made from them, by the seed."""
    random = Random(seed)  # no secret
    answerable = [one for passage in passages for one in passage.examples]
    changed = [new for one in answerable if (new := changed_detail(one, random))]
    removed = [new for one in answerable if (new := without_answer(one))]
    wanted = random.sample(answerable, round(len(answerable) * mix.near_miss))
    return [
        *answerable,
        *near_misses(wanted, passages, embedder, random),
        *_some(removed, len(answerable) * mix.answer_removed, random),
        *_some(changed, len(answerable) * mix.detail_changed, random),
    ]


def near_misses(
    examples: Sequence[Example],
    passages: Sequence[Passage],
    embedder: Embedder,
    random: Random,
) -> Iterator[Example]:
    """Each question on one of the nearest passages that do not hold its answer.

    Passages of its own article come first, then some of the same source.
    """
    import numpy as np

    vectors = np.asarray(embedder.embed_passages([one.text for one in passages]))
    asked = np.asarray(embedder.embed_queries([one.question for one in examples]))
    by_group: dict[str, list[int]] = {}
    by_source: dict[str, list[int]] = {}
    for number, one in enumerate(passages):
        by_group.setdefault(one.group, []).append(number)
        by_source.setdefault(one.source, []).append(number)
    for example, vector in zip(examples, asked, strict=True):
        own = by_source[example.source]
        near = [*by_group[example.group], *random.sample(own, min(FOREIGN, len(own)))]
        answer = example.context[example.start : example.end].casefold()
        allowed = [
            number
            for number in dict.fromkeys(near)
            if passages[number].text != example.context
            and answer not in passages[number].text.casefold()
        ]
        if allowed:
            order = np.argsort(-(vectors[allowed] @ vector), kind="stable")
            text = passages[allowed[random.choice(order[:2].tolist())]].text
            yield replace(example, context=text, start=-1, end=-1, made="near miss")


def without_answer(example: Example) -> Example | None:
    """The passage without the sentences that say the answer; None if too little is left."""
    answer = example.context[example.start : example.end].casefold()
    kept = [
        found.group()
        for found in _SENTENCE.finditer(example.context)
        if found.group()
        and answer not in found.group().casefold()
        and not (found.start() < example.end and example.start < found.end())
    ]
    text = "".join(kept).strip()
    if len(text) < 120 or answer in text.casefold():
        return None
    return replace(example, context=text, start=-1, end=-1, made="answer removed")


def changed_detail(example: Example, random: Random) -> Example | None:
    """The question with another name, number or noun, an opposite or a "not"; None if none fits.

    A name, a number or a noun is swapped for one that the same passage says: such a question looks
    answered to whoever only looks for its words.
    """
    ways = [_with_other(kind, example, random) for kind in (_NAME, _NUMBER, _NOUN)]
    ways += [_with_opposite(example.question), _negated(example.question, random)]
    found = [one for one in ways if one is not None]
    if not found:
        return None
    question = found[0] if len(found) == 1 else random.choice(found)
    return replace(example, question=question, start=-1, end=-1, made="detail changed")


def data_sheet(files: Sequence[Path], examples: Sequence[Example]) -> dict[str, Any]:
    """What was learnt from: files with their digests, and how many examples of each kind."""
    counts: dict[str, dict[str, int]] = {}
    for one in examples:
        kinds = counts.setdefault(one.source, {})
        kinds[one.made] = kinds.get(one.made, 0) + 1
    return {
        "files": {path.name: digest_of(path) for path in files},
        "examples": {name: dict(sorted(kinds.items())) for name, kinds in sorted(counts.items())},
    }


def _answer(question: Mapping[str, Any], context: str) -> tuple[int, int] | None:
    """The span that most annotators marked, without space around it."""
    spans: dict[tuple[int, int], int] = {}
    for one in [] if question.get("is_impossible") else question.get("answers") or []:
        text = str(one["text"])
        start = int(one["answer_start"])
        if context[start : start + len(text)] != text:
            start = context.find(text)
        if start < 0 or not text.strip():
            continue
        start += len(text) - len(text.lstrip())
        span = start, start + len(text.strip())
        spans[span] = spans.get(span, 0) + 1
    return max(spans, key=lambda span: spans[span]) if spans else None


def _with_other(kind: re.Pattern[str], example: Example, random: Random) -> str | None:
    said = list(kind.finditer(example.question))
    if not said:
        return None
    answer = example.context[example.start : example.end]
    others = sorted(
        {
            found.group()
            for found in kind.finditer(example.context)
            if found.group() not in example.question and found.group() not in answer
        }
    )
    if not others:
        return None
    old = random.choice(said)
    return example.question[: old.start()] + random.choice(others) + example.question[old.end() :]


def _with_opposite(question: str) -> str | None:
    words = question.split(" ")
    for place, word in enumerate(words):
        if opposite := OPPOSITE.get(word.rstrip("?,").lower()):
            tail = word[len(word.rstrip("?,")) :]
            return " ".join([*words[:place], opposite + tail, *words[place + 1 :]])
    return None


def _negated(question: str, random: Random) -> str | None:
    """Seldom: a reader must not take every "not" for a sign of no answer."""
    if random.random() > 0.08:
        return None
    found = _NEGATED.search(question)
    if found is None:
        return None
    return f"{question[: found.end()]} not{question[found.end() :]}"


def _some(examples: Sequence[Example], count: float, random: Random) -> list[Example]:
    return random.sample(examples, min(round(count), len(examples)))
