"""A fact changes: are the places that state it found, and only those?

Each change runs through the product's own code: the two versions of the source are diffed,
the changed facts are looked for in the articles of that day, and each article gets its edit.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.sourcing.feeds import read_feed
from qa_engine.evaluation import metrics
from qa_engine.evaluation.changes import Case, Span
from qa_engine.evaluation.outcome import Say
from qa_engine.suggesting.facts import Change, Product, diff_feed, diff_prose, spoken
from qa_engine.suggesting.propagation import Embed, Finder, Place, Rival, apply, held_by
from qa_engine.suggesting.stretches import Text


@dataclass(frozen=True, slots=True)
class Graded:
    case: Case
    changes: tuple[Change, ...]
    found: tuple[Place, ...]
    right: int
    wrong: tuple[Place, ...]
    missed: tuple[Span, ...]
    # Found places whose edit says the new value and no longer the old one.
    right_edits: int
    # Drafts that quote a place of the truth and would not be held; others that would be.
    loose_drafts: int
    drafts: int
    held_needlessly: int
    other_drafts: int


def measure_propagation(
    cases: Iterable[Case],
    *,
    products: Sequence[Product],
    rivals: Sequence[Rival],
    embed: Embed | None,
    say: Say,
) -> tuple[dict[str, float], tuple[dict[str, Any], ...]]:
    """Figures, and each change with a place too many or too few."""
    finder = Finder(tuple(spoken(product.name) for product in products), embed, rivals)
    started = time.process_time()
    graded: list[Graded] = []
    for case in cases:
        graded.append(_grade(case, finder))
        if len(graded) % 50 == 0:
            say(f"{len(graded)} changes")
    seconds = time.process_time() - started
    figures = _figures(graded) | {"cpu_seconds_per_change": seconds / max(len(graded), 1)}
    for kind in dict.fromkeys(one.case.fact.kind for one in graded):
        part = _figures([one for one in graded if one.case.fact.kind == kind])
        figures |= {f"{kind}_{name}": part[name] for name in ("changes", "recall", "precision")}
    return figures, tuple(_told(one) for one in graded if one.wrong or one.missed)


def changes_of(case: Case) -> list[Change]:
    if case.fact.product:
        return diff_feed(products_of(case.before), products_of(case.after))
    return diff_prose(case.before, case.after, title="")


def products_of(text: str) -> list[Product]:
    """Of a feed in CSV."""
    return [Product(row.key, row.name, row.attributes) for row in read_feed(text, is_json=False)]


def _grade(case: Case, finder: Finder) -> Graded:
    changes = changes_of(case)
    texts = [Text(a.key, a.title, a.body, a.summary) for a in case.articles]
    possible = [place for change in changes for place in finder.possible(change, texts)]
    found = [place for place in possible if place.is_sure]
    spans = [_span(place) for place in found]
    right = sum(any(span.overlaps(one) for one in case.truth) for span in spans)
    wrong = tuple(
        place
        for place, span in zip(found, spans, strict=True)
        if not any(span.overlaps(one) for one in (*case.truth, *case.maybe))
    )
    missed = tuple(one for one in case.truth if not any(span.overlaps(one) for span in spans))
    quoted = [span for span in case.truth if span.field == "body"]
    loose = [s for s in quoted if not held_by(possible, s.article, s.start, s.end)]
    needless = [s for s in case.decoys if held_by(possible, s.article, s.start, s.end)]
    return Graded(
        case, tuple(changes), tuple(found), right, wrong, missed,
        sum(_is_right_edit(case, place) for place in found),
        len(loose), len(quoted), len(needless), len(case.decoys),
    )  # fmt: skip


def _span(place: Place) -> Span:
    return Span(str(place.key), place.field, place.start, place.end)


def _is_right_edit(case: Case, place: Place) -> bool:
    shifted = [
        type(edit)(edit.start - place.start, edit.end - place.start, edit.text)
        for edit in place.edits
    ]
    text = apply(place.quote, shifted)
    new = case.value if case.fact.kind != "renamed" else spoken(case.value)
    digits = "".join(c for c in new if c.isdigit())
    return text != place.quote and (new in text or not digits or digits in _digits(text))


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _figures(graded: Sequence[Graded]) -> dict[str, float]:
    truth = sum(len(one.case.truth) for one in graded)
    found = sum(one.right + len(one.wrong) for one in graded)
    missed = sum(len(one.missed) for one in graded)
    right = sum(one.right for one in graded)
    return {
        "changes": float(len(graded)),
        "places": float(truth),
        "recall": 1 - missed / truth if truth else 1.0,
        "precision": right / found if found else 1.0,
        "changes_all_right": metrics.mean([not (one.wrong or one.missed) for one in graded]),
        "decoys": float(sum(len(one.case.decoys) for one in graded)),
        "decoys_flagged": float(
            sum(
                any(_span(place).overlaps(decoy) for place in one.found)
                for one in graded
                for decoy in one.case.decoys
            )
        ),
        "edits_right": sum(one.right_edits for one in graded)
        / max(sum(len(one.found) for one in graded), 1),
        "drafts": float(sum(one.drafts for one in graded)),
        "drafts_sent_unsettled": float(sum(one.loose_drafts for one in graded)),
        "drafts_held_needlessly": float(sum(one.held_needlessly for one in graded)),
    }


def _told(one: Graded) -> dict[str, Any]:
    return {
        "fact": one.case.fact.key,
        "kind": one.case.fact.kind,
        "changes": [
            f"{c.kind}: {c.old} → {c.new} {[(s.old, s.new) for s in c.swaps]}" for c in one.changes
        ],
        "wrong": [f"{p.key} {p.field} {p.score}: {p.quote[:160]}" for p in one.wrong],
        "missed": [_missed(one.case, span) for span in one.missed],
    }


def _missed(case: Case, span: Span) -> str:
    article = next(a for a in case.articles if a.key == span.article)
    text: str = getattr(article, span.field)
    return f"{span.article} {span.field}: …{text[max(0, span.start - 30) : span.end + 60]}…"
