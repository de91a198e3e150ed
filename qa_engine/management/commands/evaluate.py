"""`manage.py evaluate SUITE`: measure the engine on files, and keep the figures."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from qa_engine.evaluation import records, runs, suggestion_runs
from qa_engine.evaluation.contradicting import contradictions
from qa_engine.evaluation.data import UnusableData
from qa_engine.evaluation.everything import Files, steps
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.propagating import CHANGES, propagation
from qa_engine.evaluation.report import write_report
from qa_engine.evaluation.runs import By, Session
from qa_engine.evaluation.scratch import ScratchUnavailable
from qa_engine.evaluation.splits import Part
from qa_engine.evaluation_models import EvaluationRun
from qa_engine.protocols import ModelUnavailable


class Command(BaseCommand):
    help = (
        "Measure retrieval, reader, abstain, drafts, grounding or throughput on your files, in a "
        "database beside the shop's, and keep the figures; or write a report of the newest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        suites = parser.add_subparsers(dest="suite", required=True, metavar="SUITE")
        _retrieval_arguments(_suite(suites, "retrieval", "does the right article come first?"))
        reader = _suite(suites, "reader", "exact match and F1 on a file in SQuAD's format")
        reader.add_argument("--squad", type=Path, required=True, metavar="JSON")
        _choice_of_reader(reader)
        abstain = _suite(suites, "abstain", "does it know when it does not know?")
        abstain.add_argument("--train", type=Path, metavar="CSV", help="sentence,label")
        abstain.add_argument("--test", type=Path, metavar="CSV")
        abstain.add_argument("--squad", type=Path, metavar="JSON", help="risk against coverage")
        _choice_of_reader(abstain)
        abstain.add_argument("--messages", type=Path, metavar="JSONL", help="who must answer")
        grounding = _suite(suites, "grounding", "does the check stop what was spoilt on purpose?")
        grounding.add_argument("--articles", type=Path, required=True)
        for name, about in (("drafts", "from ticket to draft"), ("throughput", "drafts/s")):
            suite = _suite(suites, name, about)
            suite.add_argument("--articles", type=Path, required=True)
            suite.add_argument("--tickets", type=Path, required=True, metavar="JSONL")
            if name == "drafts":
                suite.add_argument(
                    "--by-hand", action="store_true",
                    help="letters are restated as the gold standard has their questions",
                )  # fmt: skip
                suite.add_argument(
                    "--answered", type=Path, nargs="+", default=[], metavar="JSONL",
                    help="tickets with known answers, as if people had answered them before",
                )  # fmt: skip
        suite.add_argument("--drafts", type=int, default=128, help="drafts a batch size")
        edits = _suite(suites, "edits", "does a new fact find its place in the articles?")
        edits.add_argument("--articles", type=Path, required=True)
        edits.add_argument("--edits", type=Path, required=True, metavar="JSONL")
        edits.add_argument(
            "--whole-lines", action="store_true", help="give the lines, not only what was added"
        )
        gaps = _suite(suites, "gaps", "do clusters of questions follow their intents?")
        gaps.add_argument("--data", type=Path, required=True, metavar="FOLDER")
        changed = _suite(suites, "propagation", "a fact changes: which places state it?")
        changed.add_argument("--articles", type=Path, required=True)
        changed.add_argument("--sources", type=Path, required=True, metavar="FOLDER")
        changed.add_argument("--facts", type=Path, required=True, metavar="JSON")
        changed.add_argument("--changes", type=int, default=CHANGES)
        against = _suite(suites, "contradictions", "which articles contradict each other?")
        against.add_argument("--articles", type=Path, required=True)
        against.add_argument("--facts", type=Path, metavar="JSON", help="to plant some")
        report = suites.add_parser("report", help="the newest figures as Markdown")
        report.add_argument("--out", type=Path, required=True, metavar="MD")
        every = _suite(suites, "all", "every suite whose files are there, and a report")
        every.add_argument("--data", type=Path, metavar="FOLDER", help="the public sets")
        every.add_argument("--articles", type=Path)
        every.add_argument("--tickets", type=Path, nargs="*", default=[], metavar="JSONL")
        every.add_argument(
            "--answered", type=Path, nargs="*", default=[], metavar="JSONL",
            help="tickets with known answers: drafts are measured once more after these",
        )  # fmt: skip
        every.add_argument("--sources", type=Path, metavar="FOLDER")
        every.add_argument("--facts", type=Path, metavar="JSON")
        every.add_argument("--messages", type=Path, metavar="JSONL")
        every.add_argument("--out", type=Path, required=True, metavar="MD")

    def handle(self, *args: Any, suite: str, **options: Any) -> None:
        if options.get("misses"):
            options["misses"].write_text("", encoding="utf-8")
        match suite:
            case "report":
                self._report(options["out"])
            case "all":
                self._everything(options)
                self._report(options["out"])
            case _:
                with _told_as_command_errors():
                    run = partial(_run, suite, options=options)
                    self._measure(run, self._session(options), options)

    def _everything(self, options: dict[str, Any]) -> None:
        files = Files(
            data=options["data"],
            articles=options["articles"],
            tickets=tuple(options["tickets"]),
            answered=tuple(options["answered"]),
            sources=options["sources"],
            facts=options["facts"],
            messages=options["messages"],
        )
        planned = list(steps(files))
        if not planned:
            raise CommandError("Give --articles and --tickets, or --data.")
        session = self._session(options)
        for step in planned:
            self.stderr.write(f"{step.name}:")
            with _told_as_command_errors():
                self._measure(step.run, session, options)

    def _measure(
        self,
        run: Callable[[Session], SuiteResult],
        session: Session,
        options: dict[str, Any],
    ) -> None:
        started_at, started = timezone.now(), time.monotonic()
        result = run(session)
        seconds = time.monotonic() - started
        if options["misses"]:
            _add_misses(options["misses"], result)
        if options["save"]:
            records.save_run(result, started_at=started_at, seconds=seconds)
        if options["json"]:
            told = records.as_json(result, started_at=started_at, seconds=seconds)
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self._show(result, seconds)

    def _report(self, path: Path) -> None:
        written = write_report(path, EvaluationRun.objects.newest())
        self.stderr.write(f"{written} runs in {path.name}")

    def _session(self, options: dict[str, Any]) -> Session:
        return Session(
            say=self.stderr.write if options["verbosity"] > 0 else _silent,
            part=Part(options["split"]),
            seed=options["seed"],
            share=options["share"],
            sample=options["sample"],
            keep=options["keep"],
        )

    def _show(self, result: SuiteResult, seconds: float) -> None:
        heading = f"{result.suite} {result.variant}, {seconds:.0f} s"
        self.stdout.write(self.style.MIGRATE_HEADING(heading))
        for line in records.as_table(
            records.lines_of(result.suite, result.variant, dict(result.metrics))
        ):
            self.stdout.write(line)


def _run(suite: str, session: Session, options: dict[str, Any]) -> SuiteResult:
    match suite:
        case "retrieval":
            return _retrieval(session, options)
        case "reader":
            return runs.reader(session, options["squad"], by=options["reader"])
        case "abstain" if options["messages"]:
            return runs.messages(session, options["messages"])
        case "abstain" if options["squad"]:
            return runs.risk(session, options["squad"], by=options["reader"])
        case "abstain" if options["train"] and options["test"]:
            return runs.routing(session, options["train"], options["test"])
        case "grounding":
            return runs.grounding(session, options["articles"])
        case "drafts":
            return runs.drafts(
                session,
                options["articles"],
                options["tickets"],
                is_by_hand=options["by_hand"],
                answered=options["answered"],
            )
        case "edits":
            return suggestion_runs.edits(
                session,
                options["articles"],
                options["edits"],
                whole_lines=options["whole_lines"],
            )
        case "gaps":
            return suggestion_runs.gaps(session, options["data"])
        case "throughput":
            return runs.throughput(
                session, options["articles"], options["tickets"], count=options["drafts"]
            )
        case "propagation":
            return propagation(
                session,
                options["articles"],
                options["sources"],
                options["facts"],
                changes=options["changes"],
            )
        case "contradictions":
            return contradictions(session, options["articles"], options["facts"])
    raise CommandError("Give --train and --test, --squad, or --messages.")


def _retrieval(session: Session, options: dict[str, Any]) -> SuiteResult:
    articles, squad = options["articles"], options["squad"]
    if squad and options["fill"]:
        return runs.from_passages(session, squad, options["fill"], count=options["passages"])
    if squad:
        return runs.from_squad(session, squad, titled=options["titles"])
    if articles and options["from_issues"]:
        return runs.from_issues(session, articles)
    if articles and options["queries"]:
        return runs.from_queries(session, articles, options["queries"])
    raise CommandError("Give --articles with --queries or --from-issues, or --squad.")


def _suite(suites: Any, name: str, about: str) -> ArgumentParser:
    parser: ArgumentParser = suites.add_parser(name, help=about)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--misses", type=Path, metavar="JSONL", help="write what went wrong")
    parser.add_argument("--no-save", dest="save", action="store_false", help="keep no row")
    parser.add_argument(
        "--keep", action="store_true", help="keep the scratch database for the next run"
    )
    parser.add_argument("--sample", type=int, help="at most that many questions")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--split",
        choices=list(map(str, Part)),
        default=str(Part.ALL),
        help="only questions on the articles that tuning, or measuring, may see",
    )
    parser.add_argument("--share", type=float, default=0.5, help="of articles for tuning")
    return parser


def _choice_of_reader(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--reader",
        choices=list(map(str, By)),
        default=str(By.SPANS),
        help="the one of QA_READER_MODEL, or the one that ranks sentences",
    )


def _retrieval_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--articles", type=Path, help="JSONL, CSV or a folder of Markdown")
    parser.add_argument("--queries", type=Path, metavar="JSONL")
    parser.add_argument(
        "--from-issues", action="store_true", help="an article's issue must find the article"
    )
    parser.add_argument("--squad", type=Path, metavar="JSON", help="question → paragraph")
    parser.add_argument("--no-titles", dest="titles", action="store_false")
    parser.add_argument("--fill", type=Path, help="articles to cut into more passages")
    parser.add_argument("--passages", type=int, default=10_000, help="passages with --fill")


@contextmanager
def _told_as_command_errors() -> Iterator[None]:
    try:
        yield
    except (UnusableData, ScratchUnavailable, ModelUnavailable) as error:
        raise CommandError(str(error)) from error


def _add_misses(path: Path, result: SuiteResult) -> None:
    with path.open("a", encoding="utf-8") as file:
        for miss in result.misses:
            file.write(json.dumps(miss, ensure_ascii=False) + "\n")


def _silent(_line: str) -> None:
    pass
