"""Every suite whose files are there: what `make evaluate` runs, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from django.conf import settings

from qa_engine.evaluation import runs, suggestion_runs
from qa_engine.evaluation.contradicting import contradictions
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.propagating import propagation
from qa_engine.evaluation.splits import Part

DRAFTS = 128
PASSAGES = 10_000


@dataclass(frozen=True, slots=True)
class Files:
    """The shop's own files, and a folder of public sets, each in the folder that
    docs/evaluation.md names. What is not there is left out.
    """

    data: Path | None = None
    articles: Path | None = None
    tickets: tuple[Path, ...] = ()
    # Others, that people are taken to have answered before.
    answered: tuple[Path, ...] = ()
    # Product feeds and policy texts, and which articles state what they say.
    sources: Path | None = None
    facts: Path | None = None
    messages: Path | None = None


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    run: Callable[[runs.Session], SuiteResult]


def steps(files: Files) -> Iterator[Step]:
    yield from _of_the_shop(files)
    if files.data is not None:
        yield from _of_public_sets(files.data)


def _of_the_shop(files: Files) -> Iterator[Step]:
    articles = files.articles
    if files.messages:
        yield Step("who must answer", partial(runs.messages, path=files.messages))
    if articles is None:
        return
    for tickets in files.tickets:
        name = f"drafts for {tickets.stem}"
        written = partial(runs.drafts, path=articles, tickets=tickets)
        yield Step(name, written)
        if files.answered:
            yield Step(f"{name}, after others", partial(written, answered=files.answered))
    if files.tickets:
        loop = partial(runs.throughput, path=articles, tickets=files.tickets[0], count=DRAFTS)
        yield Step("throughput", loop)
    yield Step("grounding", partial(runs.grounding, path=articles))
    if files.sources and files.facts:
        follow = partial(propagation, path=articles, sources=files.sources, facts=files.facts)
        yield Step("propagation", follow)
    if files.facts:
        against = partial(_untuned_contradictions, path=articles, facts=files.facts)
        yield Step("contradictions", against)


def _of_public_sets(data: Path) -> Iterator[Step]:
    kb = _first(data, "commerce_kb/articles*.jsonl")
    first, second = _first(data, "squad/dev-v1.1.json"), _first(data, "squad/dev-v2.0.json")
    if kb:
        yield Step("retrieval from issues", partial(_untuned, path=kb))
        yield Step("the same, without a query encoder", partial(_plain, path=kb))
    if kb and first:
        passages = partial(runs.from_passages, path=first, fill=kb, count=PASSAGES)
        yield Step("retrieval of passages", passages)
        yield Step("the same, every question", partial(passages, every=True))
    for squad in (first, second):
        if squad:
            yield Step(f"reader on {squad.stem}", partial(runs.reader, path=squad))
    if second:
        yield Step("risk and coverage", partial(runs.risk, path=second))
    train, test = _first(data, "hint3/*train*.csv"), _first(data, "hint3/*test*.csv")
    if train and test:
        yield Step("routing", partial(runs.routing, train=train, test=test))
    for chinese in (_first(data, "cmrc2018/*_dev.json"), _first(data, "drcd/*_dev.json")):
        if chinese:
            search = partial(runs.from_squad, path=chinese, titled=False)
            yield Step(f"retrieval on {chinese.stem}", search)
    yield from _of_suggestions(data, kb)


def _of_suggestions(data: Path, kb: Path | None) -> Iterator[Step]:
    changed, asked = _first(data, "commerce_kb/edits.jsonl"), _first(data, "banking77/test.csv")
    if kb and changed:
        for name, whole in (("edits, the words", False), ("edits, the lines", True)):
            yield Step(name, partial(_untuned_edits, articles=kb, path=changed, whole_lines=whole))
    if asked:
        yield Step("gaps", partial(suggestion_runs.gaps, folder=asked))


def _untuned(session: runs.Session, path: Path) -> SuiteResult:
    """The query encoder that comes along learnt from the other half."""
    return runs.from_issues(replace(session, part=Part.MEASURE), path)


def _plain(session: runs.Session, path: Path) -> SuiteResult:
    before, settings.QA_QUERY_ENCODER = settings.QA_QUERY_ENCODER, ""
    try:
        found = _untuned(session, path)
    finally:
        settings.QA_QUERY_ENCODER = before
    return replace(found, variant=found.variant.replace("from-issues", "from-issues plain"))


def _untuned_contradictions(session: runs.Session, path: Path, facts: Path) -> SuiteResult:
    """What tells a contradiction was written looking at the other half."""
    return contradictions(replace(session, part=Part.MEASURE), path, facts)


def _first(folder: Path, pattern: str) -> Path | None:
    return next(iter(sorted(folder.glob(pattern))), None)


def _untuned_edits(
    session: runs.Session, articles: Path, path: Path, *, whole_lines: bool
) -> SuiteResult:
    """The other half taught the editor where words go."""
    measured = replace(session, part=Part.MEASURE)
    return suggestion_runs.edits(measured, articles, path, whole_lines=whole_lines)
