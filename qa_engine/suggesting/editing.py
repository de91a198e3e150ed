"""From a fact to the smallest change of an article that makes the article say it.

Pure. A proposal replaces values that the fact says otherwise, rewrites the words of a
sentence that already says nearly the same, or adds a sentence, a list item or a table row
where it fits best; every other word, and all Markdown around it, stays as it is.

`Editor` is what anything that proposes edits has to be; a generative one may take the place
of `MinimalEditor`, as long as it names the stretches it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from qa_engine.protocols import Embedder
from qa_engine.suggesting import inserting, laying, locating, rewriting
from qa_engine.suggesting.locating import Ranked, Weights
from qa_engine.suggesting.mending import fits_in_place, mend
from qa_engine.suggesting.pages import page_of
from qa_engine.suggesting.rewriting import Stretch
from qa_engine.suggesting.signs import Fragment, fragment_of

#: Names this code in what it proposed.
RECIPE = 2


@dataclass(frozen=True, slots=True)
class Fact:
    """What is true now, as somebody said it: Markdown or plain text, a sentence or a few.

    Where it is known which value gives way to which ("30 days" → "14 days"), `old` and `new`
    say so, and the article's own sentence is kept but for these words.
    """

    text: str
    old: str = ""
    new: str = ""
    # Some words that come in, not something one could say by itself: "and earlier", "2.4.7-p4".
    # Several are told in the order in which they will stand.
    is_fragment: bool = False


class Action(StrEnum):
    VALUE = "value"  # a number, a date, a code is replaced
    REWRITE = "rewrite"  # a sentence that says nearly the same is brought up to date
    SENTENCE = "sentence"  # a new sentence in a paragraph
    ITEM = "item"  # a new list item
    ROW = "row"  # a new table row
    BLOCK = "block"  # new paragraphs, a list, code
    WORDS = "words"  # some words in a sentence


@dataclass(frozen=True, slots=True)
class Change:
    """old_body[start:end] gives way to `text`; start == end inserts."""

    start: int
    end: int
    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class Anchor:
    """A paragraph of the old body that the proposal touches or follows."""

    number: int
    start: int
    end: int
    heading_path: str


@dataclass(frozen=True, slots=True)
class EditProposal:
    """The whole new body, and exactly what differs. Applying `changes` gives `body`."""

    body: str
    # In order of the old body, never overlapping.
    changes: tuple[Change, ...]
    anchors: tuple[Anchor, ...]
    # Numbers of the paragraphs, the likeliest to change first.
    paragraphs: tuple[int, ...]
    # 0 … 1: how well the fact fits where it was put.
    score: float
    fingerprint: str


class Editor(Protocol):
    @property
    def fingerprint(self) -> str: ...

    def propose(self, body: str, facts: Sequence[Fact], *, title: str = "") -> EditProposal | None:
        """The change that makes the article say the facts; None where it says them already,
        or where there is nothing to say.
        """


def propose_edit(
    article_body: str, fact: Fact, *, title: str = "", embedder: Embedder | None = None
) -> EditProposal | None:
    """The house's editor on one fact; with an embedder it places new sentences better."""
    return MinimalEditor(embedder).propose(article_body, [fact], title=title)


@dataclass(frozen=True)
class AppendingEditor:
    """The simplest that could work: all facts, appended to the paragraph that fits best."""

    embedder: Embedder | None = None
    fingerprint: str = f"appending/{RECIPE}"

    def propose(self, body: str, facts: Sequence[Fact], *, title: str = "") -> EditProposal | None:
        text = " ".join(fact.text for fact in facts)
        ranked = locating.rank(body, text, embedder=self.embedder, title=title)
        if not ranked:
            return None
        best = ranked[0]
        at = best.paragraph.end
        change = Change(at, at, f" {text}", Action.SENTENCE)
        return _proposal(body, [change], [best], ranked, self.fingerprint)


