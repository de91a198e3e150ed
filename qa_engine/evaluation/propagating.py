"""`evaluate propagation`: from articles, sources and labelled facts to figures. No database."""

from __future__ import annotations

from pathlib import Path

from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.changes import load_facts, make_cases
from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.runs import Session
from qa_engine.evaluation.suites.propagation import measure_propagation, products_of
from qa_engine.registry import get_embedder
from qa_engine.suggesting.propagation import RECIPE, rivals_of

CHANGES = 200


def propagation(
    session: Session, path: Path, sources: Path, facts: Path, *, changes: int = CHANGES
) -> SuiteResult:
    """`changes` seeded changes of the facts; with a split only those of one part of them."""
    loaded = session.told(kb.load_articles(path))
    known, decoys = load_facts(facts)
    feeds = sorted(sources.glob("*.csv"))
    if not feeds:
        raise UnusableData(f"There is no product feed in {sources}.")
    chosen = session.choose(known)
    embedder = get_embedder()
    embedder.warm_up()
    rivals = [
        rival
        for file in sorted(sources.glob("*.md"))
        for rival in rivals_of("", file.read_text(encoding="utf-8"))
    ]
    cases = make_cases(
        chosen.questions, decoys, loaded.records, sources, count=changes, seed=session.seed
    )
    figures, misses = measure_propagation(
        cases,
        products=products_of(feeds[0].read_text(encoding="utf-8")),
        rivals=rivals,
        embed=embedder.embed_passages,
        say=session.say,
    )
    data = {"articles": loaded.described(), "facts": chosen.described() | {"changes": changes}}
    names = {"embedder": embedder.fingerprint, "propagation": str(RECIPE)}
    name = session.variant(facts.stem)
    return SuiteResult("propagation", name, data, names, figures, {}, misses)
