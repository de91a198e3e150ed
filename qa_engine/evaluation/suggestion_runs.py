"""The suites about suggestions, from their files to their figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qa_engine.evaluation import articles as kb
from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.edits import load_edits
from qa_engine.evaluation.fingerprints import fingerprints
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.runs import Session
from qa_engine.evaluation.squad import LabelledQuestion, load_labelled
from qa_engine.evaluation.suites.edits import History, measure_edits
from qa_engine.evaluation.suites.gaps import measure_gaps
from qa_engine.registry import get_embedder


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that is split by its intent: no intent is on both sides."""

    question: LabelledQuestion
    number: int

    @property
    def key(self) -> str:
        return f"{self.number} {self.question.text}"

    @property
    def group(self) -> str:
        return self.question.label


def edits(session: Session, articles: Path, path: Path, *, whole_lines: bool) -> SuiteResult:
    """What a real edit added is the fact; `whole_lines` gives the lines it stands in."""
    loaded = session.told(kb.load_articles(articles))
    every = session.told(load_edits(path))
    chosen = session.choose([one for one in every.records if one.fact.strip()])
    figures, misses = measure_edits(
        chosen.questions,
        history=History.of(loaded.records, every.records),
        embedder=get_embedder(),
        whole_lines=whole_lines,
        say=session.say,
    )
    data = {
        "articles": loaded.described(),
        "edits": every.described(),
        "questions": chosen.described(),
    }
    name = session.variant("lines" if whole_lines else "words")
    return SuiteResult("edits", name, data, fingerprints(), figures, {}, misses)


def gaps(session: Session, folder: Path) -> SuiteResult:
    """Questions of the file's test half, or of the file: their intents are the gold clusters."""
    path = folder / "test.csv" if folder.is_dir() else folder
    loaded = session.told(load_labelled(path))
    chosen = session.choose([_Asked(one, n) for n, one in enumerate(loaded.records)])
    if len(chosen.questions) < 10:
        raise UnusableData(f"{path.name} holds too few questions to cluster.")
    figures = measure_gaps(
        [one.question for one in chosen.questions], embedder=get_embedder(), seed=session.seed
    )
    data = {"questions": loaded.described(), "chosen": chosen.described()}
    name = session.variant(path.stem)
    return SuiteResult("gaps", name, data, fingerprints(), figures)