@dataclass(frozen=True)
class MinimalEditor:
    """Rules over words and values; see the module's first paragraph."""

    embedder: Embedder | None = None
    weights: Weights = field(default_factory=Weights)
    rules: rewriting.Rules = field(default_factory=rewriting.Rules)

    @property
    def fingerprint(self) -> str:
        with_what = self.embedder.fingerprint if self.embedder else "words"
        return f"minimal/{RECIPE}/{with_what}"

    def propose(self, body: str, facts: Sequence[Fact], *, title: str = "") -> EditProposal | None:
        told = [fact for fact in facts if fact.text.strip() or fact.old]
        if not told or not body.strip():
            return None
        joint = self._rank(body, "\n".join(fact.text for fact in told), title)
        fragments = [fact.text for fact in told if fact.is_fragment and not fact.old]
        changes, anchors, order = self._lay(body, fragments, joint, title)
        for fact in told:
            if fact.is_fragment and not fact.old:
                continue
            ranked = joint
            if len(told) > 1:
                alone = self._rank(body, fact.text, title)
                ranked = locating.shifted(alone, joint, self.rules.togetherness)
            found, where = self._change(body, fact, ranked, changes)
            changes += found
            anchors += where
        if not changes:
            return None
        return _proposal(body, changes, anchors, order, self.fingerprint)

    def _lay(
        self, body: str, texts: Sequence[str], joint: Sequence[Ranked], title: str
    ) -> tuple[list[Change], list[Ranked], Sequence[Ranked]]:
        """Fragments, each at its spot; where they are, and the likeliest paragraphs first."""
        page = page_of(body)
        read = [one for text in texts if (one := fragment_of(text))]
        if not read or not page.words:
            return [], [], joint
        told = laying.tell(read, joint, lambda text: self._rank(body, text, title))

        def may_replace(fragment: Fragment, spot: laying.Spot) -> bool:
            above = page.paragraphs[spot.block].heading_path
            if not fits_in_place(page, fragment, spot.at, spot.size):
                return False
            return not rewriting.is_about_another(
                fragment.text, f"{above}\n{page.sentence_at(spot.at)}"
            )

        laid = laying.lay(page, told, laying.coefficients(), may_replace)
        changes: list[Change] = []
        for fragment, spot in zip(read, laid.spots, strict=True):
            stretch, action = mend(page, fragment, spot.at, spot.size)
            changes.append(Change(stretch.start, stretch.end, stretch.text, Action(action)))
        touched = {spot.block for spot in laid.spots}
        order = sorted(joint, key=lambda one: -laid.paragraphs.get(one.paragraph.number, 0.0))
        return changes, [one for one in joint if one.paragraph.number in touched], order

    def _rank(self, body: str, text: str, title: str) -> list[Ranked]:
        return locating.rank(body, text, embedder=self.embedder, title=title, weights=self.weights)

    def _change(
        self, body: str, fact: Fact, ranked: Sequence[Ranked], taken: Sequence[Change]
    ) -> tuple[list[Change], list[Ranked]]:
        """The changes for one fact that do not run into those `taken`, and where they are."""
        if rewriting.says_already(body, fact.text) and not fact.old:
            return [], []
        updates = (
            (Action.VALUE, rewriting.replace_known(ranked, fact.old, fact.new)),
            (Action.VALUE, rewriting.fill_cell(ranked, fact.text)),
            (Action.REWRITE, rewriting.rewrite(ranked, fact.text, self.rules)),
            (Action.VALUE, rewriting.replace_values(ranked, fact.text, self.rules)),
        )
        for action, found in updates:
            free = [pair for pair in found if _is_free(pair[0], taken)]
            if free:
                changes = [Change(one.start, one.end, one.text, action) for one, _ in free]
                return changes, list({place.paragraph.number: place for _, place in free}.values())
        if not fact.text.strip():
            return [], []
        stretch, action_name, place = inserting.insert(body, ranked, fact.text)
        return [Change(stretch.start, stretch.end, stretch.text, Action(action_name))], [place]


def apply(body: str, changes: Sequence[Change]) -> str:
    """The body with the changes made. They must not overlap."""
    pieces: list[str] = []
    at = 0
    for change in changes:
        pieces += [body[at : change.start], change.text]
        at = change.end
    return "".join([*pieces, body[at:]])


def _is_free(stretch: Stretch, taken: Sequence[Change]) -> bool:
    return not any(
        (stretch.start < one.end and one.start < stretch.end) or stretch.start == one.start
        for one in taken
    )


def _proposal(
    body: str,
    changes: Sequence[Change],
    places: Sequence[Ranked],
    order: Sequence[Ranked],
    fingerprint: str,
) -> EditProposal:
    ordered = tuple(sorted(changes, key=lambda one: (one.start, one.end)))
    found = {place.paragraph.number: place.paragraph for place in places}
    anchors = tuple(
        Anchor(one.number, one.start, one.end, one.heading_path)
        for _, one in sorted(found.items())
    )
    return EditProposal(
        body=apply(body, ordered),
        changes=ordered,
        anchors=anchors,
        paragraphs=tuple(one.paragraph.number for one in order),
        score=sum(place.score for place in places) / len(places),
        fingerprint=fingerprint,
    )
