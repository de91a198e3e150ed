"""Articles that a new product or policy needs, and those that a removed product leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import fsum

from django.utils.translation import gettext as _

from knowledge.models import Category, FactChange, Revision
from knowledge.proposals import EvidenceItem, EvidenceKind, Kind, Origin, Proposal
from qa_engine.suggesting import naming
from qa_engine.suggesting.facts import Change, ChangeKind, statements
from qa_engine.suggesting.propagation import RECIPE, Finder

FINGERPRINT = f"newcomers/{RECIPE}"
#: Cosine from which on an article is taken to cover what a new policy is about.
COVERED = 0.5


def gist(policy: str) -> str:
    """What a policy is about: its first sentences."""
    return " ".join(one.text for one in statements(policy)[:3])[:500]


def proposals(
    row: FactChange, change: Change, revisions: Sequence[Revision], finder: Finder
) -> Iterator[Proposal]:
    match change.kind:
        case ChangeKind.NEW_PRODUCT:
            if not _about(change.product, revisions, finder):
                yield from _new(row, _product_body(change), change.subject, revisions, finder)
        case ChangeKind.GONE_PRODUCT:
            for revision in _about(change.product, revisions, finder):
                yield _retire(row, revision)
        case ChangeKind.ADDED if change.attribute == "policy":
            if not _is_covered(change, revisions, finder):
                yield from _new(row, row.version.text, change.subject, revisions, finder)


def _about(product: str, revisions: Sequence[Revision], finder: Finder) -> list[Revision]:
    """The articles whose title names this product and no other."""
    names = (*finder.products, product)
    return [one for one in revisions if naming.named(one.title, names) == {product}]


def _is_covered(change: Change, revisions: Sequence[Revision], finder: Finder) -> bool:
    if not revisions or finder.embed is None:
        return bool(revisions)
    told = [f"{one.title}. {one.summary}" for one in revisions]
    first, *others = finder.embed([f"{change.subject}. {change.new}", *told])
    return max(fsum(a * b for a, b in zip(first, one, strict=True)) for one in others) >= COVERED


def _product_body(change: Change) -> str:
    """The house format: a short answer first, then the facts as a table."""
    told = [part.partition(": ") for part in change.new.partition(". ")[2].split("; ") if part]
    facts = [(name.replace("_", " ").capitalize(), value) for name, _colon, value in told]
    price = next((value for name, value in facts if name == "Price"), "")
    first = (
        _("The %(name)s costs %(price)s.") % {"name": change.subject, "price": price}
        if price
        else _("The %(name)s is new in our shop.") % {"name": change.subject}
    )
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts)
    table = f"\n\n## {_('Specifications')}\n\n| | |\n|---|---|\n{rows}" if rows else ""
    return first + table


def _new(
    row: FactChange, body: str, title: str, revisions: Sequence[Revision], finder: Finder
) -> Iterator[Proposal]:
    category = row.version.document.category or _likely_category(row, revisions, finder)
    if category is None:
        return
    yield Proposal(
        kind=Kind.NEW_ARTICLE,
        origin=Origin.SOURCE,
        title=title[:200],
        body=body,
        rationale=_("No article is about %(name)s, which %(source)s now has.")
        % {"name": title, "source": row.version.document.name},
        fact_key=row.fact_key,
        fingerprint=FINGERPRINT,
        evidence=(_evidence(row),),
        confidence=0.7,
        category_id=category.pk,
        language=row.version.document.language,
    )


def _retire(row: FactChange, revision: Revision) -> Proposal:
    return Proposal(
        kind=Kind.RETIRE,
        origin=Origin.SOURCE,
        title=revision.title,
        body=revision.body,
        summary=revision.summary,
        rationale=_("%(source)s no longer has %(name)s.")
        % {"source": row.version.document.name, "name": row.old},
        fact_key=row.fact_key,
        fingerprint=FINGERPRINT,
        evidence=(_evidence(row),),
        confidence=0.8,
        base_revision_id=revision.pk,
    )


def _evidence(row: FactChange) -> EvidenceItem:
    return EvidenceItem(
        kind=EvidenceKind.SOURCE,
        quote=row.new or row.old,
        seen_at=row.version.created_at,
        source_version_id=row.version_id,
        label=f"{row.version.document.name}, {row.version.number}",
    )


def _likely_category(
    row: FactChange, revisions: Sequence[Revision], finder: Finder
) -> Category | None:
    """Of a product, where the articles on its fellows stand; else where most articles do."""
    fellows = [one for one in revisions if naming.named(one.title, finder.products)]
    if not row.version.document.is_feed:
        fellows = list(revisions)
    counts = Counter(one.article.category_id for one in fellows)
    if not counts:
        return Category.objects.first()
    return Category.objects.filter(pk=counts.most_common(1)[0][0]).first()
