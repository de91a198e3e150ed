"""`evaluate contradictions`: articles, and with labelled facts also what is planted in them."""

from __future__ import annotations

from pathlib import Path

from knowledge.models import Suggestion
from qa_engine.answering import warm_up
from qa_engine.contradiction_proposals import RECIPE
from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.changes import load_facts
from qa_engine.evaluation.corpus import load_corpus
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.planting import plant
from qa_engine.evaluation.runs import Session, label_of
from qa_engine.evaluation.scratch import scratch_database
from qa_engine.evaluation.suites.contradictions import measure_planted, measure_untouched
from qa_engine.models import ReviewedArticle
from qa_engine.registry import get_embedder


def contradictions(session: Session, path: Path, facts: Path | None) -> SuiteResult:
    """The articles as they are; then each fact of the chosen part, planted in turn."""
    loaded = session.told(kb.load_articles(path))
    data = {"articles": loaded.described()}
    with scratch_database(label_of(data, "contradictions"), keep=session.keep):
        warm_up()
        corpus = load_corpus(loaded.records, session.say)
        ReviewedArticle.objects.all().delete()  # of an earlier run, where the database was kept
        Suggestion.objects.all().delete()
        figures, misses = measure_untouched(corpus)
        if facts is not None:
            known, decoys = load_facts(facts)
            chosen = session.choose(known)
            data["facts"] = chosen.described()
            cases = plant(chosen.questions, decoys, loaded.records, seed=session.seed)
            planted, missed = measure_planted(corpus, cases, session.say)
            figures, misses = figures | planted, misses + missed
        names = {"embedder": get_embedder().fingerprint, "contradictions": RECIPE}
    name = session.variant(facts.stem if facts else path.stem)
    return SuiteResult("contradictions", name, data, names, figures, {}, misses)
