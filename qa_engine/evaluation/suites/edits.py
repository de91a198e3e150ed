"""Is the right article found, the right paragraph, the right edit proposed, for a new fact?

A fact is what a real edit added. Every article is as it was on the edit's day, as far as the
data tell; the edited one always is as it was before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa_engine.evaluation import metrics
from qa_engine.evaluation.articles import ArticleRecord
from qa_engine.evaluation.edits import Change, EditRecord, Likeness, compare
from qa_engine.evaluation.outcome import Say
from qa_engine.protocols import Embedder
from qa_engine.suggesting import locating
from qa_engine.suggesting.editing import AppendingEditor, EditProposal, Fact, MinimalEditor
from qa_engine.suggesting.finding import Document, Finder
from qa_engine.suggesting.remembering import RememberingEmbedder

#: Proposals with less than this are among the misses.
_POOR = 0.3


@dataclass(frozen=True)
class History:
    """Every known state of every article, and which of them an edit's day could see."""

    documents: tuple[Document, ...]
    # Article → (date it was still so, number of the document), oldest first.
    states: Mapping[str, Sequence[tuple[str, int]]]
    # Of each edit, by key: the document that it changes.
    edited: Mapping[str, int]

    @classmethod
    def of(cls, articles: Sequence[ArticleRecord], edits: Sequence[EditRecord]) -> History:
        documents = [Document(one.key, one.title, one.body) for one in articles]
        latest = {one.key: number for number, one in enumerate(documents)}
        states: dict[str, list[tuple[str, int]]] = defaultdict(list)
        edited: dict[str, int] = {}
        for edit in sorted(edits, key=lambda one: one.date):
            edited[edit.key] = len(documents)
            states[edit.article].append((edit.date, len(documents)))
            documents.append(Document(edit.article, edit.title, edit.before))
        last = {edit.article: edit for edit in sorted(edits, key=lambda one: one.date)}
        for edit in last.values():
            if edit.article not in latest:
                latest[edit.article] = len(documents)
                documents.append(Document(edit.article, edit.title, edit.after))
        for key, number in latest.items():
            states[key].append(("9999", number))
        return cls(tuple(documents), states, edited)

    def visible(self, edit: EditRecord) -> list[int]:
        """One document for each article: as it was before its next change, or as it is."""
        found = [
            next((number for date, number in known if date > edit.date), known[-1][1])
            for key, known in self.states.items()
            if key != edit.article
        ]
        return [*found, self.edited[edit.key]]


def measure_edits(
    edits: Sequence[EditRecord],
    *,
    history: History,
    embedder: Embedder,
    whole_lines: bool,
    say: Say,
) -> tuple[dict[str, float], tuple[Mapping[str, Any], ...]]:
    """Figures, and the edits whose proposal is least like the real one."""
    finder = Finder(history.documents, embedder)
    embedder = RememberingEmbedder(embedder)
    editor, baseline = MinimalEditor(embedder), AppendingEditor(embedder)
    totals: dict[str, list[float]] = defaultdict(list)
    misses: list[Mapping[str, Any]] = []
    for number, edit in enumerate(edits, start=1):
        text = edit.lines if whole_lines else edit.fact
        facts = (
            [Fact(one) for one in text.split("\n")]
            if whole_lines
            else [Fact(one, is_fragment=True) for one in edit.runs]
        )
        right = history.edited[edit.key]
        found = [one.number for one in finder.find(text, history.visible(edit))][:5]
        proposal = editor.propose(edit.before, facts, title=edit.title)
        first = _paragraphs(edit, proposal, embedder)
        totals["article_hit@1"].append(found[:1] == [right])
        totals["article_hit@5"].append(right in found)
        totals["paragraph_hit@1"].append(bool(set(first[:1]) & edit.change.blocks))
        totals["paragraph_hit@3"].append(bool(set(first) & edit.change.blocks))
        simplest = baseline.propose(edit.before, facts, title=edit.title)
        for name, one in (("", proposal), ("baseline_", simplest)):
            like = judged(edit, one)
            totals[f"{name}changed_f1"].append(like.changed_f1)
            totals[f"{name}region_f1"].append(like.region_f1)
            totals[f"{name}unrelated_touched"].append(like.unrelated)
            end_to_end = like.changed_f1 if found[:1] == [right] else 0.0
            totals[f"{name}changed_f1_end_to_end"].append(end_to_end)
            if not name and like.changed_f1 < _POOR:
                misses.append(_told(edit, facts, first, like))
        if number % 100 == 0:
            say(f"{number}/{len(edits)} edits")
    figures = {name: metrics.mean([float(one) for one in got]) for name, got in totals.items()}
    return figures | {"edits": float(len(edits)), "articles": float(len(history.states))}, tuple(
        misses
    )


def _told(
    edit: EditRecord, facts: Sequence[Fact], first: Sequence[int], like: Likeness
) -> dict[str, Any]:
    return {
        "article": edit.article,
        "date": edit.date,
        "facts": [fact.text for fact in facts],
        "paragraphs": sorted(edit.change.blocks),
        "found": list(first),
        "changed_f1": round(like.changed_f1, 3),
    }


def _paragraphs(
    edit: EditRecord, proposal: EditProposal | None, embedder: Embedder
) -> Sequence[int]:
    """The three likeliest; what the article says already is looked for all the same."""
    if proposal is not None:
        return proposal.paragraphs[:3]
    ranked = locating.rank(edit.before, edit.lines, embedder=embedder, title=edit.title)
    return [one.paragraph.number for one in ranked[:3]]


def judged(edit: EditRecord, proposal: EditProposal | None) -> Likeness:
    after = proposal.body if proposal else edit.before
    return compare(edit.change, Change.between(edit.before, after))
