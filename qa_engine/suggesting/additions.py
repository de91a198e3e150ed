"""Where a sentence that a source newly says belongs in the knowledge base. Imports no Django."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from qa_engine.protocols import Embedder
from qa_engine.suggesting.amounts import amounts
from qa_engine.suggesting.editing import Action, EditProposal, Fact, propose_edit
from qa_engine.suggesting.facts import Change
from qa_engine.suggesting.propagation import Finder, Rival
from qa_engine.suggesting.rewriting import says_already
from qa_engine.suggesting.stretches import Stretch, Text, stretches
from qa_engine.suggesting.topics import rarity_among, share, stems

#: Passages that share the most of the rare words with it are compared by meaning too.
CLOSE = 20
#: From this score on an article is about the same. Below lies what no article is about.
LIKE = 1.65
#: From these scores on a passage says it already, in other words: with all of its amounts,
#: or where it has none.
SAID, SAID_IN_WORDS = 2.3, 2.55
#: What puts words in and takes none away: of a new sentence nothing old is untrue.
_ADDING = frozenset({Action.SENTENCE, Action.ITEM, Action.ROW, Action.BLOCK})


@dataclass(frozen=True, slots=True)
class Near:
    """A passage, and how well the sentence fits it."""

    stretch: Stretch
    score: float


@dataclass(frozen=True, slots=True)
class Addition:
    """The text to be edited, how, and how well the sentence fits it."""

    key: object
    edit: EditProposal
    score: float


def addition(
    finder: Finder, change: Change, texts: Sequence[Text], embedder: Embedder | None
) -> Addition | None:
    """None where a text says it already, or none is about the same."""
    if any(says_already(text.body, change.new) for text in texts):
        return None
    found = nearest(finder, change, texts)
    if not found or found[0].score < LIKE or any(_says(one, change) for one in found):
        return None
    key = best_text(found)
    text = next(one for one in texts if one.key == key)
    edit = propose_edit(text.body, Fact(change.new), title=text.title, embedder=embedder)
    if edit is None or not all(one.action in _ADDING for one in edit.changes):
        return None
    return Addition(key, edit, found[0].score)


def nearest(finder: Finder, change: Change, texts: Sequence[Text]) -> list[Near]:
    """The passages about the same as what is new, the nearest first."""
    everything = [one for text in texts for one in stretches(text)]
    rarity = rarity_among(everything)
    wanted = stems(f"{change.subject}. {change.new}")
    overlaps = [
        (share(wanted, stems(one.context), rarity), one)
        for one in everything
        if one.is_statement and one.field == "body"
    ]
    overlaps.sort(key=lambda pair: -pair[0])
    close = [one for overlap, one in overlaps[:CLOSE] if overlap > 0]
    scores = finder.fit(Rival(change.subject, change.new), close, everything)
    found = [Near(one, score) for one, score in zip(close, scores, strict=True)]
    return sorted(found, key=lambda near: -near.score)


def best_text(found: Sequence[Near]) -> object:
    """The text whose two nearest passages fit best: one alone may be there by chance."""
    scores: dict[object, list[float]] = defaultdict(list)
    for near in found:
        scores[near.stretch.key].append(near.score)
    return max(scores, key=lambda key: sum(scores[key][:2]))


def _says(near: Near, change: Change) -> bool:
    told = {amount.key for amount in amounts(change.new)}
    if not told:
        return near.score >= SAID_IN_WORDS
    return near.score >= SAID and told <= {amount.key for amount in amounts(near.stretch.text)}
