"""The knowledge base follows its sources: from a new version to suggestions.

Runs in the worker, outside any transaction. Each fact is kept with its places as soon as
they are found, so that a run that breaks off goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.models import (
    Article,
    FactChange,
    FactPlace,
    Revision,
    SourceDocument,
    SourceVersion,
    Suggestion,
)
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from knowledge.services import suggestions
from knowledge.sourcing.feeds import parse_feed
from qa_engine.registry import get_embedder
from qa_engine.suggesting import additions, newcomers
from qa_engine.suggesting.facts import (
    Change,
    ChangeKind,
    Product,
    diff_feed,
    diff_prose,
    spoken,
    swaps,
)
from qa_engine.suggesting.propagation import Finder, Place, Rival, apply, rivals_of
from qa_engine.suggesting.stretches import Edit, Text
from qa_engine.suggesting.topics import stems

#: About the share of new sentences for which the right article was found (ADR 14).
ADDED = 0.58


def compare_version(version_id: int) -> int:
    """Find what a version changes and propose the edits; how many facts changed."""
    version = (
        SourceVersion.objects.select_related("document", "document__category")
        .filter(pk=version_id)
        .first()
    )
    if version is None or version.state == SourceVersion.State.DONE:
        return 0
    before = version.document.versions.filter(number__lt=version.number).first()
    changes = changes_between(version.document, before, version)
    _tell(version, state=SourceVersion.State.COMPARING, facts_total=len(changes))
    revisions = list(published_revisions())
    finder = finder_of_sources()
    for number, change in enumerate(changes):
        _follow(version, number, change, finder, revisions)
        _tell(version, facts_done=number + 1)
    _tell(version, state=SourceVersion.State.DONE, compared_at=timezone.now())
    return len(changes)


def changes_between(
    document: SourceDocument, before: SourceVersion | None, after: SourceVersion
) -> list[Change]:
    """A first version changes nothing; of a feed its products are new, of a policy the whole."""
    if document.is_feed:
        return diff_feed(products_in(before.text) if before else [], products_in(after.text))
    if before is None:
        return [Change(ChangeKind.ADDED, document.name, "policy", new=newcomers.gist(after.text))]
    return diff_prose(before.text, after.text, title=document.name)


def products_in(text: str) -> list[Product]:
    return [Product(row.key, row.name, row.attributes) for row in parse_feed(text)]


def finder_of_sources() -> Finder:
    """With what all sources say now; a changed statement competes with what stands beside it."""
    products: list[str] = []
    rivals: list[Rival] = []
    for document in SourceDocument.objects.select_related("head").exclude(head=None):
        assert document.head is not None
        if document.is_feed:
            for version in document.versions.order_by("-number")[:2]:  # an old name is one too
                products += [spoken(product.name) for product in products_in(version.text)]
        else:
            rivals += rivals_of(document.name, document.head.text)
    embedder = get_embedder()
    embedder.warm_up()
    return Finder(tuple(dict.fromkeys(products)), embedder.embed_passages, tuple(rivals))


def published_revisions() -> Iterable[Revision]:
    articles = Article.objects.published().select_related("published_revision").order_by("pk")
    return (one.published_revision for one in articles if one.published_revision is not None)


def _follow(
    version: SourceVersion,
    number: int,
    change: Change,
    finder: Finder,
    revisions: Sequence[Revision],
) -> None:
    row, _is_new = FactChange.objects.get_or_create(
        version=version,
        position=number,
        defaults={
            "kind": change.kind,
            "subject": change.subject[:400],
            "attribute": change.attribute[:100],
            "old": change.old,
            "new": change.new,
            "fact_key": fact_key(version.document, change),
        },
    )
    wanted = _since_settled(row, change)
    if wanted is None:
        return
    texts = [Text(one.pk, one.title, one.body, one.summary) for one in revisions]
    by_key = {one.pk: one for one in revisions}
    found: dict[int, list[Place]] = defaultdict(list)
    for place in finder.possible(wanted, texts):
        found[int(str(place.key))].append(place)
    for revision_id, places in found.items():
        _propose_edit(row, wanted, by_key[revision_id], places, finder.fingerprint)
    for proposal in newcomers.proposals(row, wanted, revisions, finder):
        suggestions.propose(proposal)
    if wanted.kind is ChangeKind.ADDED and not wanted.product and not wanted.attribute:
        _propose_addition(row, wanted, by_key, texts, finder)


def _propose_addition(
    row: FactChange,
    change: Change,
    by_key: Mapping[int, Revision],
    texts: Sequence[Text],
    finder: Finder,
) -> None:
    """What a policy newly says, where an article is about it. Nothing old is untrue: no hold."""
    found = additions.addition(finder, change, texts, get_embedder())
    if found is None:
        return
    base = by_key[int(str(found.key))]
    suggestions.propose(
        Proposal(
            kind=Kind.EDIT,
            origin=Origin.SOURCE,
            title=base.title,
            body=found.edit.body,
            rationale=rationale(row, change),
            fact_key=row.fact_key,
            fingerprint=f"{finder.fingerprint}+{found.edit.fingerprint}",
            evidence=(evidence_of(row, change),),
            confidence=ADDED,
            base_revision_id=base.pk,
            paragraph_at=found.edit.anchors[0].start,
        )
    )


def fact_key(document: SourceDocument, change: Change) -> str:
    """Equal in each version that changes this fact again."""
    words = change.attribute or " ".join(sorted(stems(change.old or change.new)))
    name = change.product or change.subject
    digest = hashlib.sha256(f"{name}|{words}".encode()).hexdigest()[:24]
    return f"source:{document.pk}:{digest}"


def _since_settled(row: FactChange, change: Change) -> Change | None:
    """The change from what articles still say: an earlier version's, if nobody settled it.

    None where the source says again what the articles say. Suggestions of the earlier
    version give way to those of this one.
    """
    earlier = (
        FactChange.objects.filter(
            version__document_id=row.version.document_id,
            fact_key=row.fact_key,
            version__number__lt=row.version.number,
            places__settled_at=None,
            places__isnull=False,
        )
        .order_by("version__number")
        .first()
    )
    open_ones = Suggestion.objects.filter(
        state=Suggestion.State.OPEN, fact_key=row.fact_key
    ).exclude(Q(fact_places__change=row) | Q(evidence__source_version_id=row.version_id))
    for suggestion in open_ones:
        suggestions.supersede(suggestion=suggestion)
    if earlier is None or not earlier.old:
        return change
    FactPlace.objects.filter(
        change__fact_key=row.fact_key,
        change__version__number__lt=row.version.number,
        settled_at=None,
    ).update(settled_at=timezone.now())
    if earlier.old == change.new:
        return None
    return replace(change, old=earlier.old, swaps=swaps(earlier.old, change.new))


@transaction.atomic
def _propose_edit(
    row: FactChange, change: Change, base: Revision, places: Sequence[Place], fingerprint: str
) -> None:
    """One suggestion an article, whatever the number of places; and all places as rows."""
    sure = [place for place in places if place.is_sure]
    suggestion = None
    if sure:
        edits: dict[str, list[Edit]] = defaultdict(list)
        for place in sure:
            edits[place.field] += place.edits
        title, body, summary = (
            apply(getattr(base, field), edits[field]) for field in ("title", "body", "summary")
        )
        proposal = Proposal(
            kind=Kind.EDIT,
            origin=Origin.SOURCE,
            title=title,
            body=body,
            summary=summary,
            rationale=rationale(row, change),
            fact_key=row.fact_key,
            fingerprint=fingerprint,
            evidence=(evidence_of(row, change),),
            confidence=confidence(change, sure),
            base_revision_id=base.pk,
        )
        if (title, body) != (base.title, base.body):
            suggestion = suggestions.propose(proposal).suggestion
    for place in places:
        FactPlace.objects.get_or_create(
            change=row,
            revision=base,
            field=place.field,
            start=place.start,
            defaults={
                "article_id": base.article_id,
                "end": place.end,
                "quote": place.quote,
                "score": place.score,
                "is_sure": place.is_sure,
                "suggestion": suggestion if place.is_sure else None,
            },
        )


def rationale(row: FactChange, change: Change) -> str:
    source = row.version.document.name
    if change.swaps and all(swap.is_amount for swap in change.swaps):
        told = ", ".join(f"{swap.new} ({_('before')}: {swap.old})" for swap in change.swaps)
        return _("%(source)s now says %(told)s.") % {"source": source, "told": told}
    if not change.new:
        return _("%(source)s no longer says: “%(old)s”") % {"source": source, "old": change.old}
    return _("%(source)s now says: “%(new)s”") % {"source": source, "new": change.new[:300]}


def evidence_of(row: FactChange, change: Change) -> EvidenceItem:
    version = row.version
    line = version.text.count("\n", 0, change.new_start) + 1
    label = _("%(name)s, version %(number)d, line %(line)d") % {
        "name": version.document.name,
        "number": version.number,
        "line": line,
    }
    return EvidenceItem(
        kind=EvidenceKind.SOURCE,
        quote=change.new or change.old,
        before=change.old if change.new else "",
        seen_at=version.created_at,
        source_version_id=version.pk,
        start=change.new_start,
        label=label,
    )


def confidence(change: Change, places: Sequence[Place]) -> float:
    """A product's value by its name is as good as certain; a policy's topic is a likeness."""
    if change.product:
        return 0.97
    return round(min(0.97, 0.6 + 0.12 * min(place.score for place in places)), 3)


def _tell(version: SourceVersion, **fields: object) -> None:
    """How far it is, for the pages."""
    SourceVersion.objects.filter(pk=version.pk).update(**fields)
