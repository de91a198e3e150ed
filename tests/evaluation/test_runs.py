"""Rows that are written once, and the pages that show them."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from qa_engine.evaluation.admin import EvaluationRunAdmin
from qa_engine.evaluation.charts import line_chart
from qa_engine.evaluation.outcome import SuiteResult
from qa_engine.evaluation.records import lines_of, save_run, shown
from qa_engine.evaluation.report import write_report
from qa_engine.evaluation.targets import TARGETS, main_figure, targets_of
from qa_engine.models import EvaluationRun

DATA = {"articles": {"name": "a.jsonl", "sha256": "ab" * 32, "records": 3, "refused": 0}}


def result(suite="retrieval", variant="from-issues", data=DATA, **metrics) -> SuiteResult:
    return SuiteResult(
        suite, variant, data, {"code": "abc"}, metrics or {"hit@1": 0.8, "hit@10": 0.98}
    )


def saved(**values) -> EvaluationRun:
    return save_run(result(**values), started_at=timezone.now(), seconds=2.5)


def test_a_run_is_never_changed_or_deleted(db):
    run = saved()
    for wrong in (
        lambda: EvaluationRun.objects.update(seconds=0.1),
        lambda: EvaluationRun.objects.all().delete(),
        lambda: run.save(),
    ):
        refused = pytest.raises(IntegrityError, match="evaluation_run_is_never_changed")
        with refused, transaction.atomic():
            wrong()
    assert EvaluationRun.objects.get().metrics == run.metrics


def test_a_history_holds_only_what_was_measured_on_the_same_questions(db):
    first, second = saved(), saved()
    renamed = {"articles": DATA["articles"] | {"name": "other.jsonl"}}
    same = saved(data=renamed)
    saved(data={"articles": DATA["articles"] | {"sha256": "cd" * 32}})
    saved(variant="queries")
    assert list(EvaluationRun.objects.comparable_to(second)) == [first, second, same]


def test_the_newest_run_of_each_suite(db):
    saved()
    newest, other = saved(), saved(suite="reader", variant="dev-v1.1", f1=70.0)
    assert list(EvaluationRun.objects.newest()) == [other, newest]


def test_figures_stand_beside_their_targets_and_peers():
    lines = lines_of("retrieval", "from-issues", {"p50_ms": 12.0, "hit@10": 0.98, "hit@1": 0.8})
    assert [line.figure for line in lines] == ["hit@1", "hit@10", "p50_ms"]
    assert (lines[0].wanted, lines[0].peer) == ("≥ 0.870 (missed)", "0.776")
    assert lines[1].wanted == "≥ 0.975"
    assert (lines[2].wanted, lines[2].peer, lines[2].source) == ("", "", "")


def test_figures_without_a_target_are_sorted_as_people_sort():
    lines = lines_of("drafts", "x", {"speed@16": 1.0, "speed@2": 1.0, "aurc": 0.1})
    assert [line.figure for line in lines] == ["aurc", "speed@2", "speed@16"]


def test_a_ceiling_is_met_from_below():
    [target] = [one for one in TARGETS if one.figure == "cpu_ms_per_query"]
    assert target.is_met(35)
    assert not target.is_met(35.1)


def test_targets_hold_for_the_whole_and_for_what_nobody_tuned_on():
    assert targets_of("retrieval", "from-issues")
    assert not targets_of("retrieval", "from-issues [tune]")
    assert targets_of("retrieval", "from-issues [measure]") == targets_of(
        "retrieval", "from-issues"
    )
    assert "mcc" in targets_of("abstain", "routing v2__test__curekart_test")
    assert main_figure("abstain", "risk dev-v2.0", {"aurc_by_quote": 0.2}) == (
        "aurc_by_quote",
        0.2,
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.776, "0.776"), (0.0, "0.000"), (940.0, "940"), (12.34, "12.3"), (1216.0, "1,216"),
     (355.4, "355"), (1.0, "1.000")],
)  # fmt: skip
def test_numbers_are_shown_with_enough_digits_to_compare(value, text):
    assert shown(value) == text


def test_a_chart_is_well_formed_and_harmless():
    chart = line_chart([(1, 0.5), (2, 0.7)], title="<script>hit@1", target=0.87)
    root = ET.fromstring(chart)
    assert root.tag.endswith("svg")
    assert "<script>" not in chart
    assert "stroke-dasharray" in chart
    assert ET.fromstring(line_chart([(1, 1)], title="one point")) is not None
    assert line_chart([], title="nothing") == ""


def test_the_report_tells_figures_targets_sources_and_digests(db, tmp_path):
    save_run(
        SuiteResult("abstain", "risk dev-v2.0", DATA, {"code": "abc"}, {"aurc": 0.3},
                    {"risk_coverage": [[0.5, 0.1], [1.0, 0.3]]}),
        started_at=timezone.now(),
        seconds=3,
    )  # fmt: skip
    saved()
    path = tmp_path / "figures.md"
    assert write_report(path, EvaluationRun.objects.newest()) == 2
    page = path.read_text()
    assert "| hit@1 | 0.800 | ≥ 0.870 (missed) | 0.776 | Haystack 3.4" in page
    assert "a.jsonl (abababababab)" in page
    [chart] = tmp_path.glob("*.svg")
    assert chart.name in page


def test_a_report_of_nothing_says_so(db, tmp_path, capsys):
    call_command("evaluate", "report", "--out", str(tmp_path / "figures.md"))
    assert "Nothing has been measured yet" in (tmp_path / "figures.md").read_text()


def test_the_admin_shows_and_changes_nothing(db, rf, mia):
    saved()
    run = saved()
    page = EvaluationRunAdmin(EvaluationRun, admin.site)
    request = rf.get("/")
    request.user = mia
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request, run)
    assert not page.has_delete_permission(request, run)
    assert page.main(run) == "hit@1 0.800"
    assert "<svg" in page.history(run)
    assert "≥ 0.870 (missed)" in page.figures(run)


def test_evaluate_prints_json_and_keeps_a_row(db, hint3_files, capsys, tmp_path):
    train, test = hint3_files
    misses = tmp_path / "misses.jsonl"
    arguments = ["--train", str(train), "--test", str(test), "--misses", str(misses)]
    call_command("evaluate", "abstain", *arguments, "--json", verbosity=0)
    told = json.loads(capsys.readouterr().out)
    run = EvaluationRun.objects.get()
    assert told["metrics"] == run.metrics
    assert told["data_digest"] == run.data_digest
    assert run.kind == "abstain routing curekart_test"
    assert run.data["train"]["name"] == "train.csv"
    assert str(tmp_path) not in json.dumps(run.data)
    assert misses.read_text() == ""


def test_evaluate_prints_a_table_and_can_keep_nothing(db, squad_file, capsys):
    call_command("evaluate", "reader", "--squad", str(squad_file), "--no-save", verbosity=0)
    assert "HasAns_f1" in capsys.readouterr().out
    call_command("evaluate", "abstain", "--squad", str(squad_file), "--no-save", verbosity=0)
    assert "aurc" in capsys.readouterr().out
    assert not EvaluationRun.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["abstain"],
        ["retrieval"],
        ["reader", "--squad", "gone.json"],
        ["abstain", "--train", "gone.csv", "--test", "gone.csv"],
    ],
)
def test_evaluate_says_what_is_missing(db, arguments):
    with pytest.raises(CommandError, match=r"Give --|gone"):
        call_command("evaluate", *arguments, verbosity=0)


def test_measuring_retrieval_inside_a_transaction_is_refused(db, articles_file):
    with pytest.raises(CommandError, match="inside a transaction"):
        call_command(
            "evaluate", "retrieval", "--articles", str(articles_file), "--from-issues",
            verbosity=0,
        )  # fmt: skip
