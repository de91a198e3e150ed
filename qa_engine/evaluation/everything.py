"""Every suite whose files are there: what `make evaluate` runs, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qa_engine.evaluation import runs
from qa_engine.evaluation.outcome import SuiteResult

DRAFTS = 128
PASSAGES = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    run: Callable[[runs.Session], SuiteResult]


def steps(data: Path | None, articles: Path | None, tickets: Path | None) -> Iterator[Step]:
    """`articles` and `tickets` are the shop's own; `data` is a folder of public sets, each in
    the folder that docs/evaluation.md names. What is not there is left out.
    """
    if articles and tickets:
        yield Step("drafts", partial(runs.drafts, path=articles, tickets=tickets))
        loop = partial(runs.throughput, path=articles, tickets=tickets, count=DRAFTS)
        yield Step("throughput", loop)
    if data is None:
        return
    kb = _first(data, "commerce_kb/articles*.jsonl")
    first, second = _first(data, "squad/dev-v1.1.json"), _first(data, "squad/dev-v2.0.json")
    if kb:
        yield Step("retrieval from issues", partial(runs.from_issues, path=kb))
    if kb and first:
        passages = partial(runs.from_passages, path=first, fill=kb, count=PASSAGES)
        yield Step("retrieval of passages", passages)
    for squad in (first, second):
        if squad:
            yield Step(f"reader on {squad.stem}", partial(runs.reader, path=squad))
    train, test = _first(data, "hint3/*train*.csv"), _first(data, "hint3/*test*.csv")
    if train and test:
        yield Step("routing", partial(runs.routing, train=train, test=test))
    if second:
        yield Step("risk and coverage", partial(runs.risk, path=second))
    for chinese in (_first(data, "cmrc2018/*_dev.json"), _first(data, "drcd/*_dev.json")):
        if chinese:
            search = partial(runs.from_squad, path=chinese, titled=False)
            yield Step(f"retrieval on {chinese.stem}", search)


def _first(folder: Path, pattern: str) -> Path | None:
    return next(iter(sorted(folder.glob(pattern))), None)
