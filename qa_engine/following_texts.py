"""What a new version of a source makes untrue in texts that are no articles: canned replies.

The same finder as for articles. Only sure places become edits: nothing rests on a canned reply
that could be held back meanwhile. Runs in the worker, outside any transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge.models import FactChange, SourceVersion
from qa_engine.following import (
    changes_between,
    evidence_of,
    finder_of_sources,
    published_revisions,
    rationale,
)
from qa_engine.suggesting.facts import Change, swaps
from qa_engine.suggesting.propagation import Finder, Place, apply
from qa_engine.suggesting.stretches import Text


@dataclass(frozen=True, slots=True)
class OtherText:
    """A text of another app. `said` holds, by the name of a fact, what it has said of it since
    an earlier version, where nobody has decided on that yet."""

    key: int
    title: str
    body: str
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextEdit:
    """What the text with this key would have to say, and why."""

    key: int
    change_id: int
    fact_key: str
    body: str
    reason: str
    evidence: str


def edits_in(version_id: int, texts: Sequence[OtherText]) -> list[TextEdit]:
    """One edit a changed fact and text, of those that state what the version made untrue."""
    version = (
        SourceVersion.objects.select_related("document__category").filter(pk=version_id).first()
    )
    if version is None or not texts:
        return []
    before = version.document.versions.filter(number__lt=version.number).first()
    changes = changes_between(version.document, before, version)
    rows = {row.position: row for row in version.changes.select_related("version__document")}
    finder = finder_of_sources()
    articles = [Text(one.pk, one.title, one.body, one.summary) for one in published_revisions()]
    return [
        edit
        for number, change in enumerate(changes)
        if (row := rows.get(number)) is not None
        for edit in _edits(row, change, texts, finder, articles)
    ]


def _edits(
    row: FactChange,
    change: Change,
    texts: Sequence[OtherText],
    finder: Finder,
    articles: Sequence[Text],
) -> Iterator[TextEdit]:
    by_old: dict[str, list[OtherText]] = defaultdict(list)
    for text in texts:
        by_old[text.said.get(row.fact_key, change.old)].append(text)
    for old, same in by_old.items():
        if not old or old == change.new:
            continue
        wanted = change if old == change.old else _since(change, old)
        bodies = {text.key: text.body for text in same}
        for key, places in _places(wanted, same, finder, articles).items():
            body = apply(bodies[key], [edit for place in places for edit in place.edits])
            if body != bodies[key]:
                label = evidence_of(row, wanted).label
                yield TextEdit(key, row.pk, row.fact_key, body, rationale(row, wanted), label)


def _since(change: Change, old: str) -> Change:
    return replace(change, old=old, swaps=swaps(old, change.new))


def _places(
    change: Change, texts: Sequence[OtherText], finder: Finder, articles: Sequence[Text]
) -> dict[int, list[Place]]:
    """The sure places of each text's body, by its key."""
    found: dict[int, list[Place]] = defaultdict(list)
    # Named otherwise than the articles, whose stretches are kept by their names.
    looked_in = {f"other {text.key}": text for text in texts}
    named = [Text(name, text.title, text.body) for name, text in looked_in.items()]
    for place in finder.possible(change, named, among=articles):
        if place.is_sure and place.field == "body":
            found[looked_in[str(place.key)].key].append(place)
    return found
